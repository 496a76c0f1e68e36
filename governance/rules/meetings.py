"""Who opens and closes a meeting, who sits in it, and who reads its papers."""

from collections.abc import Collection

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Meeting, MeetingAction
from governance.rules.council import objection_to_run


def objection_to_read_papers(user: User, meeting: Meeting, members: Collection[int]) -> str | None:
    """Pack and minutes tell of every entry, confidential ones included."""
    unit = meeting.council.unit_id
    if user.pk in members or roles_of(user).has(Role.CAIO, Role.CAIO_OFFICE, Role.AUDITOR, unit=unit):
        return None
    return "Only the council, the CAIO office and auditors read the papers of a meeting."


def objection_to_open(user: User | None, meeting: Meeting) -> str | None:
    if meeting.opened_at:
        return "The meeting has been opened already."
    return objection_to_run(user, meeting.council.unit_id)


def objection_to_move(user: User | None, meeting: Meeting) -> str | None:
    """To another day, before it has begun."""
    if meeting.opened_at:
        return "The meeting has been opened already."
    return objection_to_run(user, meeting.council.unit_id)


def objection_to_keep(user: User | None, meeting: Meeting) -> str | None:
    """For what the office records while the meeting is open: attendance, actions and its end."""
    if not meeting.is_open:
        return "The meeting is not open."
    return objection_to_run(user, meeting.council.unit_id)


def objection_to_plan(user: User | None, meeting: Meeting) -> str | None:
    """For the agenda and the pack."""
    if meeting.closed_at:
        return "The meeting is closed."
    return objection_to_run(user, meeting.council.unit_id)


def objection_to_write_minutes(user: User | None, meeting: Meeting) -> str | None:
    if meeting.closed_at is None:
        return "Minutes are written when the meeting is closed."
    if meeting.minutes_approved_at:
        return "The minutes are approved."
    return objection_to_run(user, meeting.council.unit_id)


def objection_to_approve_minutes(
    user: User, meeting: Meeting, members: Collection[int], later: Meeting | None
) -> str | None:
    """Minutes are approved by a member while a LATER meeting of the council is open."""
    if not meeting.minutes_text or meeting.closed_at is None:
        return "There are no minutes to approve yet."
    if meeting.minutes_approved_at:
        return "The minutes are approved."
    if user.pk not in members:
        return "Only members of the council approve its minutes."
    return None if later else "The council approves them at its next meeting."


def objection_to_finish(user: User, action: MeetingAction) -> str | None:
    if action.done_at:
        return "This action is done."
    if user.pk == action.owner_id or objection_to_run(user, action.meeting.council.unit_id) is None:
        return None
    return "Only who took the action on, and the CAIO office, finish it."
