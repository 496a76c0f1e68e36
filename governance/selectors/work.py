"""What waits for a person in governance's reviews, in a constant number of queries."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import SearchHit, WorkEntry
from caio_portal.accounts.roles import Role, Roles
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from governance.models import (
    Approval,
    Condition,
    ExceptionKind,
    PolicyException,
    Review,
    ReviewPerson,
    ReviewSeat,
    ReviewState,
    ReviewStep,
    SecondLook,
    StepKind,
    Vote,
)
from governance.selectors.conflicts import binding
from governance.waiver_clock import due_on

_HITS = 8


def my_work(user: User) -> list[WorkEntry]:
    """Answer to the shell's port: votes, findings, decisions, returned reviews and conditions of a person."""
    today = clock.today()
    entries = [
        *_my_votes(user, today),
        *_my_steps(user, today),
        *_returned(user),
        *_my_conditions(user, today),
        *_my_waivers(user, today),
        *_my_second_looks(user, today),
        *_my_stale_approvals(user),
    ]
    return sorted(entries, key=lambda entry: entry.due_on or date.max)


def search(text: str, user: User) -> list[SearchHit]:
    """Reviews by their reference."""
    found = Review.objects.visible_to(user).filter(ref__icontains=text.strip()).select_related("use_case")
    return [
        SearchHit("Reviews", f"{review.ref} {review.use_case.title}", review.get_absolute_url(),
                  review.get_state_display())
        for review in found.order_by("-opened_at")[:_HITS]
    ]  # fmt: skip


def _running(*kinds: StepKind) -> Q:
    return Q(
        kind__in=kinds, started_at__isnull=False, finished_at=None, review__closed_at=None, review__returned_at=None
    )


def _my_votes(user: User, today: date) -> Iterator[WorkEntry]:
    seats = ReviewSeat.objects.filter(review=OuterRef("review"), holder=user)
    voted = Vote.objects.filter(review=OuterRef("review"), voter=user)
    steps = ReviewStep.objects.filter(Exists(seats), ~Exists(voted), _running(StepKind.VOTE))
    for step in steps.select_related("review__use_case"):
        yield _entry(step, "Your vote", today)


def _my_steps(user: User, today: date) -> Iterator[WorkEntry]:
    """Examinations of my functions, approvals of my office, risks that are mine to accept."""
    roles = roles_of(user)
    functions, office = roles.functions(), roles.has(Role.CAIO, Role.CAIO_OFFICE)
    executive = roles.has(Role.EXECUTIVE)
    if not (functions or office or executive):
        return
    party = ReviewPerson.objects.filter(review=OuterRef("review"), user=user, capacity="party")
    steps = ReviewStep.objects.filter(_running(StepKind.EXAMINE, StepKind.APPROVE, StepKind.ACCEPT_RISK)).annotate(
        is_party=Exists(party)
    )
    bound = binding(user)
    for step in steps.select_related("review__use_case__unit"):
        kind = _asked(user, roles, step)
        if kind and not bound(step.review.use_case):
            yield _entry(step, kind, today)


def _asked(user: User, roles: Roles, step: Any) -> str:
    """What a running step asks of USER, in the words of the list; nothing if it asks others."""
    case = step.review.use_case
    if step.assigned_to_id not in (None, user.pk):
        return ""
    if step.kind == StepKind.EXAMINE:
        mine = not step.is_party and step.function in roles.functions(unit=case.unit_id)
        return "Your finding" if mine else ""
    if step.kind == StepKind.APPROVE:
        mine = not step.is_party and roles.has(Role.CAIO, Role.CAIO_OFFICE, unit=case.unit_id)
        return "Your decision" if mine else ""
    mine = user.pk == case.sponsor_id or (case.sponsor_id is None and roles.has(Role.EXECUTIVE, unit=case.unit_id))
    return "Risk to accept" if mine else ""


def _returned(user: User) -> Iterator[WorkEntry]:
    party = ReviewPerson.objects.filter(review=OuterRef("pk"), user=user, capacity="party")
    for review in Review.objects.filter(Exists(party), state=ReviewState.RETURNED).select_related("use_case"):
        yield WorkEntry(
            review.use_case.title, review.get_absolute_url(), "Returned to you",
            f"{review.ref}: {review.return_reason}"[:160], tier=review.tier,
        )  # fmt: skip


def _my_conditions(user: User, today: date) -> Iterator[WorkEntry]:
    soon = Condition.objects.filter(
        owner=user, met_at=None, due_on__lte=today + timedelta(days=30), decision__approval__ended_at=None
    )
    for condition in soon.select_related("decision__review__use_case"):
        review = condition.decision.review
        yield WorkEntry(
            condition.text[:120], review.get_absolute_url(), "Condition due", review.use_case.title,
            condition.due_on, condition.due_on < today, review.tier,
        )  # fmt: skip


def _my_waivers(user: User, today: date) -> Iterator[WorkEntry]:
    """Waivers whose grant is still to be reported."""
    units = roles_of(user).unit_ids(Role.CAIO, Role.CAIO_OFFICE)
    if not units:
        return
    open_ones = PolicyException.objects.filter(
        kind=ExceptionKind.WAIVER, reported_at=None, use_case__unit__in=units
    ).select_related("use_case")
    for waiver in open_ones:
        due = due_on(waiver)
        yield WorkEntry(
            waiver.use_case.title, f"/waivers/{waiver.pk}/", "Report to OMB", f"Waiver from {waiver.control}", due,
            due is not None and due < today, waiver.use_case.tier,
        )  # fmt: skip


def _my_second_looks(user: User, today: date) -> Iterator[WorkEntry]:
    """For the office of a unit: what was drawn there; no tier, which the second look must not know."""
    units = roles_of(user).unit_ids(Role.CAIO_OFFICE)
    if not units:
        return
    waiting = SecondLook.objects.filter(looked_at=None, decision__review__use_case__unit__in=units)
    for look in waiting.select_related("decision__review__use_case").order_by("due_on", "pk"):
        case = look.decision.review.use_case
        if user.pk not in (case.owner_id, case.sponsor_id, case.requester_id):
            yield WorkEntry(case.title, look.get_absolute_url(), "Second look", "", look.due_on, look.due_on < today)


def _my_stale_approvals(user: User) -> Iterator[WorkEntry]:
    """For the team: approvals that open no gate, since facts that they rest on have changed, and no review is open."""
    mine = Q(use_case__owner=user) | Q(use_case__requester=user) | Q(use_case__sponsor=user)
    open_ones = Review.objects.open().filter(use_case=OuterRef("use_case"))
    stale = Approval.objects.filter(mine, ~Exists(open_ones), ended_at=None, use_case__voided_at=None)
    for approval in stale.exclude(material_hash=F("use_case__material_hash")).select_related("use_case")[:20]:
        case = approval.use_case
        yield WorkEntry(
            case.title, case.get_absolute_url(), "Approval stale", f"{case.ref} · opens no gate", tier=case.tier
        )


def _entry(step: ReviewStep, kind: str, today: date) -> WorkEntry:
    review = step.review
    return WorkEntry(
        review.use_case.title, review.get_absolute_url(), kind, review.ref, step.due_on, step.due_on < today,
        review.tier,
    )  # fmt: skip
