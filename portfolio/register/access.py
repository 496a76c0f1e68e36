"""From an address to a register: for the office those of its units, for everybody else what is open."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from portfolio.models import PublicRegister
from portfolio.register.rules import READERS


def registers_of(user: User) -> QuerySet[PublicRegister]:
    roles = roles_of(user)
    rows = PublicRegister.objects.select_related("unit", "by")
    return rows if roles.everywhere(*READERS) else rows.filter(unit__in=roles.unit_ids(*READERS))


def register_or_404(user: User, pk: int) -> PublicRegister:
    return get_object_or_404(registers_of(user), pk=pk)


def open_register_or_404(slug: str) -> PublicRegister:
    rows = PublicRegister.objects.select_related("unit").exclude(opened_at=None).filter(closed_at=None)
    return get_object_or_404(rows, slug=slug)
