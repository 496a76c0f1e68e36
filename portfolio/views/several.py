"""One change to several use cases of the list: choose, look at what it would do, do it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import words
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import rules, services
from portfolio.forms import SeveralForm
from portfolio.models import UseCase
from portfolio.tables import UseCaseTable

MOST = 200  # use cases at once


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def change_several(request: Request) -> HttpResponse:
    """Choose among what the list found; the first POST shows what would change, the second one changes it."""
    table = UseCaseTable(request.GET, request.user, path=reverse("portfolio:use_case_list"))
    found = _found(request, table)
    form = SeveralForm(request.POST or None, units=roles_of(request.user).unit_ids(*rules.REGISTRANTS))
    chosen = _chosen(request, found)
    context = {"table": table, "found": found, "most": MOST, "chosen": {each.pk for each in chosen}, "form": form}
    if request.method == "POST" and form.is_valid() and _some(form, chosen):
        plan = rules.planned(chosen, form.change, request.user)
        if "apply" in request.POST and _changed(request, form, plan):
            return redirect(table.url())
        context |= {"plan": plan, "after": rules.told(*next(iter(form.change.items())))}
        context["number"] = sum(each.counts for each in plan)
    return render_page(request, "portfolio/change_several.html", context, status=422 if form.errors else 200)


def _found(request: Request, table: UseCaseTable) -> list[UseCase]:
    """What the list found, in its order, with what a change needs to know; none if it found too many."""
    if table.total > MOST:
        return []
    rows = UseCase.objects.active().visible_to(request.user).for_page().defer("facts")
    by_key = {row.pk: row for row in rows.filter(pk__in=table.found.values("pk"))}
    return [by_key[pk] for pk in table.found.values_list("pk", flat=True) if pk in by_key]


def _chosen(request: Request, found: list[UseCase]) -> list[UseCase]:
    """Those with a tick, at the revision that the page showed; all, before anybody ticked."""
    if request.method != "POST":
        return found
    seen = dict(row.partition(":")[::2] for row in request.POST.getlist("row"))
    chosen = [each for each in found if str(each.pk) in seen]
    for each in chosen:
        each.seen = int(seen[str(each.pk)]) if seen[str(each.pk)].isdigit() else 0  # type: ignore[attr-defined]
    return chosen


def _some(form: SeveralForm, chosen: list[UseCase]) -> bool:
    if not chosen:
        form.add_error(None, "Choose at least one use case.")
    return bool(chosen)


def _changed(request: Request, form: SeveralForm, plan: list[rules.Planned]) -> bool:
    """Whether the change was made; if not, the form says why."""
    wanted: list[Any] = [(each.use_case.pk, each.use_case.seen) for each in plan if each.counts]  # type: ignore[attr-defined]
    try:
        [(name, value)] = form.change.items()
        if name in rules.ACTS:
            services.act_on_use_cases(wanted, name, value, by=request.user)
        else:
            services.edit_use_cases(wanted, by=request.user, **form.change)
    except (Invalid, NotAllowed) as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{words.plural(len(wanted), 'use case')} changed.")
    return True
