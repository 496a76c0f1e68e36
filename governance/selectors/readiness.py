"""Readiness: required controls that are met with valid evidence, of those required, per framework and unit."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.frameworks import Framework, Item, catalogue
from governance.models import ControlState, EvidenceUse, PolicyException, State
from governance.policy import Control
from governance.policy.evaluation import evaluator
from governance.selectors.policies import policy_in_force
from portfolio.models import UseCase
from portfolio.stages import Stage


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
    """How far the use cases of a unit are, by control; excused controls (not applicable, excepted) do not count."""

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
    use_cases = UseCase.objects.active().visible_to(user).exclude(stage=Stage.RETIRED)
    if unit is not None:
        use_cases = use_cases.filter(unit__path__startswith=unit.path)
    judge = evaluator(policy_in_force())
    rows = list(use_cases.values_list("pk", "facts"))
    met, excused = _pairs(rows)
    required, fulfilled = Counter[str](), Counter[str]()
    for pk, facts in rows:
        for control in judge.control_ids(facts):
            if (pk, control) in excused:
                continue
            required[control] += 1
            fulfilled[control] += (pk, control) in met
    by_control = {control: Share(fulfilled[control], n) for control, n in required.items()}
    return Readiness(len(rows), by_control)


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


def _pairs(rows: list[tuple[int, dict[str, object]]]) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """(use case, control) that are met with valid evidence, and that are excused today."""
    today = clock.today()
    keys = [pk for pk, _ in rows]
    valid = EvidenceUse.objects.filter(control_state=OuterRef("pk"), evidence__withdrawn_at=None).filter(
        Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=today)
    )
    excuse = PolicyException.objects.filter(
        use_case=OuterRef("use_case"), control=OuterRef("control"), ended_at=None, expires_on__gte=today
    )
    states = ControlState.objects.filter(use_case__in=keys)
    met = states.filter(Exists(valid), state=State.MET)
    excused = states.filter(Q(state=State.NOT_APPLICABLE) | Q(Exists(excuse), state=State.EXCEPTED))
    return set(met.values_list("use_case_id", "control")), set(excused.values_list("use_case_id", "control"))
