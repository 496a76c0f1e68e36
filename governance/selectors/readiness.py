"""Readiness: required controls that are met with valid evidence, of those required, per framework and unit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.frameworks import Framework, Item, catalogue
from governance.models import ControlState, EvidenceUse, PolicyException, State
from governance.policy import Control
from governance.policy.evaluation import Evaluator, evaluator
from governance.selectors.policies import policy_in_force
from portfolio.models import UseCase
from portfolio.stages import Stage, rank

COUNTED = (Stage.PILOT, Stage.PRODUCTION)
Required = tuple[int, str]  # a use case's key and a control's id


@dataclass(frozen=True)
class Share:
    """So many met of so many required: sums, so that units and frameworks can be added up."""

    met: int = 0
    required: int = 0

    @property
    def ratio(self) -> float | None:
        return self.met / self.required if self.required else None

    @property
    def percent(self) -> float:
        """From 0 to 100, for a bar."""
        return 100 * (self.ratio or 0)


@dataclass(frozen=True)
class Readiness:
    """How far the use cases of a unit are, by control."""

    use_cases: int
    by_control: dict[str, Share]

    def of(self, framework: Framework) -> Share:
        """The share of those controls that answer the framework."""
        return total(self.by_control.get(control, Share()) for control in framework.controls)

    @property
    def overall(self) -> Share:
        return total(self.by_control.values())


@dataclass(frozen=True)
class ItemLine:
    """An item of a framework, and how far the controls that answer it are."""

    item: Item
    controls: tuple[tuple[Control, Share], ...]
    share: Share


def total(shares: Iterable[Share]) -> Share:
    listed = list(shares)
    return Share(sum(share.met for share in listed), sum(share.required for share in listed))


def readiness(user: User, unit: OrgUnit | None = None) -> Readiness:
    """Readiness of the use cases that a person may see, of one unit and those below it if one is named."""
    use_cases = UseCase.objects.active().visible_to(user).filter(stage__in=COUNTED)
    if unit is not None:
        use_cases = use_cases.filter(unit__path__startswith=unit.path)
    rows = list(use_cases.only("pk", "stage", "facts"))
    on = clock.today()
    held = PolicyException.objects.filter(use_case__in=rows, ended_at=None, expires_on__gte=on).exclude(control="")
    return measured(rows, evaluator(policy_in_force()), on, set(held.values_list("use_case_id", "control")))


def measured(use_cases: Sequence[UseCase], judge: Evaluator, on: date, excepted: AbstractSet[Required]) -> Readiness:
    """Met ÷ required, by control, of the use cases in pilot or production (others are left out).

    Required is what the policy asks for by the stage reached, less what is agreed not to apply; met is what has
    evidence valid on the day, or an exception in force. The KPI `regulatory_readiness` and every briefing count alike.
    """
    counted = [use_case for use_case in use_cases if use_case.stage in COUNTED]
    out, met = _states([use_case.pk for use_case in counted], on)
    due = [pair for use_case in counted for pair in _due(judge, use_case) if pair not in out]
    required = Counter(control for _, control in due)
    fulfilled = Counter(control for key, control in due if (key, control) in met or (key, control) in excepted)
    return Readiness(len(counted), {control: Share(fulfilled[control], n) for control, n in required.items()})


def _due(judge: Evaluator, use_case: UseCase) -> Iterator[Required]:
    reached = rank(use_case.stage)
    return ((use_case.pk, control) for control, by in judge.certain_controls(use_case.facts) if rank(by) <= reached)


def _states(keys: list[int], on: date) -> tuple[set[Required], set[Required]]:
    """What is agreed not to apply, and what is met with evidence that is valid on the day."""
    counts = Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=on)
    proof = EvidenceUse.objects.filter(counts, control_state=OuterRef("pk"), evidence__withdrawn_at=None)
    rows = ControlState.objects.filter(use_case__in=keys, state__in=(State.NOT_APPLICABLE, State.MET))
    found = list(rows.annotate(proven=Exists(proof)).values_list("use_case_id", "control", "state", "proven"))
    out = {(key, control) for key, control, state, _ in found if state == State.NOT_APPLICABLE}
    return out, {(key, control) for key, control, state, proven in found if state == State.MET and proven}


def by_framework(found: Readiness) -> list[tuple[Framework, Share]]:
    """Every framework with what its controls come to, in the catalogue's order."""
    return [(framework, found.of(framework)) for framework in catalogue().frameworks]


def item_lines(framework: Framework, found: Readiness) -> list[ItemLine]:
    """The items of a framework with their controls."""
    policy, lines = policy_in_force(), []
    for item in framework.items:
        pairs = tuple((policy.control(name), found.by_control.get(name, Share())) for name in item.controls)
        lines.append(ItemLine(item, pairs, total(share for _, share in pairs)))
    return lines
