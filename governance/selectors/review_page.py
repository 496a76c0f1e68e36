"""Everything that one page needs to decide a review."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from caio_portal.accounts.models import User
from caio_portal.audit.trail import Entry, entries_of
from caio_portal.common import clock
from caio_portal.common.parts import Fact, Step
from governance.business_days import WorkingDays
from governance.decisions import NamedCondition, Result
from governance.models import (
    Approval,
    Comment,
    Condition,
    Conflict,
    Decision,
    Finding,
    Incident,
    Review,
    ReviewSeat,
    ReviewState,
    ReviewStep,
    Severity,
    StepKind,
    Vote,
)
from governance.selectors.approvals import ApprovalView, approval_of
from governance.selectors.arguments import Arguments, Reported, arguments
from governance.selectors.asking import AskedLine, asked_lines
from governance.selectors.calendars import calendar_of
from governance.selectors.comparing import Compared, compared, label, words
from governance.selectors.consequences import Consequence, consequences
from governance.selectors.policies import policy_of
from governance.selectors.precedents import Precedent, precedents
from governance.selectors.review_lines import FindingLine, SeatLine
from governance.selectors.tallies import result_of
from governance.selectors.threads import mentionable
from governance.selectors.tones import OUTCOME_TONES, STATE_TONES
from governance.snapshots import Snapshot, thaw
from portfolio.facts import CATALOGUE
from portfolio.stages import Stage

AFFECTED = (
    "affected_people", "decides_about", "human_involvement", "autonomy", "personal_data", "special_categories",
    "demographic_attributes", "users_expected",
)  # fmt: skip
VALUE = ("purpose", "expected_benefit", "outputs", "spend_per_year")


class ReviewPage:
    """One review as USER sees it; what is not asked for is not read."""

    def __init__(self, review: Review, user: User) -> None:
        self.review, self.user, self.today = review, user, clock.today()

    @cached_property
    def snapshot(self) -> Snapshot:
        return thaw(self.review.snapshot)

    @cached_property
    def functions(self) -> Mapping[str, str]:
        return policy_of(self.review.policy).functions

    @cached_property
    def control_titles(self) -> Mapping[str, str]:
        """The controls of the policy, by their ids."""
        return {control.id: f"{control.id} {control.title}" for control in policy_of(self.review.policy).controls}

    @property
    def state_tone(self) -> str:
        return STATE_TONES[ReviewState(self.review.state)]

    @property
    def stage(self) -> Stage:
        return Stage(self.review.up_to_stage)

    # --- what is asked ---

    @property
    def value(self) -> list[Fact]:
        return self._facts(VALUE)

    @property
    def affected(self) -> list[Fact]:
        return self._facts(AFFECTED)

    @property
    def unknown(self) -> list[str]:
        """The facts for lack of which a graver rule is undecided, in words."""
        return [CATALOGUE[name].label if name in CATALOGUE else name for name in self.snapshot.could_raise_it]

    @cached_property
    def compared(self) -> Compared | None:
        """What differs from what this review looked at before, else from what was decided last; None if neither is."""
        return compared(self.review, self.snapshot)

    @cached_property
    def asking(self) -> list[AskedLine]:
        return asked_lines(self.route, self.functions)

    @property
    def is_partial(self) -> bool:
        """Whether some function is not asked, for nothing in its field is new."""
        return any(line.step.is_spared for line in self.asking)

    # --- what was found, who has voted ---

    @cached_property
    def findings(self) -> list[FindingLine]:
        rows = Finding.objects.filter(review=self.review).select_related("user").order_by("reported_at", "pk")
        lines = [
            FindingLine(
                f, self.functions.get(f.function, f.function),
                self.control_titles.get(f.control, f.control), f.snapshot_hash != self.review.snapshot_hash,
                [remark for remark in self._remarks if remark.anchor == f"finding-{f.pk}"],
            )
            for f in rows
        ]  # fmt: skip
        gravest = list(reversed(Severity.values))
        return sorted(lines, key=lambda line: (line.is_older, gravest.index(line.finding.severity)))

    @cached_property
    def votes(self) -> list[Vote]:
        rows = Vote.objects.filter(review=self.review).select_related("voter", "seat")
        return list(rows.order_by("cast_at", "seat_id", "number"))

    @cached_property
    def seats(self) -> list[SeatLine]:
        rows = ReviewSeat.objects.filter(review=self.review).select_related("seat", "holder", "seat__alternate")
        last_first = list(reversed(self.votes))
        return [
            SeatLine(row, [vote for vote in last_first if vote.seat_id == row.seat_id], self.review.is_open)
            for row in sorted(rows, key=lambda row: (not row.mandatory, row.seat_id))
        ]

    @cached_property
    def result(self) -> Result | None:
        """What the votes amount to so far; None if nobody votes on this review."""
        return result_of(self.review) if self.seats else None

    @cached_property
    def named_conditions(self) -> list[NamedCondition]:
        """The conditions that votes have named, each once."""
        found = [NamedCondition.model_validate(c) for vote in self.votes for c in vote.conditions]
        return list({condition.key: condition for condition in found}.values())

    @cached_property
    def my_conflict(self) -> Conflict | None:
        """What this person has declared that touches the use case."""
        return Conflict.objects.of(self.user, self.review.use_case) if self.review.is_open else None

    @cached_property
    def my_seat(self) -> SeatLine | None:
        return next((line for line in self.seats if line.seat.holder_id == self.user.pk), None)

    # --- what helps to decide ---

    @cached_property
    def arguments(self) -> Arguments:
        now = [line for line in self.findings if not line.is_older]
        reported = [Reported(line.function, line.finding.severity, line.finding.text) for line in now]
        incidents = Incident.objects.filter(use_case_links__use_case=self.review.use_case_id, resolved_at=None)
        return arguments(self.snapshot, reported, incidents.count() if self.review.is_open else 0)

    @cached_property
    def precedents(self) -> list[Precedent]:
        return precedents(self.review, self.snapshot.facts, self.user)

    @cached_property
    def standing(self) -> ApprovalView | None:
        """The approval that the use case has now."""
        return approval_of(self.review.use_case)

    @property
    def consequences(self) -> tuple[Consequence, ...]:
        tier = policy_of(self.review.policy).tier(self.review.tier)
        return consequences(
            self.review,
            self.snapshot,
            tier,
            self.named_conditions,
            self.today,
            self.calendar,
            has_approval=self.standing is not None,
        )

    @cached_property
    def calendar(self) -> WorkingDays:
        """By which its clocks go."""
        return calendar_of(self.review.use_case.unit)

    # --- what was decided ---

    @cached_property
    def decision(self) -> Decision | None:
        return Decision.objects.filter(review=self.review).select_related("decided_by").first()

    @property
    def outcome_tone(self) -> str:
        return OUTCOME_TONES[self.decision.outcome] if self.decision else "neutral"

    @cached_property
    def approval(self) -> Approval | None:
        return Approval.objects.filter(decision_id=self.review.pk).first() if self.decision else None

    @cached_property
    def conditions(self) -> list[Condition]:
        if not self.decision:
            return []
        return list(Condition.objects.filter(decision=self.decision).select_related("owner", "evidence"))

    # --- how far it is ---

    @cached_property
    def route(self) -> list[ReviewStep]:
        steps = self.review.steps.select_related("nothing_new_since")
        return list(steps.defer("nothing_new_since__snapshot", "nothing_new_since__charter"))

    @property
    def steps(self) -> list[Step]:
        return [self._step(step) for step in self.route]

    @property
    def comments(self) -> list[Comment]:
        """The remarks that belong to no finding."""
        return [remark for remark in self._remarks if not remark.anchor]

    @cached_property
    def names(self) -> list[str]:
        """Whom one may name in a remark."""
        return [user.name for user in mentionable(self.review) if user.pk != self.user.pk]

    @cached_property
    def _remarks(self) -> list[Comment]:
        label, key = Review._meta.label_lower, str(self.review.pk)
        return list(Comment.objects.filter(subject_type=label, subject_id=key).select_related("by").order_by("at"))

    @cached_property
    def history(self) -> list[Entry]:
        return entries_of(self.review, limit=60)

    def running(self, *kinds: StepKind) -> list[ReviewStep]:
        return [step for step in self.route if step.is_running and step.kind in kinds]

    def _step(self, step: ReviewStep) -> Step:
        name = self.functions.get(step.function, step.function)
        label = f"{step.get_kind_display()}: {name}" if name else step.get_kind_display()
        if step.nothing_new_since:
            return Step(label, "skipped", f"Not asked: nothing new in its field since {step.nothing_new_since.ref}")
        if step.finished_at:
            return Step(label, "done", f"{step.finished_at:%-d %B %Y}")
        if self.review.closed_at:
            return Step(label, "blocked", "Not reached")
        if not step.started_at:
            return Step(label, "todo", f"{step.days} business days")
        if self.review.returned_at:
            return Step(label, "current", "The clock is stopped")
        word = "Overdue since" if step.due_on < self.today else "Due"
        return Step(label, "current", f"{word} {step.due_on:%-d %B %Y}")

    def _facts(self, names: Sequence[str]) -> list[Fact]:
        known = self.snapshot.facts
        return [Fact(label(name), words(name, known[name])) for name in names if name in known]
