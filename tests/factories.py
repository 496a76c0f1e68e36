"""The smallest valid objects; traits name the interesting ones."""

from itertools import count
from typing import Any

from django.conf import settings
from django.test import Client

from caio_portal.accounts import services as accounts
from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from portfolio.models import Benefit, Source, UseCase
from portfolio.stages import Stage

_number = count(1)


def make_unit(name: str = "", parent: OrgUnit | None = None) -> OrgUnit:
    return accounts.create_unit(name or f"Unit {next(_number)}", parent=parent, by=None)


def make_person(*roles: str, unit: OrgUnit | None = None, function: str = "legal", name: str = "") -> User:
    """Somebody who holds ROLES for UNIT (a new root unit if none is named)."""
    number = next(_number)
    user = accounts.create_user(f"person{number}@example.com", name or f"Person {number}", by=None)
    for role in roles:
        needs_function = role in (Role.REVIEWER, Role.COUNCIL_MEMBER)
        unit = unit or make_unit()
        accounts.grant_role(user, unit, Role(role), by=None, function=function if needs_function else "")
    return user


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


# --- use cases ---------------------------------------------------------------------------------------------------


def make_use_case(
    title: str = "", *, unit: OrgUnit | None = None, requester: User | None = None, **fields: Any
) -> UseCase:
    """The smallest valid use case: an idea of somebody's; nothing is told to the ports or the trail."""
    number = next(_number)
    now = clock.now()
    fields = {"stage": Stage.IDEA, "registered_at": now, "changed_at": now, **fields}
    if fields["stage"]:
        fields.setdefault("stage_since", now)
    if requester is None and fields.get("source") != Source.IMPORT:
        requester = make_person()
    return UseCase.objects.create(
        ref=f"UC-2020-{number:04d}",
        title=title or f"Use case {number}",
        unit=unit or make_unit(),
        requester=requester,
        **fields,
    )


def bring(use_case: UseCase, target: int, **fields: Any) -> Benefit:
    """A benefit of so many dollars a year."""
    told: dict[str, Any] = {"metric": "Money", "uom": "USD", "period": "year", "worth": 1, "currency": "USD", **fields}
    return Benefit.objects.create(use_case=use_case, target=target, **told)
