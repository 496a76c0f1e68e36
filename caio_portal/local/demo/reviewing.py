"""The reviews: submitted, examined, voted on, decided; renewed when an approval runs out."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.meetings import Sittings
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.timeline import Timeline
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import Cause, Review, ReviewSeat, ReviewStep, Severity, StepKind
from governance.selectors.calendars import calendar_of
from governance.services import approvals, reviews, votes
from portfolio import services as portfolio

RENEWAL_MONTHS = 11
CONDITIONS = (
    ("Test for unequal error rates between groups and report it to the council.", 60),
    ("Publish a notice that tells customers how the system is used and how to object.", 45),
    ("Monitor the share of overridden proposals every week, and stop at ten percent.", 30),
    ("Agree an exit plan with the supplier.", 120),
    ("Train everybody who confirms proposals, and repeat it every year.", 90),
)
OBJECTIONS = {
    "legal": "The legal basis is sound; the notice to those affected must name the right to object.",
    "ciso": "Access is limited and logged. Prompt injection was tested; two findings are closed.",
    "privacy": "The impact assessment is complete. Keep records for no longer than the register says.",
    "data": "Sources are documented; quality is measured every month.",
    "architecture": "It fits the standard pattern; a rollback takes less than an hour.",
    "finance": "The business case holds at half of the claimed benefit.",
}
REASONS = {
    Choice.APPROVE: (
        "The controls fit the risk.",
        "Tested, monitored, reversible.",
        "The benefit is clear and measured.",
    ),
    Choice.REJECT: ("Nobody is in the loop when it refuses: that cannot be repaired by controls.",),
    Choice.ABSTAIN: ("I took part in the pilot's design and leave it to the others.",),
}


@dataclass
class Reviewing:
    """How the reviews of one use case go."""

    telling: Telling
    timeline: Timeline
    company: Company
    sittings: Sittings
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.telling.title)

    # --- Submission ---------------------------------------------------------------------------------------------

    def submit(self) -> None:
        use_case = self.telling.row
        portfolio.submit_use_case(use_case.pk, by=self.telling.requester)
        self.follow(Review.objects.filter(use_case=use_case).latest("pk"), self.telling.written["review"])

    def renew(self) -> None:
        """The office opens another review before the approval runs out; who is late is reviewed later."""
        use_case = self.telling.row
        if use_case.stage == "retired" or Review.objects.filter(use_case=use_case, closed_at=None).exists():
            return
        review = reviews.open_review(use_case.pk, by=self.company.person("office"), cause=Cause.INTERVAL)
        written = self.telling.written
        kind = "conditions" if written["review"] == "conditions" and self.dice.random() < 0.4 else "approved"
        self.follow(review, written.get("renewal", kind))

    # --- What happens to it -------------------------------------------------------------------------------------

    def follow(self, review: Review, kind: str) -> None:
        """Plan what comes after the opening; a review that the policy closes at once needs nothing."""
        review.refresh_from_db()
        if review.closed_at:
            return
        self.later(review, self.days(2, 5), partial(self.look, kind))

    def look(self, kind: str, review: Review) -> None:
        """Whoever has the next step takes it."""
        running = [step for step in review.steps.order_by("position") if step.is_running]
        if not running:
            return
        acts: dict[str, Callable[[str, Review, list[ReviewStep]], None]] = {
            StepKind.APPROVE: self.approve, StepKind.EXAMINE: self.examine, StepKind.VOTE: self.vote,
            StepKind.ACCEPT_RISK: self.accept,
        }  # fmt: skip
        acts[running[0].kind](kind, review, running)

    def examine(self, kind: str, review: Review, running: list[ReviewStep]) -> None:
        if kind == "returned":
            by = self.company.person("legal")
            reviews.return_review(
                review.pk, "Say who may object, how, and who answers; and attach the impact assessment.", by=by
            )
            return
        if kind == "withdrawn":
            reviews.withdraw_review(review.pk, "The team stops the experiment.", by=self.telling.requester)
            return
        step = running[0]
        severity = Severity.BLOCKING if kind == "rejected" and step.function == "legal" else Severity.MINOR
        if kind in ("approved", "conditions") and self.dice.random() < 0.5:
            severity = Severity.NONE
        text = "It decides alone and against people." if severity == Severity.BLOCKING else OBJECTIONS[step.function]
        reviews.report_finding(review.pk, step.function, severity, text, by=self.reviewer(step.function))
        if kind == "open":
            return
        self.later(review, self.days(1, 4), partial(self.look, kind))

    def approve(self, kind: str, review: Review, running: list[ReviewStep]) -> None:
        if kind == "open":
            return
        by = self.company.person("office")
        if kind == "returned":
            reviews.return_review(review.pk, "Name the person who checks the summaries, and how.", by=by)
        elif kind == "withdrawn":
            reviews.withdraw_review(review.pk, "The team stops the experiment.", by=self.telling.requester)
        elif kind == "conditions":
            approvals.decide_single(
                review.pk, Outcome.APPROVED_WITH_CONDITIONS, "Fit for use once the condition is met.",
                self.conditions(), by=by,
            )  # fmt: skip
        else:
            approvals.decide_single(review.pk, Outcome.APPROVED, "Known pattern, low stakes, controls in place.", by=by)

    def vote(self, kind: str, review: Review, running: list[ReviewStep]) -> None:
        seats = list(ReviewSeat.objects.filter(review=review).select_related("seat").order_by("seat_id"))
        self.dice.shuffle(seats)
        wanted = {"ready": 2, "deferred": 2}.get(kind, len(seats))
        begins = self.sittings.sit(review, waits=kind == "ready")
        for number, seat in enumerate(seats[:wanted]):
            act = partial(self.cast, kind, seat.seat_id)
            if begins:
                self.timeline.add(begins + timedelta(minutes=10 + 7 * number), partial(self.again, review.pk, act))
            else:
                self.later(review, number * self.days(0, 1), act)
        if kind == "deferred":
            self.timeline.add(clock.now() + timedelta(days=12), partial(votes.close_at_deadline, review.pk))
        if any(step.kind == StepKind.ACCEPT_RISK for step in review.steps.all()):
            self.later(review, len(seats) + 3, partial(self.look, kind))

    def cast(self, kind: str, seat_id: int, review: Review) -> None:
        if review.closed_at or not any(step.is_running and step.kind == StepKind.VOTE for step in review.steps.all()):
            return
        seat = ReviewSeat.objects.select_related("seat", "holder").get(review=review, seat_id=seat_id)
        choice = self.choice(kind, seat)
        if choice != Choice.APPROVE:
            self.sittings.discuss(review)
        named = self.conditions() if choice == Choice.APPROVE_WITH_CONDITIONS else ()
        reason = self.dice.choice(REASONS.get(choice, ("Acceptable on this condition.",)))
        assert seat.holder
        votes.cast_vote(review.pk, choice, reason, named, by=seat.holder, snapshot_hash=review.snapshot_hash)

    def accept(self, kind: str, review: Review, running: list[ReviewStep]) -> None:
        by = self.company.person("executive")
        approvals.accept_risk(
            review.pk, True, "The damage prevented outweighs what remains; we review it in half a year.", by=by
        )

    # --- Details ------------------------------------------------------------------------------------------------

    def choice(self, kind: str, seat: ReviewSeat) -> Choice:
        if kind == "rejected":
            return Choice.REJECT if seat.mandatory else Choice.ABSTAIN
        if kind == "conditions" and seat.mandatory:
            return Choice.APPROVE_WITH_CONDITIONS
        if kind == "deferred":
            return Choice.ABSTAIN
        return Choice.ABSTAIN if not seat.mandatory and self.dice.random() < 0.12 else Choice.APPROVE

    def conditions(self) -> tuple[NamedCondition, ...]:
        """The same for every seat that asks in one review, so that they bind together."""
        text, days = CONDITIONS[random.Random(self.telling.title + "condition").randrange(len(CONDITIONS))]
        return (NamedCondition(text=text, due_in_days=days),)

    def reviewer(self, function: str) -> User:
        keys = {"legal": "legal", "ciso": "ciso", "privacy": "member2", "data": "member1", "architecture": "architect",
                "finance": "controller"}  # fmt: skip
        return self.company.person(keys[function])

    def days(self, least: int, most: int) -> int:
        """Business days that people take; two years ago they took twice as long."""
        age = (self.timeline.ends - clock.now()).days / 730
        return round(self.dice.randint(least, most) * (1 + age))

    def later(self, review: Review, days: int, act: Callable[[Review], object]) -> None:
        """Do something to the review, as it stands then, DAYS business days from now."""
        day = calendar_of(review.use_case.unit).add(clock.today(), days)
        moment = datetime.combine(day, clock.now().timetz()) + timedelta(minutes=self.dice.randint(5, 50))
        self.timeline.add(moment, partial(self.again, review.pk, act))

    def again(self, review_id: int, act: Callable[[Review], object]) -> None:
        """Do something to a review as it stands by then."""
        act(Review.objects.get(pk=review_id))


def tell(timeline: Timeline, tellings: list[Telling], company: Company) -> None:
    sittings = Sittings(timeline, company)
    for telling in tellings:
        reviewing, written = Reviewing(telling, timeline, company, sittings), telling.written
        if written["review"] == "none":
            continue
        pending = written["review"] in ("open", "ready", "returned")
        month = max(written["registered"], -1) if pending else written["registered"]
        part = {"open": 1.0, "ready": 0.9, "returned": 0.45}.get(written["review"], 0.4)
        submitted = telling.moment(-(written["review"] == "ready") if pending else month, part)
        timeline.add(submitted, reviewing.submit)
        if written["review"] in ("approved", "conditions"):
            for again in written.get("renewals", range(month + RENEWAL_MONTHS, 1, RENEWAL_MONTHS)):
                part = 0.6 if "renewals" in written else 0.3
                timeline.add(telling.moment(again, part), reviewing.renew)
