"""The unit that a page is narrowed to."""

from collections.abc import Iterable

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of, units_with_depth


def units_of(user: User) -> list[OrgUnit]:
    """The units in which a person holds any role, as a tree."""
    roles = roles_of(user)
    return units_with_depth(None if roles.everywhere(*Role) else roles.unit_ids(*Role))


def chosen_unit(units: Iterable[OrgUnit], wanted: str) -> OrgUnit | None:
    """The unit that an address names, if it is among those offered."""
    return next((unit for unit in units if str(unit.pk) == wanted), None)
