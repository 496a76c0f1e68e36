"""Who declares a conflict of interest, who ends it, and what it keeps a person from."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Conflict

JUDGES = (Role.REVIEWER, Role.COUNCIL_MEMBER, Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE)
READERS = (*JUDGES, Role.AUDITOR)


def objection_to_declare(user: User) -> str | None:
    if roles_of(user).has(*JUDGES):
        return None
    return "Only who examines or decides use cases declares conflicts of interest."


def objection_to_end_conflict(user: User, conflict: Conflict) -> str | None:
    if conflict.ended_at:
        return "This conflict of interest has ended."
    return None if user.pk == conflict.user_id else "Only who declared a conflict of interest ends it."


def objection_by(conflict: Conflict | None) -> str | None:
    """Why somebody with a declared interest does not judge."""
    if conflict is None:
        return None
    return f"You declared an interest in {conflict.subject}: you neither examine nor decide this use case."
