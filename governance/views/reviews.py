"""Pages about reviews: the list, the page made for deciding, and every act on it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with, roles_of
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.access.reviews import review_or_404
from governance.decisions import Choice, Outcome
from governance.forms.reviews import (
    AppointForm,
    CommentForm,
    FindingForm,
    ReasonForm,
    RecuseForm,
    RiskForm,
    RulingForm,
    VoteForm,
)
from governance.forms.saving import taken
from governance.models import Review, Severity, StepKind
from governance.rules import reviews as rules
from governance.rules import second_looks
from governance.rules.appeals import objection_to_appeal
from governance.rules.assigning import objection_to_ask
from governance.rules.conflicts import objection_by
from governance.selectors.review_page import ReviewPage
from governance.services import appeals, approvals, comments, reviews, votes
from governance.tables.reviews import ReviewTable, listed
from portfolio.services import note_reading

LOOK_READERS = second_looks.READERS
AUDITORS = (Role.AUDITOR, Role.CAIO, Role.CAIO_OFFICE)
Act = Callable[[Review, User, dict[str, Any]], object]


@policy(ANYONE)
@require_GET
def review_list(request: Request) -> HttpResponseBase:
    """Every review that a person may see; what is due first stands first."""
    rows = listed(Review.objects.visible_to(request.user), request.user)
    table = ReviewTable(request.GET, rows, path=request.path)
    if table.file_format:
        return table_response(table)
    roles = roles_of(request.user)
    context = {"table": table, "may_audit": roles.has(*AUDITORS), "may_look": roles.has(*LOOK_READERS)}
    return render_page(request, "governance/reviews.html", context, partials=["reviews"])


@policy(ANYONE)
@require_GET
def review_detail(request: Request, ref: str) -> HttpResponse:
    """One page with all that is needed to decide."""
    review = review_or_404(request.user, ref)
    note_reading(review.use_case, by=request.user)
    return _page(request, review)


@policy(ANYONE, methods=("POST",))
@require_POST
def cast_vote(request: Request, ref: str) -> HttpResponse:
    review = review_or_404(request.user, ref)
    form = VoteForm(request.POST, named=ReviewPage(review, request.user).named_conditions)

    def act() -> None:
        data = form.cleaned_data
        votes.cast_vote(
            review.pk, Choice(data["choice"]), data["reason"], form.named_conditions(), by=request.user,
            snapshot_hash=data["snapshot_hash"], read_at=form.read_at(),
        )  # fmt: skip

    if taken(form, act):
        messages.success(request, "Your vote is cast.")
        return redirect(review)
    return _page(request, review, status=422, vote=form)


@policy(ANYONE, methods=("POST",))
@require_POST
def recuse(request: Request, ref: str) -> HttpResponse:
    def act(review: Review, user: User, data: dict[str, Any]) -> object:
        return votes.cast_vote(review.pk, Choice.RECUSE, data["reason"], by=user)

    return _acted(request, ref, RecuseForm(request.POST), "recusal", act, "You have recused yourself.")


@policy(ANYONE, methods=("POST",))
@require_POST
def decide_review(request: Request, ref: str) -> HttpResponse:
    review = review_or_404(request.user, ref)
    form = RulingForm(request.POST, named=ReviewPage(review, request.user).named_conditions)

    def act() -> None:
        data = form.cleaned_data
        outcome = Outcome(data["outcome"])
        approvals.decide_single(review.pk, outcome, data["reason"], form.named_conditions(), by=request.user)

    if taken(form, act):
        messages.success(request, "Your decision is recorded.")
        return redirect(review)
    return _page(request, review, status=422, ruling=form)


@policy(ANYONE, methods=("POST",))
@require_POST
def accept_risk(request: Request, ref: str) -> HttpResponse:
    def act(review: Review, user: User, data: dict[str, Any]) -> object:
        return approvals.accept_risk(review.pk, data["accepted"] == "yes", data["reason"], by=user)

    return _acted(request, ref, RiskForm(request.POST), "risk", act, "Your word on the risk is recorded.")


@policy(ANYONE, methods=("POST",))
@require_POST
def report_finding(request: Request, ref: str) -> HttpResponse:
    review = review_or_404(request.user, ref)
    page = ReviewPage(review, request.user)
    form = FindingForm(request.POST, functions=_my_functions(page), controls=page.control_titles.items())

    def act() -> None:
        data = form.cleaned_data
        reviews.report_finding(
            review.pk, data["function"], Severity(data["severity"]), data["text"], data["wanted"], by=request.user,
            control=data["control"], finish=data["finish"],
        )  # fmt: skip

    if taken(form, act):
        messages.success(request, "Your finding is reported.")
        return redirect(review)
    return _page(request, review, status=422, finding=form)


@policy(ANYONE, methods=("POST",))
@require_POST
def resubmit_review(request: Request, ref: str) -> HttpResponse:
    review = review_or_404(request.user, ref)
    now_open = reviews.resubmit(review.pk, by=request.user)
    messages.success(request, f"{now_open.ref} goes on." if now_open == review else f"{now_open.ref} is opened.")
    return redirect(now_open)


@policy(ANYONE, methods=("POST",))
@require_POST
def withdraw_review(request: Request, ref: str) -> HttpResponse:
    def act(review: Review, user: User, data: dict[str, Any]) -> object:
        return reviews.withdraw_review(review.pk, data["reason"], by=user)

    return _acted(request, ref, ReasonForm(request.POST), "withdrawing", act, "The use case is withdrawn from review.")


@policy(ANYONE, methods=("POST",))
@require_POST
def appeal(request: Request, ref: str) -> HttpResponse:
    review = review_or_404(request.user, ref)
    form = ReasonForm(request.POST)
    opened: list[Review] = []
    if taken(form, lambda: opened.append(appeals.appeal(review.pk, form.cleaned_data["reason"], by=request.user))):
        messages.success(request, f"Your appeal is {opened[0].ref}.")
        return redirect(opened[0])
    return _page(request, review, status=422, appealing=form)


@policy(ANYONE, methods=("POST",))
@require_POST
def comment(request: Request, ref: str) -> HttpResponse:
    def act(review: Review, user: User, data: dict[str, Any]) -> object:
        return comments.comment(review.pk, data["text"], by=user, finding=data["finding"])

    return _acted(request, ref, CommentForm(request.POST), "remark", act, "Your comment is added.")


@policy(Role.CAIO, methods=("POST",))
@require_POST
def appoint_holder(request: Request, ref: str, seat: int) -> HttpResponse:
    review = review_or_404(request.user, ref)
    if all(line.seat.seat_id != seat for line in ReviewPage(review, request.user).seats):
        raise Http404
    form = AppointForm(request.POST, people=_who_may_sit(review))

    def act() -> None:
        votes.appoint_holder(review.pk, seat, form.cleaned_data["holder"].pk, by=request.user)

    if taken(form, act):
        messages.success(request, "The seat has a holder.")
        return redirect(review)
    return _page(request, review, status=422, appointing=form)


def _acted(request: Request, ref: str, form: forms.Form, name: str, act: Act, said: str) -> HttpResponse:
    """Do what a small form asks for; what is wrong with it stands on the page."""
    review = review_or_404(request.user, ref)
    if taken(form, lambda: act(review, request.user, form.cleaned_data)):
        messages.success(request, said)
        return redirect(review)
    return _page(request, review, status=422, **{name: form})


def _page(request: Request, review: Review, *, status: int = 200, **given: forms.Form) -> HttpResponse:
    page = ReviewPage(review, request.user)
    shown = _forms(page) | given
    for name, form in shown.items():  # several ask for a reason: a label must find its own field
        if form:
            form.auto_id = f"{name}_%s"
    context = {
        "review": review, "page": page, "snapshot": page.snapshot, "objections": _objections(page), "forms": shown,
        "may_audit": roles_of(request.user).has(*AUDITORS),
    }  # fmt: skip
    return render_page(request, "governance/review.html", context, partials=["ballot"], status=status)


def _objections(page: ReviewPage) -> dict[str, str | None]:
    """Why this person may not do what; what nobody is asked for now is left out."""
    review, user = page.review, page.user
    mine = page.my_seat
    last = mine.last if mine else None
    bound = objection_by(page.my_conflict)
    return {
        "vote": rules.objection_to_vote(user, review, mine.seat if mine else None, last) or bound,
        "decide": rules.objection_to_decide(user, review) or bound,
        "risk": rules.objection_to_accept_risk(user, review) or bound,
        "return": rules.objection_to_return(user, review, bool(page.votes)),
        "resubmit": rules.objection_to_resubmit(user, review),
        "appeal": objection_to_appeal(user, review, page.calendar) if review.closed_at else rules.CLOSED,
        "withdraw": rules.objection_to_withdraw(user, review),
        "ask": objection_to_ask(user, review, bool(page.votes)),
        "appoint": None if rules.may_appoint(user, review) else "Only the Chief AI Officer appoints.",
    }


def _forms(page: ReviewPage) -> dict[str, forms.Form | None]:
    functions = _my_functions(page)
    vacant = any(line.needs_holder for line in page.seats) and rules.may_appoint(page.user, page.review)
    return {
        "vote": VoteForm(initial={"snapshot_hash": page.review.snapshot_hash}, named=page.named_conditions),
        "recusal": RecuseForm(), "ruling": RulingForm(named=page.named_conditions), "risk": RiskForm(),
        "finding": FindingForm(functions=functions, controls=page.control_titles.items()) if functions else None,
        "withdrawing": ReasonForm(),
        "remark": CommentForm(), "appealing": ReasonForm(),
        "appointing": AppointForm(people=_who_may_sit(page.review)) if vacant else None,
    }  # fmt: skip


def _my_functions(page: ReviewPage) -> list[tuple[str, str]]:
    """The functions for which this person can report a finding now."""
    steps = page.running(StepKind.EXAMINE)
    return [
        (step.function, page.functions.get(step.function, step.function))
        for step in steps
        if page.my_conflict is None and rules.objection_to_find(page.user, page.review, step.function) is None
    ]


def _who_may_sit(review: Review) -> list[User]:
    return people_with(Role.COUNCIL_MEMBER, Role.REVIEWER, Role.CAIO_OFFICE, unit=review.use_case.unit)
