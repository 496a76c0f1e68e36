"""The dossier of a use case: its overview, its tabs, and the form for its parties."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.parts import Tab
from portfolio import access, ports, rules, selectors, services
from portfolio.forms import BenefitForm, CompareForm, CostForm, NameForm, RemarkForm, UseCaseForm
from portfolio.intake.versions import asked_of
from portfolio.light import running
from portfolio.models import Source, UseCase
from portfolio.views.answering import remarks_of

# Our own tabs, and the positions around which those of the apps above find theirs.
_OWN = (("", "Overview", 0), ("facts", "Facts", 10), ("value", "Value", 70), ("history", "History", 90))
_USUALLY_BACK = 90  # days from the first day of a comparison to today


@policy(ANYONE)
@require_GET
def use_case_detail(request: Request, ref: str) -> HttpResponse:
    """What it is, where it stands, what its tier is and why, and what the next stage asks for."""
    use_case = access.use_case_or_404(request.user, ref)
    where = ports.where_it_stands(use_case, request.user)
    is_returned = where is not None and where.returned is not None
    context = _frame(request, use_case, "") | {
        "page": selectors.overview(use_case),
        "settling": running.to_settle(use_case),
        "whereabouts": where,
        "remarks": remarks_of(use_case, asked_of(use_case)[1]) if is_returned else [],
        "ending": selectors.ending(use_case),
        "may_except": roles_of(request.user).has(*rules.OFFICE, unit=use_case.unit_id),
        "branches": list(use_case.branches.select_related("unit", "asked_by", "settled_by")),
        "may_settle": rules.objection_to_settle_duty(request.user, use_case) is None,
    }
    return render_page(request, "portfolio/use_case_detail.html", context)


@policy(ANYONE)
@require_GET
def use_case_tab(request: Request, ref: str, tab: str) -> HttpResponse:
    """A further page of the dossier: ours, or one that an app above offers."""
    use_case = access.use_case_or_404(request.user, ref)
    if tab == "facts":
        return facts_page(request, use_case)
    if tab == "value":
        return value_page(request, use_case)
    if tab == "history":
        context = _frame(request, use_case, tab) | {"page": selectors.history(use_case, request.GET.get("page"))}
        return render_page(request, "portfolio/use_case_history.html", context)
    return _foreign_tab(request, use_case, tab)


@policy(ANYONE)
@require_GET
def compare_dates(request: Request, ref: str) -> HttpResponse:
    """What was known of it on two days, and what lies between them."""
    use_case = access.use_case_or_404(request.user, ref)
    usual = {"first": clock.today() - timedelta(days=_USUALLY_BACK), "last": clock.today()}
    form = CompareForm({**usual, **request.GET.dict()})
    found = selectors.compare(use_case, **form.cleaned_data) if form.is_valid() else None
    context = _frame(request, use_case, "history") | {"form": form, "comparison": found}
    return render_page(request, "portfolio/compare_dates.html", context, status=422 if form.errors else 200)


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def edit_use_case(request: Request, ref: str) -> HttpResponse:
    """Title, unit, parties, confidentiality, and who else is named in it."""
    use_case = access.use_case_or_404(request.user, ref)
    form = UseCaseForm(request.POST or None, instance=use_case, units=_units_to_edit(request))
    if request.method == "POST":
        require(rules.objection_to_edit(request.user, use_case))
        if form.is_valid() and _saved(request, use_case, form):
            return redirect(use_case)
    context = {
        "use_case": UseCase.objects.for_page().get(pk=use_case.pk),
        "form": form,
        "name_form": NameForm(),
        "objection": rules.objection_to_edit(request.user, use_case),
    }
    return render_page(request, "portfolio/use_case_edit.html", context, status=422 if form.errors else 200)


@policy(ANYONE)
@require_GET
def similar_to_use_case(request: Request, ref: str) -> HttpResponse:
    """Those that look like this one; the dossier asks for them when it is read that far."""
    use_case = access.use_case_or_404(request.user, ref)
    found = selectors.similar_to(use_case.title, request.user, purpose=use_case.purpose, besides=use_case.pk)
    context = {"use_case": use_case, "similar": found}
    return render_page(request, "portfolio/similar_to_use_case.html", context, partials=["similar-ones"])


def facts_page(
    request: Request, use_case: UseCase, remark_form: RemarkForm | None = None, status: int = 200
) -> HttpResponse:
    """What is known, since when and from whom, with the remarks of those who examine it."""
    context = _frame(request, use_case, "facts") | {
        "sections": selectors.facts_by_section(use_case),
        "remark_form": remark_form,
        "may_remark": rules.objection_to_remark(request.user, use_case) is None,
    }
    return render_page(request, "portfolio/use_case_facts.html", context, status=status)


def value_page(
    request: Request,
    use_case: UseCase,
    cost_form: CostForm | None = None,
    benefit_form: BenefitForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Cost lines, benefits, and what they come to."""
    context = _frame(request, use_case, "value") | {
        "value": selectors.value_of(use_case, request.user),
        "cost_form": cost_form or CostForm(initial=selectors.cost_defaults(use_case)),
        "benefit_form": benefit_form,
        "objection": rules.objection_to_edit(request.user, use_case),
    }
    return render_page(request, "portfolio/use_case_value.html", context, status=status)


