"""The reports that a waiver owes to OMB."""

from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.models import PolicyException
from governance.refusals import explained
from governance.rules import waivers as rules


@explained
@transaction.atomic
def report_waiver(waiver_id: int, on: date, reference: str, *, by: User) -> PolicyException:
    """Record that the grant of a waiver, or else its revocation, was reported to OMB on a day."""
    waiver = (
        PolicyException.objects.select_for_update(of=("self",)).select_related("use_case").get(pk=waiver_id)
    )  # fmt: skip
    if not reference.strip():
        raise Invalid("Say where the report can be found.", "reference")
    require(rules.objection_to_report(by, waiver, clock.today(), on))
    what, field = ("grant", "reported_at") if waiver.reported_at is None else ("revocation", "end_reported_at")
    setattr(waiver, field, on)
    waiver.report_reference = "; ".join(filter(None, [waiver.report_reference, reference.strip()]))
    waiver.save(update_fields=[field, "report_reference"])
    record("waiver.reported", waiver.use_case, by=by, what=what, on=on, reference=reference.strip())
    return waiver
