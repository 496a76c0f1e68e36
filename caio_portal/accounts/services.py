"""The only writers of people, units, roles and notices."""

from collections.abc import Iterable
from datetime import date

from django.db import connection, models, transaction

from caio_portal.accounts import ports
from caio_portal.accounts.models import Notice, OrgUnit, RoleGrant, User, UserKind
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import in_force
from caio_portal.audit.events import record
from caio_portal.common import clock, jobs
from caio_portal.common.errors import Invalid, NotAllowed

OVERSIGHT = (Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.AUDITOR, Role.ADMINISTRATOR)


@transaction.atomic
def create_unit(name: str, *, parent: OrgUnit | None = None, by: User | None) -> OrgUnit:
    """Add a unit to the tree, below PARENT if one is named."""
    key = _next_unit_key()
    path = f"{parent.path if parent else ''}{key}."
    unit = OrgUnit.objects.create(pk=key, name=name, parent=parent, path=path)
    record("unit.created", unit, by=by, unit=unit, parent=parent.name if parent else None)
    return unit


@transaction.atomic
def create_tree(name: str, *, by: User | None) -> OrgUnit:
    """Add a root of its own, seen by whoever oversees a whole tree already: a portal has one CAIO's office."""
    unit = create_unit(name, by=by)
    overseers = in_force().filter(role__in=OVERSIGHT, unit__parent=None, user__is_active=True).select_related("user")
    for user, role in dict.fromkeys((grant.user, grant.role) for grant in overseers):
        grant_role(user, unit, Role(role), by=by)
    return unit


@transaction.atomic
def create_user(
    email: str, name: str, *, by: User | None, password: str | None = None, title: str = "", kind: str = UserKind.PERSON
) -> User:
    """Open an account; without a password its holder sets one through the reset mail."""
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(f"There is already an account for {email}.", "email")
    user = User.objects.create_user(email, password, name=name, title=title, kind=kind)
    record("user.created", user, by=by, email=user.email, kind=kind)
    return user


@transaction.atomic
def grant_role(
    user: User, unit: OrgUnit, role: Role, *, by: User | None, function: str = "", starts_on: date | None = None
) -> RoleGrant:
    """Give USER a role for UNIT and all units below it."""
    grant, new = RoleGrant.objects.get_or_create(
        user=user, unit=unit, role=role, function=function, ends_on=None,
        defaults={"starts_on": starts_on or clock.today()},
    )  # fmt: skip
    if new:
        record("role.granted", user, by=by, unit=unit, role=role.label, function=function)
    return grant


@transaction.atomic
def end_role(grant_id: int, *, by: User) -> RoleGrant:
    """Let a role end with today."""
    grant = RoleGrant.objects.select_for_update().select_related("user", "unit").get(pk=grant_id)
    if grant.ends_on:
        raise NotAllowed("This role has already ended.")
    grant.ends_on = max(clock.today(), grant.starts_on)
    grant.save(update_fields=["ends_on"])
    record("role.ended", grant.user, by=by, unit=grant.unit, role=Role(grant.role).label, function=grant.function)
    return grant


@transaction.atomic
def notify(users: Iterable[User], subject: models.Model, text: str, url: str) -> list[Notice]:
    """Tell people in the portal and by mail; part of the transaction of what they are told."""
    now = clock.now()
    rows = [
        Notice(
            user=user, subject_type=subject._meta.label_lower, subject_id=str(subject.pk), text=text[:300],
            url=_address_for(user, subject, url), created_at=now,
        )
        for user in {user.pk: user for user in users}.values()
    ]  # fmt: skip
    notices = Notice.objects.bulk_create(rows)
    if notices and clock.is_present():
        for notice in notices:
            notice.job = jobs.request("accounts.mail_notice", str(notice.pk), {"notice": notice.pk})
        Notice.objects.bulk_update(notices, ["job"])
    return notices


@transaction.atomic
def mark_read(user: User, notice_ids: Iterable[int] | None = None) -> int:
    """Mark notices (all, if none are named) as read by the person they are for."""
    unread = Notice.objects.filter(user=user, read_at=None)
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    return unread.update(read_at=clock.now())


def _address_for(user: User, subject: models.Model, url: str) -> str:
    """Who cannot sign in is led to no page that asks them to."""
    if user.kind != UserKind.GUEST or url.startswith("/guest/"):
        return url
    return next((address for address in ports.guest_address.ask_all(user, subject) if address), "")


def _next_unit_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('org_unit', 'id'))")
        return int(cursor.fetchone()[0])