def _frame(request: Request, use_case: UseCase, current: str) -> dict[str, Any]:
    """What stands around every page of a dossier: head, standing, tabs."""
    services.note_reading(use_case, by=request.user)
    offered = [tab for tabs in ports.use_case_tabs.ask_all(use_case, request.user) for tab in tabs]
    return {
        "use_case": use_case,
        "tabs": _tabs(use_case, offered, current),
        "standing": [each for found in ports.standing.ask_all(use_case, request.user) for each in found],
        **_invitations(request, use_case),
    }


def _invitations(request: Request, use_case: UseCase) -> dict[str, Any]:
    """Whether this person may change it or copy it, and what they would do first."""
    may_copy = rules.objection_to_register(request.user, use_case.unit) is None
    if rules.objection_to_edit(request.user, use_case):
        return {"may_edit": False, "may_copy": may_copy, "primary": None}
    resume = reverse("portfolio:intake_resume", args=[use_case.ref])
    is_draft = use_case.source != Source.IMPORT and not use_case.submissions.exists()
    return {"may_edit": True, "may_copy": may_copy, "primary": ("Finish and submit", resume) if is_draft else None}


def _tabs(use_case: UseCase, offered: Sequence[ports.UseCaseTab], current: str) -> list[Tab]:
    every: list[tuple[int, str, str, int | None]] = [(position, title, key, None) for key, title, position in _OWN]
    every += [(tab.position, tab.title, tab.key, tab.count) for tab in offered]
    return [
        Tab(title, _tab_url(use_case, key), key == current, count)
        for _, title, key, count in sorted(every, key=lambda tab: tab[0])
    ]


def _tab_url(use_case: UseCase, key: str) -> str:
    return reverse("portfolio:use_case_tab", args=[use_case.ref, key]) if key else use_case.get_absolute_url()


def _foreign_tab(request: Request, use_case: UseCase, key: str) -> HttpResponse:
    offered = [tab for tabs in ports.use_case_tabs.ask_all(use_case, request.user) for tab in tabs]
    tab = next((each for each in offered if each.key == key), None)
    if tab is None:
        raise Http404
    inner: Mapping[str, Any] = tab.context()
    context = {**inner, **_frame(request, use_case, key), "tab_template": tab.template, "tab_title": tab.title}
    return render_page(request, "portfolio/use_case_tab.html", context)


def _saved(request: Request, use_case: UseCase, form: UseCaseForm) -> bool:
    """Whether the edit was taken; if not, the form says why."""
    try:
        services.edit_use_case(use_case.pk, by=request.user, **form.cleaned_data)
    except Invalid as refusal:
        form.add_error(refusal.field, refusal.sentence)
        return False
    messages.success(request, f"{use_case.ref} is saved.")
    return True


def _units_to_edit(request: Request) -> frozenset[int]:
    return roles_of(request.user).unit_ids(*rules.REGISTRANTS)
