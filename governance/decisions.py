"""From votes to an outcome: pure functions, no query, no clock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import TextChoices
from pydantic import Field

from caio_portal.common.records import Record
from governance.business_days import WorkingDays


class Choice(TextChoices):
    APPROVE = "approve", "Approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
    REJECT = "reject", "Reject"
    ABSTAIN = "abstain", "Abstain"
    RECUSE = "recuse", "Recuse"


class Outcome(TextChoices):
    APPROVED = "approved", "Approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions", "Approved with conditions"
    REJECTED = "rejected", "Rejected"
    DEFERRED = "deferred", "Deferred"
    PROHIBITED = "refused_as_prohibited", "Refused as prohibited"


APPROVING = frozenset({Choice.APPROVE, Choice.APPROVE_WITH_CONDITIONS})
FAVOURABLE = frozenset({Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS})


class Charter(Record):
    """How a council decides. Shares are of the eligible seats and must be exceeded; conditions must reach theirs."""

    quorum_share: Fraction = Field(default=Fraction(1, 2), ge=0, lt=1)
    quorum_minimum: int = Field(default=3, ge=2)
    approval_share: Fraction = Field(default=Fraction(1, 2), ge=Fraction(1, 2), lt=1)
    condition_share: Fraction = Field(default=Fraction(1, 2), gt=0, le=1)


class NamedCondition(Record):
    """A duty that a vote asks for; equal texts, whatever their case and spacing, are one condition."""

    text: str = Field(min_length=1, max_length=500)
    due_in_days: int = Field(default=90, ge=1, le=1825)

    @property
    def key(self) -> str:
        return " ".join(self.text.split()).casefold()

    def due_on(self, decided: date, calendar: WorkingDays) -> date:
        """The day by which it is met: a business day, so never one on which its owner is off."""
        return calendar.at_or_after(decided + timedelta(days=self.due_in_days))


@dataclass(frozen=True, slots=True)
class Seat:
    id: int
    holder: int | None
    mandatory: bool = False
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"Seat {self.id}"


@dataclass(frozen=True, slots=True)
class Vote:
    seat: int
    number: int
    voter: int
    choice: Choice
    conditions: tuple[NamedCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted; `outstanding` and `missing` hold the numbers of seats."""

    seats: int
    eligible: int
    voted: int
    approvals: int
    rejections: int
    abstentions: int
    recusals: int
    quorum: bool
    outstanding: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome | None
    tally: Tally
    conditions: tuple[NamedCondition, ...] = ()
    reasons: tuple[str, ...] = ()


def outcome(charter: Charter, seats: Sequence[Seat], votes: Iterable[Vote], closing: bool = False) -> Result:
    """The outcome that the votes give, or None while an outstanding vote can still change it.

    A seat speaks by the last vote of its present holder. An optional seat that recuses is out; a mandatory one
    stays outstanding until somebody else holds it. At the deadline (`closing`) nobody else will vote.
    """
    last = _last_votes(seats, votes)
    tally = _tally(charter, seats, last)
    binding = _binding(charter, seats, last)
    value, reasons = _judged(charter, seats, last, tally, binding, closing)
    if closing and value is None:
        value, reasons = Outcome.DEFERRED, (*reasons, "The deadline passed without a result.")
    return Result(value, tally, binding if value in FAVOURABLE else (), reasons)


def _judged(
    charter: Charter,
    seats: Sequence[Seat],
    last: Mapping[int, Vote],
    tally: Tally,
    binding: Sequence[NamedCondition],
    closing: bool,
) -> tuple[Outcome | None, tuple[str, ...]]:
    """The outcome and why; None while something is missing."""
    blockers = [seat for seat in seats if seat.mandatory and seat.id in last and last[seat.id].choice not in APPROVING]
    approvals, left = tally.approvals, len(tally.outstanding)
    if not tally.quorum:
        return None, (_quorum_sentence(charter, tally),)
    if blockers:
        return Outcome.REJECTED, tuple(_blocker_sentence(seat, last[seat.id]) for seat in blockers)
    if not _carries(charter, approvals + left, tally.eligible):
        return Outcome.REJECTED, (f"{_of(tally)}: approval can no longer be reached.",)
    if tally.missing:
        return None, tuple(f"{seat} has not voted, and must." for seat in seats if seat.id in tally.missing)
    if not _carries(charter, approvals, tally.eligible):
        return None, (f"{_of(tally)}; more than {_share(charter.approval_share)} are needed.",)
    if not closing and _conditions_open(charter, tally, seats, last, bool(binding)):
        return None, ("Approved, but votes to come decide whether a condition binds.",)
    favourable = Outcome.APPROVED_WITH_CONDITIONS if binding else Outcome.APPROVED
    return favourable, (f"{_of(tally)}, among them every mandatory seat.",)


