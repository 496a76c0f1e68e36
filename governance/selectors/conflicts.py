"""Declared conflicts of interest, as pages and lists of work ask for them."""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import in_force, roles_of
from governance.models import Conflict
from portfolio.models import SystemUse, UseCase

OVERSEERS = (Role.CAIO, Role.CAIO_OFFICE, Role.AUDITOR)


def conflicts_seen_by(user: User) -> QuerySet[Conflict]:
    """One's own, and for those who oversee the judges of a unit also theirs; what stands comes first."""
    units = roles_of(user).unit_ids(*OVERSEERS)
    theirs = in_force().filter(unit__in=units).values("user")
    seen = Conflict.objects.filter(Q(user=user) | Q(user__in=theirs))
    return seen.select_related("user", "unit", "vendor").order_by("-ended_at", "-declared_at", "-pk")


def binding(user: User) -> Callable[[UseCase], bool]:
    """Whether a declared interest of USER touches a use case (with its unit); one query, two with vendors."""
    standing = list(Conflict.objects.standing().filter(user=user).select_related("unit"))
    paths = tuple(conflict.unit.path for conflict in standing if conflict.unit)
    vendors = [conflict.vendor_id for conflict in standing if conflict.vendor_id]
    uses = SystemUse.objects.filter(ai_system__products__product__vendor__in=vendors)
    relying = set(uses.values_list("use_case", flat=True)) if vendors else set()
    return lambda use_case: use_case.unit.path.startswith(paths) or use_case.pk in relying
