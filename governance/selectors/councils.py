"""Councils and meetings as their pages show them."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Exists, OuterRef, QuerySet

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.parts import Fact
from governance.decisions import Charter
from governance.models import (
    Council,
    CouncilSeat,
    Delegation,
    Meeting,
    Review,
    ReviewQuerySet,
    ReviewSeat,
    ReviewState,
)
from governance.selectors.policies import policy_in_force
from governance.selectors.signals import Signal, signals


@dataclass(frozen=True)
class SeatView:
    seat: CouncilSeat
    function: str
    delegate: Delegation | None
    may_delegate: bool
    is_over: bool  # the term has ended


@dataclass(frozen=True)
class CouncilView:
    council: Council
    charter: list[Fact]
    seats: list[SeatView]
    meetings: list[Meeting]
    may_run: bool
    signals: list[Signal]  # for the chair and the office only


def council_views(
    councils: QuerySet[Council],
    user: User,
    *,
    may_run: Callable[[int], bool],
    may_delegate: Callable[[CouncilSeat], bool],
) -> list[CouncilView]:
    """Four queries, however many councils and seats there are; one more for those who see signals."""
    today, functions = clock.today(), policy_in_force().functions
    found = list(councils)
    seats = CouncilSeat.objects.filter(council__in=found, ended_at=None).select_related(
        "holder", "alternate", "council"
    )
    running = Delegation.objects.filter(seat__council__in=found, ends_on__gte=today, ended_at=None)
    delegates = {delegation.seat_id: delegation for delegation in running.select_related("to").order_by("-starts_on")}
    meetings = list(Meeting.objects.filter(council__in=found).order_by("-held_on"))
    views = [
        SeatView(
            seat, functions.get(seat.function, seat.function), delegates.get(seat.pk),
            may_delegate(seat), seat.term_ends_on < today,
        )
        for seat in seats.order_by("-mandatory", "pk")
    ]  # fmt: skip
    chaired = {view.seat.council_id for view in views if view.seat.chair and view.seat.holder_id == user.pk}
    told = [council.pk for council in found if council.pk in chaired or may_run(council.unit_id)]
    pointed_out = signals(told) if told else {}
    return [
        CouncilView(
            council, _charter(council.rules_of_voting), [view for view in views if view.seat.council_id == council.pk],
            [meeting for meeting in meetings if meeting.council_id == council.pk][:6],
            may_run(council.unit_id), pointed_out.get(council.pk, []),
        )
        for council in found
    ]  # fmt: skip


def reviews_to_put(meeting: Meeting) -> ReviewQuerySet:
    """The open reviews in which a seat of this council votes."""
    open_ones = Review.objects.open().exclude(state=ReviewState.RETURNED)
    mine = ReviewSeat.objects.filter(review=OuterRef("pk"), seat__council=meeting.council)
    return open_ones.filter(Exists(mine)).select_related("use_case").order_by("ref")


def _charter(charter: Charter) -> list[Fact]:
    return [
        Fact("Quorum", f"More than {_share(charter.quorum_share)} of the eligible seats have voted, and at least "
                       f"{charter.quorum_minimum}"),
        Fact("Approved", f"Every mandatory seat approves, and more than {_share(charter.approval_share)} of the "
                         "eligible seats"),
        Fact("Conditions bind", f"A mandatory seat names them, or at least {_share(charter.condition_share)} of the "
                                "approving votes"),
    ]  # fmt: skip


def _share(share: Fraction) -> str:
    return "half" if share == Fraction(1, 2) else f"{share.numerator} of {share.denominator}"
