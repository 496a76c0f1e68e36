"""Who a person is: one query a request."""

from collections import defaultdict

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, Q
from django.db.models.expressions import F, RawSQL, Value

from caio_portal.accounts.models import OrgUnit, RoleGrant, User
from caio_portal.accounts.roles import Grant, Roles
from caio_portal.common import clock, stamps


def roles_of(user: User | AnonymousUser) -> Roles:
    """The roles that USER holds today; asked once and kept on the user object."""
    if not user.is_authenticated:
        return Roles()
    if user.known_roles is None:
        user.known_roles = _roles_from_database(user)
    return user.known_roles


def people_with(*roles: str, unit: OrgUnit | None = None, function: str | None = None) -> list[User]:
    """The active people who hold one of ROLES, for UNIT (or a unit above it) if one is named."""
    grants = in_force().filter(role__in=roles, user__is_active=True)
    if unit is not None:
        grants = grants.alias(of=Value(unit.path)).filter(of__startswith=F("unit__path"))
    if function is not None:
        grants = grants.filter(function=function)
    return list(User.objects.filter(pk__in=grants.values("user")).order_by("name"))


def in_force():  # type: ignore[no-untyped-def]  # a queryset of RoleGrant
    """The grants that count today."""
    today = clock.today()
    return RoleGrant.objects.filter(starts_on__lte=today).filter(Q(ends_on=None) | Q(ends_on__gte=today))


def units_with_depth(unit_ids: frozenset[int] | None = None) -> list[OrgUnit]:
    """The tree in order, for select fields; only UNIT_IDS if given."""
    units = OrgUnit.objects.all() if unit_ids is None else OrgUnit.objects.filter(pk__in=unit_ids)
    by_parent: dict[int | None, list[OrgUnit]] = defaultdict(list)
    known = {unit.pk for unit in units}
    for unit in sorted(units, key=lambda unit: unit.name.lower()):
        by_parent[unit.parent_id if unit.parent_id in known else None].append(unit)
    ordered: list[OrgUnit] = []

    def walk(parent: int | None) -> None:
        for unit in by_parent[parent]:
            ordered.append(unit)
            walk(unit.pk)

    walk(None)
    return ordered


def _roles_from_database(user: User) -> Roles:
    below = (
        OrgUnit.objects.filter(path__startswith=OuterRef("unit__path"))
        .order_by()
        .values(everything=Value(1))
        .annotate(keys=ArrayAgg("pk"))
        .values("keys")
    )
    stamped = {f"stamp_{number}": RawSQL(column, []) for number, column in enumerate(stamps.expressions())}  # noqa: S611
    rows = (
        in_force()
        .filter(user=user)
        .annotate(below=below, **stamped)
        .values_list("role", "function", "unit_id", "unit__parent_id", "below", *stamped)
    )
    grants = []
    for role, function, unit, top, keys, *numbers in rows:
        grants.append(Grant(role, function, unit, top is None, frozenset(keys)))
        stamps.tell(numbers)
    return Roles(tuple(grants))
