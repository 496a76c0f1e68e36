"""What a figure is made of, row by row, and what people say about it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from kpis import access, rules
from kpis.selectors.inputs import PAGE, gone_since, inputs
from kpis.selectors.records import counted
from kpis.services import notes
from kpis.views.scorecard import as_asked, end_of, known_on, month_of


@policy(*rules.VIEWERS)
def kpi_rows(request: Request, key: str) -> HttpResponse:
    """The observations, or the portal's own records, behind a value."""
    kpi = access.kpi_or_404(key)
    scope, month = access.scope_of(request.user, request.GET.get("unit", "")), month_of(request)
    asked = request.GET.get("page", "1")
    page = min(max(int(asked), 1), 10_000) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    read = counted if kpi.source == "records" else inputs
    day = known_on(request)
    moment = end_of(day)
    rows, more = read(kpi, scope.unit_ids, month, request.user, page=page, known_on=moment)
    context = {
        "kpi": kpi, "scope": scope, "month": month, "rows": rows, "page": page, "first": (page - 1) * PAGE + 1,
        "next": page + 1 if more else 0, "query": f"?unit={scope.key}&month={month:%Y-%m}{as_asked(request)}",
        "known_on": day, "gone": gone_since(kpi, month, moment) if moment else [],
        "may_read_files": roles_of(request.user).has(*rules.READERS),
    }  # fmt: skip
    return render_page(request, "kpis/rows.html", context)


@policy(*rules.VIEWERS, methods=("POST",))
def annotate(request: Request, key: str) -> HttpResponse:
    """Say what should be known about a month."""
    kpi = access.kpi_or_404(key)
    scope = access.scope_of(request.user, request.POST.get("unit", ""))
    month = month_of(request)
    try:
        notes.annotate(key, scope.unit, month, request.POST.get("text", "")[:500], by=request.user)
    except Invalid as invalid:
        messages.error(request, invalid.sentence)
    return redirect(f"{reverse('kpis:kpi_detail', args=[kpi.key])}?unit={scope.key}&month={month:%Y-%m}#notes")


@policy(*rules.VIEWERS, methods=("POST",))
def remove_note(request: Request, pk: int) -> HttpResponse:
    note = access.note_or_404(request.user, pk)
    notes.remove_note(note.pk, by=request.user)
    unit = note.unit_id or access.ALL
    return redirect(f"{reverse('kpis:kpi_detail', args=[note.kpi])}?unit={unit}&month={note.month:%Y-%m}#notes")
