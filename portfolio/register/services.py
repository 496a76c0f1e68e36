"""Public registers are kept, opened and closed by the office of their unit."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio.models import PublicRegister
from portfolio.register.rules import objection_to_keep


@transaction.atomic
def save_register(register: PublicRegister, *, by: User) -> PublicRegister:
    """Keep what a register tells; a new one is closed. Raises Invalid for an address that is taken."""
    require(objection_to_keep(by, register.unit))
    if PublicRegister.objects.filter(slug=register.slug).exclude(pk=register.pk).exists():
        raise Invalid("Another register has this address.", "slug")
    register.by, register.changed_at = by, clock.now()
    register.save()
    record("register.saved", register, by=by, unit=register.unit, stages=register.stages, facts=register.facts)
    return register


@transaction.atomic
def open_register(pk: int, *, by: User) -> PublicRegister:
    """From now on anybody reads it."""
    register = _locked(pk, by)
    if not register.is_open:
        register.opened_at, register.closed_at = clock.now(), None
        register.save(update_fields=["opened_at", "closed_at"])
        record("register.opened", register, by=by, unit=register.unit)
    return register


@transaction.atomic
def close_register(pk: int, *, by: User) -> PublicRegister:
    """From now on nobody outside reads it."""
    register = _locked(pk, by)
    if register.is_open:
        register.closed_at = clock.now()
        register.save(update_fields=["closed_at"])
        record("register.closed", register, by=by, unit=register.unit)
    return register


def _locked(pk: int, by: User) -> PublicRegister:
    register = PublicRegister.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    require(objection_to_keep(by, register.unit))
    return register
