"""What the pages of use cases ask the apps above: their shapes, and where those apps answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import CharField, Q, QuerySet
from django.db.models.expressions import Combinable, Value

from caio_portal.common import clock
from caio_portal.common.parts import Step
from caio_portal.common.ports import Port
from portfolio.stages import Stage

if TYPE_CHECKING:
    from caio_portal.accounts.models import User
    from portfolio.models import Submission, UseCase

Tone = Literal["good", "warn", "bad", "info", "neutral"]


@dataclass(frozen=True)
class Reason:
    """Why a use case is in at least a tier: the rule's sentence and its reference."""

    text: str
    reference: str
    tier: int


@dataclass(frozen=True)
class ControlAhead:
    """A control that the policy would ask for, and the stage by which."""

    key: str
    title: str
    stage: Stage


@dataclass(frozen=True)
class Usual:
    """What a thing usually took of late, in days: the median, and within how many four of five were done."""

    median: int
    most: int
    of: int  # how many this is known from


@dataclass(frozen=True)
class RouteStep:
    """One step on the way to a decision, with its clock in business days; what it usually took, once that is known."""

    label: str
    days: int
    usual: Usual | None = None


@dataclass(frozen=True)
class Preview:
    """What the policy in force makes of a set of facts. A ceiling above the tier makes the tier provisional."""

    tier: int | None
    ceiling: int | None
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()  # facts that are unknown and could raise the tier
    controls: tuple[ControlAhead, ...] = ()
    route: tuple[RouteStep, ...] = ()
    days: int | None = None  # business days to a decision, as its clocks allow
    usual: Usual | None = None  # business days that it took others on this route, of late

    @property
    def provisional(self) -> bool:
        return self.tier is None or (self.ceiling or 0) > self.tier


@dataclass(frozen=True)
class Requirement:
    """One line of a gate's checklist; `met` is None while it cannot be told, `why` says what is missing.

    `url` leads to where that is put right, `exception_url` to where somebody is excused from it for a time.
    """

    key: str
    text: str
    met: bool | None
    why: str = ""
    url: str = ""
    exception_url: str = ""


@dataclass(frozen=True)
class Checklist:
    """The gate to a stage."""

    to: Stage
    requirements: tuple[Requirement, ...]

    @property
    def met(self) -> int:
        return sum(1 for requirement in self.requirements if requirement.met)

    @property
    def passed(self) -> bool:
        return all(requirement.met for requirement in self.requirements)


@dataclass(frozen=True)
class Standing:
    """Where a use case stands with those who decide: its review, its approval, what is overdue."""

    label: str
    text: str
    tone: Tone = "neutral"
    url: str = ""


@dataclass(frozen=True)
class ApprovalState:
    """One way in which the approval of a use case can stand."""

    key: str
    label: str
    tone: Tone

    @property
    def words(self) -> str:
        """Where nothing else says that it is the approval."""
        return f"Approval {self.label.lower()}"


@dataclass(frozen=True)
class ApprovalStates:
    """How approvals stand, as lists show them and filter by them."""

    states: tuple[ApprovalState, ...]
    of_row: Callable[[], Combinable]  # the key of the state of each use case of a query; null without an approval
    having: Callable[[Sequence[str]], Q]  # the use cases whose approval stands in any of these ways

    def of(self, key: str | None) -> ApprovalState | None:
        return next((state for state in self.states if state.key == key), None)


@dataclass(frozen=True)
class Whereabouts:
    """Where the open review of a use case is: whose turn it is, its steps, and how long this usually takes."""

    ref: str
    url: str
    steps: tuple[Step, ...]
    turn: tuple[str, ...]  # the names of those who are asked now
    opened_at: datetime
    days: int  # business days so far, without those that it lay with its team
    returned: str | None = None  # why it lies with its team; None while it does not
    due_on: date | None = None
    usual: Usual | None = None  # business days to the decision of others on its route; None for too few
    planned: int | None = None  # business days that the clocks of its route allow

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < clock.today()


@dataclass(frozen=True)
class UseCaseTab:
    """A further page of a dossier; its context is made only when somebody opens it."""

    key: str
    title: str
    template: str
    context: Callable[[], Mapping[str, Any]]
    count: int | None = None
    position: int = 50


@dataclass(frozen=True)
class Document:
    """Something written about a use case: a file that is kept, or a page elsewhere."""

    title: str
    kind: str  # in words: evidence, answer, model card
    url: str
    at: datetime | None = None
    by: str = ""
    note: str = ""
    is_old: bool = False  # withdrawn, or past its last day


documents: "Port[[UseCase, User], Sequence[Document]]" = Port("documents")
use_case_tabs: "Port[[UseCase, User], Sequence[UseCaseTab]]" = Port("use_case_tabs")
standing: "Port[[UseCase, User], Sequence[Standing]]" = Port("standing")
whereabouts: "Port[[UseCase, User], Whereabouts | None]" = Port("whereabouts")
preview: "Port[[Mapping[str, Any], str | None], Preview]" = Port("preview")
previewer: "Port[[], Callable[[Mapping[str, Any]], Preview]]" = Port("previewer")  # for many sets of facts in a row
gate: "Port[[UseCase, Stage], Checklist]" = Port("gate")
_NO_APPROVALS = ApprovalStates((), lambda: Value(None, CharField(null=True)), lambda keys: Q(pk__in=[]))
approval_states: "Port[[], ApprovalStates]" = Port("approval_states")
approved_ids: "Port[[], QuerySet[Any]]" = Port("approved_ids")

# Called in the transaction of the writer. The provider of facts_changed writes tier, tier_provisional and
# material_hash on the rows and on the objects, which are saved and hold their new facts: one or thousands.
facts_changed: "Port[[Sequence[UseCase], User | None], None]" = Port("facts_changed")
submitted: "Port[[Submission, User], None]" = Port("submitted")
move: "Port[[int, Stage, User, str], Any]" = Port("move")
retired: "Port[[int, User], None]" = Port("retired")
withdraw: "Port[[int, User, str], Any]" = Port("withdraw")


def how_approvals_stand() -> ApprovalStates:
    """Nobody's approval is known as long as nobody grants any."""
    return next(iter(approval_states.ask_all()), _NO_APPROVALS)


def where_it_stands(use_case: "UseCase", user: "User") -> Whereabouts | None:
    """The open review, None if there is none."""
    return next(iter(whereabouts.ask_all(use_case, user)), None)


def is_returned(use_case: "UseCase", user: "User") -> bool:
    """Whether its open review waits for its team."""
    where = where_it_stands(use_case, user)
    return where is not None and where.returned is not None


def look_ahead(facts: Mapping[str, Any], stage: str | None) -> Preview:
    """The preview, or an empty one as long as no policy is installed."""
    return next(iter(preview.ask_all(facts, stage)), Preview(None, None))


def looks_ahead() -> Callable[[Mapping[str, Any]], Preview]:
    """A function that previews one set of facts after another, all under the policy that is in force now."""
    return next(iter(previewer.ask_all()), lambda facts: Preview(None, None))


def checklist(use_case: "UseCase", to: Stage) -> Checklist:
    """The gate to a stage; without anybody who keeps gates it asks for nothing."""
    return next(iter(gate.ask_all(use_case, to)), Checklist(to, ()))
