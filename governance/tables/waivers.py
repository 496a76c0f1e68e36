"""The register of waivers."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from caio_portal.accounts.models import User
from caio_portal.common.tables import Column, Flag, Table
from governance.models import ExceptionKind, PolicyException
from governance.waiver_clock import due_on
from portfolio.models import UseCase


def waivers_of(user: User) -> Any:
    """The waivers of the use cases that a person may see."""
    seen = UseCase.objects.visible_to(user)
    later = PolicyException.objects.filter(renewed_from=OuterRef("pk"))
    found = PolicyException.objects.filter(kind=ExceptionKind.WAIVER, use_case__in=seen)
    return found.annotate(was_renewed=Exists(later)).select_related("use_case__unit", "approved_by")


class WaiverTable(Table[PolicyException]):
    id = "waivers"
    noun = ("waiver", "waivers")
    caption = "Waivers from minimum practices"
    file_name = "waivers"
    search = ("use_case__title__icontains", "use_case__ref__icontains", "public_summary__icontains")
    search_label = "Find a waiver"
    default_sort = "-granted"
    empty_title = "No waivers"
    empty_text = "A waiver from a minimum practice is granted by the Chief AI Officer, on the page of the control."
    columns = (
        Column("use_case.title", "Use case", sort="use_case__title"),
        Column("use_case.ref", "Reference", on_page=False),
        Column("use_case.unit.name", "Unit", sort="use_case__unit__name"),
        Column("control", "Practice", sort="control"),
        Column("granted", "Granted", sort="granted_at", down_first=True, value=lambda row: row.granted_at),
        Column("approved_by.name", "By", sort="approved_by__name"),
        Column("expires_on", "Certify again by", sort="expires_on"),
        Column("due", "Report due", value=due_on),
        Column("reported_at", "Reported", sort="reported_at"),
        Column("reason", "Determination", on_page=False),
        Column("public_summary", "Public summary", on_page=False),
        Column("ended_at", "Ended", on_page=False),
    )
    filters = (
        Flag("open", "In force", Q(ended_at=None)),
        Flag("unreported", "To report", Q(reported_at=None)),
    )