def _last_votes(seats: Sequence[Seat], votes: Iterable[Vote]) -> dict[int, Vote]:
    """Who counts: the last vote of each seat's holder, without a mandatory seat's recusal, which is never skipped."""
    by_id = {seat.id: seat for seat in seats}
    last: dict[int, Vote] = {}
    for vote in sorted(votes, key=lambda vote: vote.number):
        if vote.seat not in by_id:
            raise ValueError(f"A vote names seat {vote.seat}, which is not a seat of this review.")
        if vote.voter == by_id[vote.seat].holder:
            last[vote.seat] = vote
    return {key: v for key, v in last.items() if not (by_id[key].mandatory and v.choice == Choice.RECUSE)}


def _tally(charter: Charter, seats: Sequence[Seat], last: Mapping[int, Vote]) -> Tally:
    counted = Counter(vote.choice for vote in last.values())
    recusals = counted.pop(Choice.RECUSE, 0)
    eligible, voted = len(seats) - recusals, counted.total()
    return Tally(
        seats=len(seats),
        eligible=eligible,
        voted=voted,
        approvals=sum(counted[choice] for choice in APPROVING),
        rejections=counted[Choice.REJECT],
        abstentions=counted[Choice.ABSTAIN],
        recusals=recusals,
        quorum=voted >= charter.quorum_minimum and voted > charter.quorum_share * eligible,
        outstanding=tuple(sorted(seat.id for seat in seats if seat.id not in last)),
        missing=tuple(sorted(seat.id for seat in seats if seat.mandatory and seat.id not in last)),
    )


def _carries(charter: Charter, approvals: int, eligible: int) -> bool:
    return approvals > charter.approval_share * eligible


def _binding(charter: Charter, seats: Sequence[Seat], last: Mapping[int, Vote]) -> tuple[NamedCondition, ...]:
    """The conditions that bind by the votes cast; of equal ones the earliest day counts."""
    named, sure = _named(seats, last)
    approvals = sum(vote.choice in APPROVING for vote in last.values())
    bound = (key for key in named if key in sure or len(named[key]) >= charter.condition_share * approvals)
    return tuple(min(named[key], key=lambda c: (c.due_in_days, c.text)) for key in sorted(bound))


def _named(seats: Sequence[Seat], last: Mapping[int, Vote]) -> tuple[dict[str, list[NamedCondition]], set[str]]:
    """Conditions by key, once per approving vote; and the keys that a mandatory seat names."""
    named: dict[str, list[NamedCondition]] = {}
    sure: set[str] = set()
    mandatory = {seat.id for seat in seats if seat.mandatory}
    for vote in last.values():
        if vote.choice != Choice.APPROVE_WITH_CONDITIONS:
            continue
        for key, condition in {condition.key: condition for condition in vote.conditions}.items():
            named.setdefault(key, []).append(condition)
            if vote.seat in mandatory:
                sure.add(key)
    return named, sure


def _conditions_open(
    charter: Charter, tally: Tally, seats: Sequence[Seat], last: Mapping[int, Vote], binds: bool
) -> bool:
    """Whether outstanding approvals could still turn approved into approved with conditions, or back.

    The extremes suffice: all of them name the condition that most have named, or none of them names any.
    """
    named, sure = _named(seats, last)
    if sure:
        return False
    most = max(map(len, named.values()), default=0)
    left = len(tally.outstanding)
    threshold = charter.condition_share * (tally.approvals + left)
    return most < threshold if binds else left > 0 and most + left >= threshold


def _of(tally: Tally) -> str:
    return f"{tally.approvals} of {tally.eligible} eligible seats approve"


def _share(share: Fraction) -> str:
    return "half" if share == Fraction(1, 2) else f"{share.numerator} of {share.denominator}"


def _quorum_sentence(charter: Charter, tally: Tally) -> str:
    needed = max(charter.quorum_minimum, int(charter.quorum_share * tally.eligible) + 1)
    return f"{tally.voted} of {tally.eligible} eligible seats have voted; quorum needs {needed}."


def _blocker_sentence(seat: Seat, vote: Vote) -> str:
    said = "rejects" if vote.choice == Choice.REJECT else "abstains"
    return f"{seat} is mandatory and {said}: nothing is approved without its approval."
