"""Sixteen people at one review, or at fifty, at once, and what must be true afterwards, read from the tables."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db import OperationalError, connection

from caio_portal.accounts.models import User
from caio_portal.audit.models import AuditEvent
from caio_portal.audit.verification import verify_trail
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance.decisions import FAVOURABLE, Charter, Choice, Seat, Vote, outcome
from governance.models import Approval, Decision, Review, ReviewSeat
from governance.models import Vote as VoteRow
from governance.services.votes import cast_vote, close_at_deadline
from tests.governance.scene import Scene, make_scene

THREADS = 16
SEATS = ("legal", "ciso", *(f"seat{n}" for n in range(10)))
PATIENCE = 60.0  # seconds for one round; a deadlock would take longer


@dataclass
class Plan:
    """One round: who says what, and whether the deadline strikes in the middle."""

    review: Review
    choices: dict[str, Choice]
    second: Choice  # what the member who votes twice says the second time
    strikes_after: float | None


@dataclass
class Report:
    rounds: int = 0
    seconds: float = 0.0
    kept: Counter[int] = field(default_factory=Counter)  # votes that the service said it kept, by review
    refused: Counter[str] = field(default_factory=Counter)
    decided: int = 0  # reviews
    broken: Counter[str] = field(default_factory=Counter)  # what must not be
    latencies: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """The slowest but one in a hundred, in milliseconds."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000


def race(rounds: int, seed: int = 1, reviews: int = 1) -> Report:
    """Run rounds of sixteen threads, each at all REVIEWS in an order of its own; the report says what was broken."""
    dice = random.Random(seed)
    scene = make_scene(SEATS, alternates=False)
    plans = [[_plan(scene, dice) for _ in range(reviews)] for _ in range(rounds)]
    report, lock, start = Report(rounds=rounds), threading.Lock(), threading.Barrier(THREADS)
    threads = [
        threading.Thread(target=_take_part, args=(n, scene, plans, report, lock, start), daemon=True)
        for n in range(THREADS)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * rounds * max(1, reviews / 10))
    report.seconds = time.perf_counter() - begun
    for plan in chain.from_iterable(plans):
        _inspect(plan, report)
    if not verify_trail().whole:
        report.broken["the trail is not whole"] += 1
    return report


def _plan(scene: Scene, dice: random.Random) -> Plan:
    weights = {Choice.APPROVE: 6, Choice.REJECT: 2, Choice.ABSTAIN: 1, Choice.RECUSE: 1}
    said = {name: dice.choices(list(weights), list(weights.values()))[0] for name in SEATS}
    for name in ("legal", "ciso"):
        said[name] = dice.choices([Choice.APPROVE, Choice.REJECT], [8, 1])[0]
    strikes = dice.random() * 0.05 if dice.random() < 0.5 else None
    return Plan(scene.on_vote(), said, dice.choice([Choice.APPROVE, Choice.REJECT]), strikes)


def _take_part(
    number: int, scene: Scene, plans: list[list[Plan]], report: Report, lock: threading.Lock, start: threading.Barrier
) -> None:
    """Threads 0 to 11 hold seats, 12 votes again for one, 13 asked for it, 14 has no seat, 15 is the deadline."""
    try:
        for of_a_round in plans:
            acts = [(plan, _act(number, scene, plan)) for plan in of_a_round]
            random.Random(number).shuffle(acts)
            start.wait(PATIENCE * max(1, len(of_a_round) / 10))
            for plan, act in acts:
                if act:
                    _try(act, plan.review, number < 13, report, lock)
    finally:
        connection.close()


def _act(number: int, scene: Scene, plan: Plan) -> Callable[[], Any] | None:
    review_id = plan.review.pk
    if number == 15:
        return (lambda: _strike(review_id, plan.strikes_after)) if plan.strikes_after is not None else None
    if number in (13, 14):
        who = scene.requester if number == 13 else scene.spare
        return lambda: cast_vote(review_id, Choice.APPROVE, by=_fresh(who))
    name = SEATS[3 if number == 12 else number]
    choice = plan.second if number == 12 else plan.choices[name]
    return lambda: cast_vote(review_id, choice, "Because.", by=_fresh(scene.members[name]))


def _strike(review_id: int, after: float) -> None:
    time.sleep(after)
    with clock.at(clock.now() + timedelta(days=60)):
        close_at_deadline(review_id)


def _try(act: Callable[[], Any], review: Review, votes: bool, report: Report, lock: threading.Lock) -> None:
    begun = time.perf_counter()
    kept, refused, broken = False, "", ""
    try:
        act()
        kept = True
    except NotAllowed as refusal:
        refused = str(refusal)
    except OperationalError as error:
        broken = f"the database gave up: {str(error).splitlines()[0]}"
    except Exception as error:
        broken = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    with lock:
        report.latencies.append(time.perf_counter() - begun)
        report.kept[review.pk] += kept and votes
        report.refused.update(filter(None, [refused]))
        report.broken.update(filter(None, [broken]))


def _inspect(plan: Plan, report: Report) -> None:
    """Whatever happened, this holds."""
    review = Review.objects.get(pk=plan.review.pk)
    rows = list(VoteRow.objects.filter(review=review))
    seats = [Seat(row.seat_id, row.holder_id, row.mandatory) for row in ReviewSeat.objects.filter(review=review)]
    votes = [Vote(row.seat_id, row.number, row.voter_id, Choice(row.choice)) for row in rows]
    holders = {seat.id: seat.holder for seat in seats}
    charter = Charter.model_validate(review.charter)
    now, closing = outcome(charter, seats, votes), outcome(charter, seats, votes, True)
    decision = Decision.objects.filter(review=review).first()
    told = Counter(
        AuditEvent.objects.filter(subject_type="governance.review", subject_id=str(review.pk)).values_list(
            "action", flat=True
        )
    )
    found = {
        "a vote was lost or doubled": len(rows) != report.kept[review.pk],
        "somebody without the seat voted": any(holders[vote.seat] != vote.voter for vote in votes),
        "votes are not numbered in order": any(
            sorted(v.number for v in votes if v.seat == seat.id)
            != list(range(1, 1 + sum(v.seat == seat.id for v in votes)))
            for seat in seats
        ),
        "the trail misses a vote": told["vote.cast"] != len(rows),
        "state and decision differ": (review.state == "decided") != (decision is not None),
        "it is not told exactly once that it was decided": told["review.decided"] != int(decision is not None),
    }
    report.decided += decision is not None
    if decision is None:
        found["a decision is due and missing"] = now.outcome is not None
    else:
        found |= {
            "the decision is not that of the votes": decision.outcome not in (now.outcome, closing.outcome),
            "the tally is not that of the votes": decision.tally["voted"] != now.tally.voted,
            "approval and decision differ": Approval.objects.filter(decision=decision).exists()
            != (decision.outcome in FAVOURABLE),
        }
    report.broken.update(what for what, is_so in found.items() if is_so)


def _fresh(user: User) -> User:
    """The same person as another request would see them: nothing cached."""
    return User.objects.get(pk=user.pk)
