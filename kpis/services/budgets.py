"""What units plan to spend."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from kpis import rules
from kpis.models import BudgetLine
from kpis.services import rollups
from portfolio.models import UseCase
from vendors.models import Vendor


@dataclass(frozen=True, slots=True)
class Line:
    """What is planned, and committed already, for one month and thing."""

    month: date
    planned: Decimal
    committed: Decimal = Decimal(0)
    use_case: UseCase | None = None
    vendor: Vendor | None = None
    category: str = ""
    currency: str = "USD"


@transaction.atomic
def set_budget(unit: OrgUnit, lines: Iterable[Line], *, by: User | None) -> list[BudgetLine]:
    """Set lines of a unit's budget; a line for the same month and thing is replaced."""
    if by is not None:
        require(rules.objection_to_plan(by, unit))
    saved = [_save(unit, line) for line in lines]
    if not saved:
        raise Invalid("The budget has no lines.")
    rollups.mark_families({("cost", line.month) for line in saved}, f"The budget of {unit.name} was set")
    record("budget.set", saved[0], by=by, unit=unit, of=unit.name, rows=len(saved))
    return saved


def _save(unit: OrgUnit, line: Line) -> BudgetLine:
    if line.month.day != 1:
        raise Invalid("A budget is set for whole months.", "month")
    if line.planned < 0 or line.committed < 0:
        raise Invalid("A budget is not negative.", "planned")
    if line.use_case is not None and line.vendor is not None:
        raise Invalid("A line is for a use case or for a vendor.", "vendor")
    saved, _ = BudgetLine.objects.update_or_create(
        unit=unit, month=line.month, use_case=line.use_case, vendor=line.vendor, category=line.category,
        currency=line.currency,
        defaults={"planned": line.planned, "committed": line.committed, "set_at": clock.now()},
    )  # fmt: skip
    return saved
