"""What the shell of every page needs; lazy, so that partials do not pay for it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role, Roles
from caio_portal.accounts.selectors import roles_of


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"roles": Roles(), "unread_notices": 0, "chief_role": ""}
    return {
        "roles": SimpleLazyObject(lambda: roles_of(user)),
        "unread_notices": SimpleLazyObject(lambda: Notice.objects.filter(user=user, read_at=None).count()),
        "chief_role": SimpleLazyObject(lambda: chief_role(roles_of(user))),
    }


def chief_role(roles: Roles) -> str:
    """The role by which the top bar introduces a person: the last of the list that they hold."""
    order = [Role.REQUESTER, Role.OWNER, Role.REVIEWER, Role.COUNCIL_MEMBER, Role.VENDOR_MANAGER, Role.AUDITOR,
             Role.ADMINISTRATOR, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.CAIO]  # fmt: skip
    held = [role for role in order if role in roles.names]
    return held[-1].label if held else ""
