"""Who may do what with a briefing, and when."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.briefings.models import Briefing, BriefingState
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter

EDITORS = (Role.CAIO, Role.CAIO_OFFICE)
DRAFT_READERS = (*EDITORS, Role.AUDITOR)
READERS = (*DRAFT_READERS, Role.EXECUTIVE, Role.COUNCIL_MEMBER)


def may_draft(user: User) -> bool:
    return roles_of(user).has(*EDITORS)


def objection_to_draft(user: User, quarter: Quarter) -> str | None:
    if not may_draft(user):
        return "Only the CAIO office drafts briefings."
    return objection_to_quarter(quarter)


def objection_to_quarter(quarter: Quarter) -> str | None:
    return f"{quarter} has not begun yet." if quarter.first_day > clock.today() else None


def objection_to_edit(user: User, briefing: Briefing) -> str | None:
    if not roles_of(user).has(*EDITORS):
        return "Only the CAIO office edits briefings."
    if briefing.state != BriefingState.DRAFT:
        return f"This briefing is {briefing.get_state_display().lower()}: its text does not change any more."
    return None


def objection_to_approve(user: User, briefing: Briefing) -> str | None:
    if not roles_of(user).has(Role.CAIO):
        return "Only the Chief AI Officer approves briefings."
    if briefing.state != BriefingState.DRAFT:
        return f"This briefing is already {briefing.get_state_display().lower()}."
    return None


def objection_to_publish(user: User, briefing: Briefing, rendered: bool) -> str | None:
    """RENDERED: whether the PDF of what was approved exists."""
    if not roles_of(user).has(*EDITORS):
        return "Only the CAIO office publishes briefings."
    if briefing.state != BriefingState.APPROVED:
        return "A briefing is published after its approval, once."
    return None if rendered else "Render the approved briefing first: the PDF is what is published."


def objection_to_render(user: User) -> str | None:
    return None if roles_of(user).has(*EDITORS) else "Only the CAIO office renders briefings."
