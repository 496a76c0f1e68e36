"""Who writes a policy, and who puts it in force."""

from datetime import date

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from governance.models import PolicyVersion

DRAFTERS = (Role.CAIO, Role.CAIO_OFFICE)


def objection_to_draft(user: User) -> str | None:
    """A policy holds for everybody, so it is written by the office of a whole organisation."""
    if roles_of(user).everywhere(*DRAFTERS):
        return None
    return "Only the CAIO and the CAIO office of the whole organisation write policies."


def objection_to_edit(user: User, version: PolicyVersion) -> str | None:
    if not version.is_draft:
        return "A published policy is not changed; another one follows it."
    return objection_to_draft(user)


def objection_to_publish(user: User, version: PolicyVersion) -> str | None:
    """Two people stand behind every policy: whoever changed it last does not publish it."""
    if not version.is_draft:
        return "This policy is published already."
    if objection := objection_to_draft(user):
        return objection
    if version.proposed_by_id == user.pk:
        return "Somebody else publishes it: you wrote it, or changed it last."
    return None


def objection_to_day(valid_from: date, last: PolicyVersion | None) -> str | None:
    """A policy is never in force backwards, and never before the one it follows."""
    if valid_from < clock.today():
        return "A policy begins today or later."
    if last is not None and last.valid_from is not None and valid_from <= last.valid_from:
        return f"{last} begins on {last.valid_from:%-d %B %Y}; this one begins after it."
    return None
