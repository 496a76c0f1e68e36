"""Calendars: written by the office, given to units; running clocks are set again by them."""

import json

from django.db import transaction
from django.utils import timezone

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import Invalid, require
from governance import ports
from governance.calendars import KEPT_YEARS, CalendarDocument, read
from governance.models import BusinessCalendar, CalendarDay, ReviewStep, UnitCalendar
from governance.rules import calendars as rules
from governance.selectors.calendars import calendars
from governance.selectors.changed_days import changes
from governance.services.locking import locked
from governance.services.vote_days import due_day


@transaction.atomic
def create_calendar(source: str, *, by: User) -> BusinessCalendar:
    """Keep a calendar; it counts for nobody until a unit goes by it."""
    require(rules.objection_to_write(by))
    document = read(source)
    _require_free(document.name)
    calendar = BusinessCalendar(name=document.name)
    _keep(calendar, document, source, by)
    record("calendar.created", calendar, by=by, source=source, sha256=calendar.sha256)
    return calendar


@transaction.atomic
def edit_calendar(calendar_id: int, source: str, *, by: User) -> BusinessCalendar:
    """Change a calendar; the clocks that run by it are set again."""
    require(rules.objection_to_write(by))
    calendar = BusinessCalendar.objects.select_for_update().get(pk=calendar_id)
    before, document = CalendarDocument.model_validate(calendar.document), read(source)
    if document.name != calendar.name:
        _require_free(document.name)
    _keep(calendar, document, source, by)
    record(
        "calendar.edited", calendar, by=by, changes=changes(before, document, clock.today().year), source=source,
        sha256=calendar.sha256, clocks=_set_clocks(),
    )  # fmt: skip
    ports.business_days_changed.ask_all(f"The calendar {calendar.name} was edited")
    return calendar


@transaction.atomic
def give_calendar(unit: OrgUnit, calendar: BusinessCalendar | None, *, by: User) -> UnitCalendar:
    """Have a unit, and all below it without one, go by a calendar; None: by that of the unit above."""
    require(rules.objection_to_give(by, unit.pk))
    given, _ = UnitCalendar.objects.update_or_create(unit=unit, defaults={"calendar": calendar})
    name = calendar.name if calendar else "the calendar of the unit above"
    record("calendar.given", unit, by=by, unit=unit.pk, unit_name=unit.name, calendar=name, clocks=_set_clocks())
    ports.business_days_changed.ask_all(f"{unit.name} goes by {name}")
    return given


def _keep(calendar: BusinessCalendar, document: CalendarDocument, source: str, by: User) -> None:
    text = canonical_json(document.model_dump(mode="json", exclude_none=True))
    calendar.name, calendar.source, calendar.document = document.name, source, json.loads(text)
    calendar.sha256, calendar.weekend = sha256(text), [day.number + 1 for day in document.weekend]
    calendar.changed_at, calendar.changed_by = clock.now(), by
    calendar.save()
    calendar.days.all().delete()
    days = {day: name for year in KEPT_YEARS for day, name in document.holidays_of(year).items()}
    CalendarDay.objects.bulk_create(CalendarDay(calendar=calendar, day=day, name=name) for day, name in days.items())


def _set_clocks() -> int:
    """Count the running clocks again; returns how many end on another day now."""
    known, moved = calendars(), 0
    running = ReviewStep.objects.filter(started_at__isnull=False, finished_at=None, review__closed_at=None)
    for step in running.select_related("review__use_case__unit").defer("review__snapshot").order_by("review", "pk"):
        assert step.started_at
        calendar = known.of(step.review.use_case.unit)
        due_on = due_day(step, calendar, timezone.localdate(step.started_at), step.days + step.waited_days)
        if due_on != step.due_on:
            locked(step.review_id)
            moved += ReviewStep.objects.filter(pk=step.pk, finished_at=None).update(due_on=due_on, reminded_at=None)
    return moved


def _require_free(name: str) -> None:
    if BusinessCalendar.objects.filter(name=name).exists():
        raise Invalid(f"There is a calendar “{name}” already: give this one another name.", "source")
