"""Annotations: what people say about a figure."""

from datetime import date

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from kpis import catalogue, rules
from kpis.models import KpiNote


@transaction.atomic
def annotate(key: str, unit: OrgUnit | None, month: date, text: str, *, by: User) -> KpiNote:
    """Say why a KPI of a unit (of all, without one) was what it was in a month."""
    kpi = catalogue.current().by_key[key]
    require(rules.objection_to_annotate(by, unit))
    if not text.strip():
        raise Invalid("Say what should be known about this month.", "text")
    note = KpiNote.objects.create(
        kpi=key, unit=unit, month=month, text=text.strip(), written_by=by, written_at=clock.now()
    )
    record("note.written", note, by=by, unit=unit, kpi=kpi.name, of=unit.name if unit else "all units", month=month)
    return note


@transaction.atomic
def remove_note(note_id: int, *, by: User) -> KpiNote:
    """Take an annotation off the page; the audit trail keeps it."""
    note = KpiNote.objects.select_for_update(of=("self",)).select_related("unit").get(pk=note_id)
    require(rules.objection_to_remove_note(by, note))
    note.removed_at = clock.now()
    note.save(update_fields=["removed_at"])
    record("note.removed", note, by=by, unit=note.unit)
    return note
