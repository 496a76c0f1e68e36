"""A meeting: its agenda, the votes as they come in, attendance, actions, minutes and papers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from caio_portal.common import clock, files
from caio_portal.common.errors import require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from governance.access.reviews import action_or_404, entry_or_404, meeting_or_404
from governance.forms.meetings import AttendanceForm, MeetingActionForm, MinutesForm
from governance.forms.reviews import AgendaForm, MeetingForm
from governance.forms.saving import taken
from governance.models import Delegation, Meeting
from governance.papers import PAPERS
from governance.rules import meetings as rules
from governance.selectors import meetings as selectors
from governance.selectors.councils import reviews_to_put
from governance.services import council, meetings
from governance.tables.meetings import MeetingTable, meetings_of
from portfolio.services import note_reading

READERS = tuple(Role)
OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
POST = ("POST",)


@policy(*READERS)
@require_GET
def meeting_list(request: Request) -> HttpResponseBase:
    """Every meeting of the councils that this person may see."""
    table = MeetingTable(request.GET, meetings_of(request.user), path=request.path)
    if table.file_format:
        return table_response(table)
    return render_page(request, "governance/meetings.html", {"table": table}, partials=["meetings"])


@policy(*READERS)
@require_GET
def meeting_detail(request: Request, pk: int) -> HttpResponse:
    """The agenda with the votes as they come in, and what the office records."""
    return _page(request, meeting_or_404(request.user, pk))


@policy(*READERS)
@require_GET
def meeting_live(request: Request, pk: int) -> HttpResponse:
    """The part of the page that changes by itself; 304 while nothing has happened since the reader's tag."""
    meeting = meeting_or_404(request.user, pk)
    tag = f'"{selectors.fingerprint(meeting, request.user)}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = render_page(request, "governance/_live.html", _live(request, meeting, tag))
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@policy(*OFFICE, methods=POST)
@require_POST
def build_agenda(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    count = meetings.build_agenda(meeting.pk, by=request.user)
    messages.success(request, f"{count} added." if count else "Nothing else is ready.")
    return redirect(meeting)


@policy(*OFFICE, methods=POST)
@require_POST
def put_on_agenda(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    form = AgendaForm(request.POST, reviews=reviews_to_put(meeting))

    def act() -> None:
        data = form.cleaned_data
        council.put_on_agenda(meeting.pk, data["review"], by=request.user, consent=data["consent"])

    return redirect(meeting) if taken(form, act) else _page(request, meeting, status=422, agenda=form)


@policy(*READERS, methods=POST)
@require_POST
def take_out_of_consent(request: Request, pk: int) -> HttpResponse:
    entry = entry_or_404(request.user, pk)
    council.take_out_of_consent(entry.pk, by=request.user)
    return redirect(entry.meeting)


@policy(*OFFICE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def move_meeting(request: Request, pk: int) -> HttpResponse:
    """To another day, before it has begun."""
    meeting = meeting_or_404(request.user, pk)
    require(rules.objection_to_move(request.user, meeting))
    form = MeetingForm(request.POST or None, initial={"held_on": meeting.held_on})

    def act() -> None:
        council.move_meeting(meeting.pk, form.cleaned_data["held_on"], by=request.user)

    if request.method == "POST" and taken(form, act):
        return redirect(meeting)
    crumbs = ["Councils", reverse("governance:council_list"), str(meeting), meeting.get_absolute_url(), "Move"]
    lede = "What is on its agenda can be voted on until that day."
    return form_page(request, form, "Hold it on another day", "Move the meeting", crumbs, lede=lede)


@policy(*OFFICE, methods=POST)
@require_POST
def open_meeting(request: Request, pk: int) -> HttpResponse:
    return redirect(meetings.open_meeting(meeting_or_404(request.user, pk).pk, by=request.user))


@policy(*OFFICE, methods=POST)
@require_POST
def record_attendance(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    form = _attendance(meeting, request.POST)

    def act() -> None:
        meetings.record_attendance(meeting.pk, form.sitting(), by=request.user)

    return redirect(meeting) if taken(form, act) else _page(request, meeting, status=422, attendance=form)


@policy(*READERS, methods=POST)
@require_POST
def vote_consent(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    given, refused = meetings.vote_consent(meeting.pk, by=request.user)
    messages.success(request, f"You approved {given} of the consent items." if given else "Nothing is left to vote on.")
    for sentence in refused:
        messages.warning(request, sentence)
    return redirect(meeting)


@policy(*OFFICE, methods=POST)
@require_POST
def plan_meeting_action(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    form = _action(meeting, request.POST)

    def act() -> None:
        meetings.plan_action(meeting.pk, by=request.user, **form.cleaned_data)

    return redirect(meeting) if taken(form, act) else _page(request, meeting, status=422, action=form)


@policy(*READERS, methods=POST)
@require_POST
def finish_meeting_action(request: Request, pk: int) -> HttpResponse:
    action = action_or_404(request.user, pk)
    meetings.finish_action(action.pk, by=request.user)
    return redirect(action.meeting)


@policy(*OFFICE, methods=POST)
@require_POST
def close_meeting(request: Request, pk: int) -> HttpResponse:
    meeting = meetings.close_meeting(meeting_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, "The meeting is closed, and its minutes are drafted.")
    return redirect(meeting)


@policy(*OFFICE, methods=POST)
@require_POST
def write_minutes(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    form = MinutesForm(request.POST)

    def act() -> None:
        meetings.write_minutes(meeting.pk, form.cleaned_data["text"], by=request.user)

    return redirect(meeting) if taken(form, act) else _page(request, meeting, status=422, minutes=form)


@policy(*READERS, methods=POST)
@require_POST
def approve_minutes(request: Request, pk: int) -> HttpResponse:
    meeting = meetings.approve_minutes(meeting_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, "The minutes are approved. Their PDF is being made.")
    return redirect(meeting)


@policy(*OFFICE, methods=POST)
@require_POST
def request_pack(request: Request, pk: int) -> HttpResponse:
    return redirect(meetings.request_pack(meeting_or_404(request.user, pk).pk, by=request.user))


@policy(*READERS)
@require_GET
def download_paper(request: Request, pk: int, paper: str) -> HttpResponseBase:
    """The pack or the minutes as a PDF."""
    meeting = meeting_or_404(request.user, pk)
    require(rules.objection_to_read_papers(request.user, meeting, selectors.members_of(meeting)))
    stored = getattr(meeting, paper) if paper in PAPERS else None
    if stored is None:
        raise Http404("There is no such paper yet.")
    for use_case in selectors.confidential_on(meeting):
        note_reading(use_case, by=request.user)
    return files.download(stored)


def _page(request: Request, meeting: Meeting, *, status: int = 200, **given: forms.Form) -> HttpResponse:
    user, members = request.user, selectors.members_of(meeting)
    later = selectors.open_after(meeting) if meeting.closed_at and not meeting.minutes_approved_at else None
    objections = {
        "plan": rules.objection_to_plan(user, meeting),
        "move": rules.objection_to_move(user, meeting),
        "open": rules.objection_to_open(user, meeting),
        "keep": rules.objection_to_keep(user, meeting),
        "write": rules.objection_to_write_minutes(user, meeting),
        "approve": rules.objection_to_approve_minutes(user, meeting, members, later),
        "papers": rules.objection_to_read_papers(user, meeting, members),
    }
    tag = f'"{selectors.fingerprint(meeting, user)}"'
    actions = [
        (action, rules.objection_to_finish(user, action) is None) for action in selectors.actions_of(meeting)
    ]  # fmt: skip
    context = _live(request, meeting, tag) | {
        "earlier": [] if objections["papers"] or meeting.closed_at else selectors.minutes_to_approve(meeting),
        "objections": objections, "actions": actions, "forms": _forms(meeting, objections) | given,
    }  # fmt: skip
    return render_page(request, "governance/meeting.html", context, status=status)


def _live(request: Request, meeting: Meeting, tag: str) -> dict[str, Any]:
    members = selectors.members_of(meeting)
    state = selectors.state_of(meeting, request.user)
    return {"meeting": meeting, "page": state, "tag": tag, "is_member": request.user.pk in members}


def _forms(meeting: Meeting, objections: dict[str, str | None]) -> dict[str, forms.Form | None]:
    keep, plan = objections["keep"] is None, objections["plan"] is None
    return {
        "agenda": AgendaForm(reviews=reviews_to_put(meeting)) if plan else None,
        "attendance": _attendance(meeting) if keep else None,
        "action": _action(meeting) if keep else None,
        "minutes": MinutesForm(initial={"text": meeting.minutes_text}) if objections["write"] is None else None,
    }


def _attendance(meeting: Meeting, data: Any = None) -> AttendanceForm:
    day = clock.today()
    running = Delegation.objects.running(day).filter(seat__council=meeting.council)
    present = selectors.presences(meeting)
    return AttendanceForm(data, present=present, delegates=list(running.select_related("to")))


def _action(meeting: Meeting, data: Any = None) -> MeetingActionForm:
    people = people_with(*READERS, unit=meeting.council.unit)
    return MeetingActionForm(data, people=people, auto_id="action_%s")
