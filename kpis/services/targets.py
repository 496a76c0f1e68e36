"""What is wanted of a KPI."""

from decimal import Decimal

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from kpis import catalogue, rules, words
from kpis.models import Target
from kpis.status import Bands


@transaction.atomic
def set_target(
    key: str,
    unit: OrgUnit | None,
    period: str,
    *,
    low: Decimal | None,
    high: Decimal | None,
    tolerance: Decimal,
    by: User,
    owner: User | None = None,
) -> Target:
    """Set the target of a KPI for a unit (all, without one) in a year, a quarter or always."""
    kpi = catalogue.current().by_key[key]
    require(rules.objection_to_set_target(by, unit))
    if (low is None, high is None) != (kpi.low is None, kpi.high is None):
        wanted = " and ".join(name for name, bound in (("lower", kpi.low), ("upper", kpi.high)) if bound is not None)
        raise Invalid(f"{kpi.name} needs a {wanted} bound, and no other.", "low" if kpi.low is not None else "high")
    if low is not None and high is not None and low >= high:
        raise Invalid("The lower bound must be below the upper one.", "high")
    target = Target.objects.select_for_update().filter(kpi=key, unit=unit, period=period).first()
    before = words.target(kpi, target.bands) if target else "not set"
    target = target or Target(kpi=key, unit=unit, period=period)
    target.low, target.high, target.tolerance, target.owner, target.set_at = low, high, tolerance, owner, clock.now()
    target.save()
    record(
        "target.set", target, by=by, unit=unit, kpi=kpi.name, before=before, after=words.target(kpi, Bands(low, high)),
        period=period or "always", of=unit.name if unit else "all units",
    )  # fmt: skip
    return target
