"""Calendars: which days count for the clocks of which unit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.calendars import KEPT_YEARS, CalendarDocument, shipped
from governance.forms.calendars import CalendarForm, GiveForm
from governance.forms.saving import taken
from governance.models import BusinessCalendar
from governance.rules import calendars as rules
from governance.selectors import calendar_pages
from governance.selectors.calendars import house
from governance.services import calendars as services

READERS = tuple(Role)
OFFICE = rules.OFFICE
FIRST, LAST = KEPT_YEARS[0], KEPT_YEARS[-1]


@policy(*READERS)
@require_GET
def calendar_list(request: Request) -> HttpResponse:
    """The calendars and their units; the office says which unit goes by which."""
    return _list_page(request, _give_form(request) if _is_office(request) else None)


@policy(*OFFICE, methods=("POST",))
@require_POST
def give_calendar(request: Request) -> HttpResponse:
    form = _give_form(request)

    def act() -> None:
        services.give_calendar(form.cleaned_data["unit"], form.cleaned_data["calendar"], by=request.user)

    if taken(form, act):
        name = form.cleaned_data["calendar"] or "the calendar of the unit above"
        messages.success(request, f"{form.cleaned_data['unit']} goes by {name} now, and so do its running clocks.")
        return redirect("governance:calendar_list")
    return _list_page(request, form)


@policy(*READERS)
@require_GET
def calendar_detail(request: Request, pk: int) -> HttpResponse:
    """The holidays of a year (?year=), this one at first."""
    calendar = get_object_or_404(BusinessCalendar, pk=pk)
    document = CalendarDocument.model_validate(calendar.document)
    asked = request.GET.get("year", "")
    year = min(max(int(asked), FIRST), LAST) if asked.isdecimal() and len(asked) == 4 else clock.today().year
    context = {
        "calendar": calendar, "document": document, "year": year, "holidays": calendar_pages.holidays(document, year),
        "before": year - 1 if year > FIRST else None, "after": year + 1 if year < LAST else None,
        "units": [given.unit for given in calendar.units.select_related("unit").order_by("unit__name")],
        "objection": rules.objection_to_write(request.user),
    }  # fmt: skip
    return render_page(request, "governance/calendar_detail.html", context)


@policy(*OFFICE, methods=("GET", "POST"))
def create_calendar(request: Request) -> HttpResponse:
    """A new calendar, which begins as a copy of one that the portal brings along."""
    require(rules.objection_to_write(request.user))
    example = next(iter(shipped().values()))
    form = CalendarForm(request.POST or None, initial={"source": example.replace('name = "', 'name = "Copy of ', 1)})
    kept: list[BusinessCalendar] = []
    if form.is_bound and taken(form, lambda: kept.append(_create(form, request))):
        messages.success(request, "The calendar is kept. Give it to the units that go by it.")
        return redirect("governance:calendar_list")
    return _editor(request, form)


@policy(*OFFICE, methods=("GET", "POST"))
def edit_calendar(request: Request, pk: int) -> HttpResponse:
    calendar = get_object_or_404(BusinessCalendar, pk=pk)
    require(rules.objection_to_write(request.user))
    form = CalendarForm(request.POST or None, initial={"source": calendar.source})

    def act() -> None:
        services.edit_calendar(calendar.pk, form.cleaned_data["source"], by=request.user)

    if form.is_bound and taken(form, act):
        messages.success(request, "The calendar is changed, and the clocks that run by it are set again.")
        return redirect(calendar)
    return _editor(request, form, calendar)


@policy(*OFFICE, methods=("POST",))
@require_POST
def check_calendar(request: Request) -> HttpResponse:
    """The panel beside the editor."""
    check = calendar_pages.check_source(request.POST.get("source", "").replace("\r\n", "\n"))
    return render_page(request, "governance/_calendar_check.html", {"check": check})


@policy(*READERS)
@require_GET
def download_calendar(request: Request, pk: int) -> HttpResponse:
    calendar = get_object_or_404(BusinessCalendar, pk=pk)
    response = HttpResponse(calendar.source, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="calendar-{calendar.pk}.toml"'
    return response


def _create(form: CalendarForm, request: Request) -> BusinessCalendar:
    return services.create_calendar(form.cleaned_data["source"], by=request.user)


def _is_office(request: Request) -> bool:
    return roles_of(request.user).has(*OFFICE)


def _give_form(request: Request) -> GiveForm:
    return GiveForm(request.POST or None, units=roles_of(request.user).unit_ids(*OFFICE))


def _list_page(request: Request, form: GiveForm | None) -> HttpResponse:
    context = {
        "lines": calendar_pages.calendar_lines(), "form": form, "house": house().name,
        "objection": rules.objection_to_write(request.user) if form else "",
    }  # fmt: skip
    status = 422 if form and form.is_bound else 200
    return render_page(request, "governance/calendars.html", context, status=status)


def _editor(request: Request, form: CalendarForm, calendar: BusinessCalendar | None = None) -> HttpResponse:
    check = calendar_pages.check_source(str(form["source"].value() or "").replace("\r\n", "\n"))
    context = {"form": form, "calendar": calendar, "check": check}
    return render_page(request, "governance/calendar_form.html", context, status=422 if form.is_bound else 200)
