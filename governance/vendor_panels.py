"""What governance adds to a vendor: the incidents that concern it, and what they weigh in its scorecard."""

from datetime import UTC, datetime, time
from decimal import Decimal

from caio_portal.accounts.models import User
from caio_portal.common import clock, words
from caio_portal.common.quarters import Quarter
from governance.models import Incident, IncidentState
from portfolio.models import SystemProduct
from vendors.models import Vendor
from vendors.ports import Cell, CriterionValue, VendorPanel

COLUMNS = ("Incident", "Severity", "Detected", "Hours to mitigate", "State")
SHOWN = 12
WEIGHTS = {1: 8, 2: 4, 3: 2, 4: 1}  # by severity; a near miss weighs nothing
_TONES = {IncidentState.OPEN: "bad", IncidentState.MITIGATED: "warn", IncidentState.RESOLVED: "good"}


def incidents_of(vendor: Vendor, user: User) -> list[VendorPanel]:
    """The incidents that concern VENDOR and that USER may see, the latest first."""
    found = Incident.objects.visible_to(user).filter(vendor_links__vendor=vendor).distinct()
    rows = list(found.order_by("-detected_at", "-pk")[:SHOWN])
    unsettled = sum(row.resolved_at is None for row in rows)
    return [
        VendorPanel(
            key="incidents",
            title="Incidents",
            summary=f"{words.plural(unsettled, 'incident')} not resolved." if unsettled else "",
            columns=COLUMNS,
            rows=tuple(_row(row) for row in rows),
            empty="No incident concerns this vendor.",
            position=20,
        )
    ]


def incident_load(vendor: Vendor, quarter: str) -> list[CriterionValue]:
    """The incidents of the quarter weighted by severity; unknown for a vendor that nothing relies on."""
    wanted = Quarter(quarter)
    begins = datetime.combine(wanted.first_day, time(), UTC)
    ends = datetime.combine(wanted.next.first_day, time(), UTC)
    rows = Incident.objects.filter(vendor_links__vendor=vendor, near_miss=False).distinct()
    severities = list(rows.filter(detected_at__gte=begins, detected_at__lt=ends).values_list("severity", flat=True))
    if not severities and not SystemProduct.objects.filter(product__vendor=vendor).exists():
        return []
    load = sum(WEIGHTS[severity] for severity in severities)
    source = words.plural(len(severities), "incident") + " detected in the quarter"
    return [CriterionValue("incident_load", Decimal(load), source, min(wanted.last_day, clock.today()))]


def _row(row: Incident) -> tuple[Cell, ...]:
    hours = (row.mitigated_at - row.detected_at).total_seconds() / 3600 if row.mitigated_at else None
    return (
        Cell(f"{row.ref} {row.title}", row.get_absolute_url()),
        Cell("Near miss" if row.near_miss else row.get_severity_display()),
        Cell(words.day(row.detected_at)),
        Cell(words.NONE if hours is None else f"{hours:.1f}", number=True),
        Cell(row.state.label, tone=_TONES[row.state]),
    )
