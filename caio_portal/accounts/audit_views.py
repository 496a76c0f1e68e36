"""The audit trail as pages: it lies here because `audit` itself is a leaf that knows nobody's roles."""

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_date
from django.utils.text import capfirst

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.audit import trail, verification
from caio_portal.audit.events import ACTIONS
from caio_portal.audit.models import AuditEvent
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page

READERS = (Role.AUDITOR, Role.CAIO, Role.CAIO_OFFICE, Role.ADMINISTRATOR)


@policy(*READERS)
def audit_trail(request: Request) -> HttpResponse:
    """Every event, newest first, by action, person and subject."""
    filters = {key: request.GET.get(key, "").strip() for key in ("action", "q", "since", "until")}
    page = Paginator(_events(filters), 50).get_page(request.GET.get("page"))
    seq, head = trail.head()
    context = {
        "page": page, "entries": [trail.entry(event) for event in page], "filters": filters, "seq": seq, "head": head,
        "actions": _actions(), "query": urlencode({key: value for key, value in filters.items() if value}) + "&",
    }  # fmt: skip
    return render_page(request, "accounts/audit_trail.html", context, partials=["trail"])


@policy(*READERS, methods=("POST",))
def verify_audit_trail(request: Request) -> HttpResponse:
    """Check the whole chain now and say what was found."""
    return render_page(
        request, "accounts/audit_verdict.html", {"verdict": verification.verify_trail()}, partials=["verdict"]
    )


@policy(*READERS)
def export_audit_trail(request: Request) -> HttpResponse:
    """The trail as CSV, in the form that the independent verifier reads."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    verification.export_trail(response)  # type: ignore[arg-type]  # a response can be written to
    return response


def _actions() -> list[tuple[str, list[tuple[str, str]]]]:
    """The actions by what they are done to, in words: ("Use case", [("use_case.moved", "moved"), …])."""
    groups = groupby(sorted(ACTIONS), key=lambda action: action.partition(".")[0])
    return [
        (capfirst(kind.replace("_", " ")), [(one, one.partition(".")[2].replace("_", " ")) for one in actions])
        for kind, actions in groups
    ]


def _events(filters: dict[str, Any]) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("link").order_by("-pk")
    if filters["action"] in ACTIONS:
        events = events.filter(action=filters["action"])
    if filters["q"]:
        events = events.filter(payload__icontains=filters["q"])
    for key, lookup in (("since", "occurred_at__date__gte"), ("until", "occurred_at__date__lte")):
        if day := _day(filters[key]):
            events = events.filter(**{lookup: day})
    return events


def _day(text: str) -> str:
    try:
        return text if parse_date(text) else ""
    except ValueError:
        return ""
