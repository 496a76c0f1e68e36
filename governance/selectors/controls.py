"""Controls of one use case as its page and its gates show them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from caio_portal.common import clock
from governance.models import ControlState, Evidence, EvidenceUse, PolicyException, State
from governance.policy import Control, Policy, RequiredControl
from governance.policy.evaluation import evaluator
from portfolio.models import UseCase
from portfolio.stages import Stage, rank

# How a state looks: tone of its mark.
TONES = {
    State.NOT_STARTED: "neutral",
    State.IN_PROGRESS: "info",
    State.MET: "good",
    State.NOT_APPLICABLE: "neutral",
    State.EXCEPTED: "warn",
}


@dataclass(frozen=True)
class ControlLine:
    """One control: whether it is required, how far it is, and what shows it."""

    control: Control
    by: Stage | None  # None: not required, but somebody works on it
    certain: bool
    state: State
    reason: str
    today: date
    evidence: tuple[Evidence, ...] = ()
    exception: PolicyException | None = None

    @property
    def valid_evidence(self) -> tuple[Evidence, ...]:
        return tuple(piece for piece in self.evidence if piece.is_valid(self.today))

    @property
    def is_met(self) -> bool:
        """Met, and evidence that is still valid says so."""
        return self.state == State.MET and bool(self.valid_evidence)

    @property
    def is_excused(self) -> bool:
        """Not applicable, or excepted by an exception that is still in force."""
        if self.state == State.NOT_APPLICABLE:
            return True
        return self.state == State.EXCEPTED and self.exception is not None and self.exception.is_in_force(self.today)

    @property
    def passes(self) -> bool:
        return self.is_met or self.is_excused

    @property
    def tone(self) -> str:
        if self.state in (State.MET, State.EXCEPTED) and not self.passes:
            return "bad"
        return TONES[self.state]

    @property
    def words(self) -> str:
        """The state, and what is wrong with it."""
        if self.state == State.MET and not self.valid_evidence:
            return "Met, evidence expired" if self.evidence else "Met, no evidence"
        if self.state == State.EXCEPTED and not self.is_excused:
            return "Exception ended"
        return self.state.label

    @property
    def why(self) -> str:
        """What is missing, in a sentence."""
        if self.passes:
            return ""
        return f"{self.control.id} {self.control.title}: {self.words.lower()}."


@dataclass(frozen=True)
class ControlSheet:
    """All controls of a use case, those required first."""

    lines: tuple[ControlLine, ...] = field(default=())

    @property
    def required(self) -> tuple[ControlLine, ...]:
        return tuple(line for line in self.lines if line.by and line.certain)

    @property
    def possible(self) -> tuple[ControlLine, ...]:
        """Required if an unknown fact turns out so."""
        return tuple(line for line in self.lines if line.by and not line.certain)

    @property
    def others(self) -> tuple[ControlLine, ...]:
        return tuple(line for line in self.lines if line.by is None)

    @property
    def met(self) -> int:
        return sum(line.passes for line in self.required)

    def due_by(self, stage: Stage) -> tuple[ControlLine, ...]:
        """The required controls that a gate to STAGE asks for."""
        return tuple(line for line in self.required if line.by and rank(line.by) <= rank(stage))

    @classmethod
    def of(cls, use_case: UseCase, policy: Policy) -> Self:
        """Three queries: states, evidence, exceptions."""
        wanted = {one.control.id: one for one in _required(use_case, policy)}
        states = {state.control: state for state in ControlState.objects.filter(use_case=use_case)}
        evidence, exceptions = _evidence(use_case), _exceptions(use_case)
        today = clock.today()
        lines = [
            _line(control, wanted.get(control.id), states.get(control.id), evidence, exceptions, today)
            for control in policy.controls
            if control.id in wanted or control.id in states
        ]
        lines.sort(key=lambda line: (line.by is None, not line.certain, rank(line.by), line.control.id))
        return cls(tuple(lines))

    @classmethod
    def line_of(cls, use_case: UseCase, policy: Policy, control: Control) -> ControlLine:
        """One control, required or not."""
        known = next((line for line in cls.of(use_case, policy).lines if line.control.id == control.id), None)
        return known or ControlLine(control, None, False, State.NOT_STARTED, "", clock.today())


def _line(
    control: Control,
    required: RequiredControl | None,
    state: ControlState | None,
    evidence: dict[int, list[Evidence]],
    exceptions: dict[str, PolicyException],
    today: date,
) -> ControlLine:
    return ControlLine(
        control=control,
        by=required.by if required else None,
        certain=required.certain if required else False,
        state=State(state.state) if state else State.NOT_STARTED,
        reason=state.reason if state else "",
        today=today,
        evidence=tuple(evidence.get(state.pk, ())) if state else (),
        exception=exceptions.get(control.id),
    )


def _required(use_case: UseCase, policy: Policy) -> tuple[RequiredControl, ...]:
    judge = evaluator(policy)
    return judge.controls(judge.verdict(use_case.facts).tier, use_case.facts)


def _evidence(use_case: UseCase) -> dict[int, list[Evidence]]:
    uses = EvidenceUse.objects.filter(control_state__use_case=use_case, evidence__withdrawn_at=None)
    found: dict[int, list[Evidence]] = defaultdict(list)
    for use in uses.select_related("evidence__file", "evidence__by").order_by("-evidence_id"):
        found[use.control_state_id].append(use.evidence)
    return found


def _exceptions(use_case: UseCase) -> dict[str, PolicyException]:
    open_ones = PolicyException.objects.filter(use_case=use_case, ended_at=None).exclude(control="")
    return {exception.control: exception for exception in open_ones.select_related("approved_by")}
