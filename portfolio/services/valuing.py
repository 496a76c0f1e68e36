"""What a use case costs and brings, as people state it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.models import Benefit, BenefitState, CostLine
from portfolio.services.editing import lock


@transaction.atomic
def record_cost(
    use_case_id: int, *, by: User, month: date, category: str, kind: str, amount: Decimal, currency: str
) -> CostLine:
    """Add what one thing costs in one month."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    line = CostLine.objects.create(
        use_case=use_case, month=month.replace(day=1), category=category, kind=kind, amount=amount, currency=currency
    )
    record("use_case.cost_recorded", use_case, by=by, cost=str(line), kind=kind)
    return line


@transaction.atomic
def remove_cost(cost_line_id: int, *, by: User) -> CostLine:
    line = CostLine.objects.get(pk=cost_line_id)
    use_case = lock(line.use_case_id)
    require(rules.objection_to_edit(by, use_case))
    line.voided_at = clock.now()
    line.save(update_fields=["voided_at"])
    record("use_case.cost_removed", use_case, by=by, cost=str(line))
    return line


@transaction.atomic
def state_benefit(use_case_id: int, benefit: Benefit, *, by: User) -> Benefit:
    """Save a benefit, new or changed. Only somebody from finance makes it *verified*, and signs with their name."""
    use_case = lock(use_case_id)
    old = Benefit.objects.filter(pk=benefit.pk).first()
    if benefit.state == BenefitState.VERIFIED:
        require(rules.objection_to_verify(by, use_case))
        benefit.verified_by = by
    else:
        require(rules.objection_to_edit(by, use_case))
        benefit.verified_by = None
    _require_figures(benefit)
    benefit.use_case = use_case
    benefit.save()
    record(
        "use_case.benefit_stated",
        use_case,
        by=by,
        benefit=benefit.metric,
        state=benefit.get_state_display().lower(),
        before=_figures(old),
        after=_figures(benefit),
    )
    return benefit


@transaction.atomic
def remove_benefit(benefit_id: int, *, by: User) -> Benefit:
    benefit = Benefit.objects.get(pk=benefit_id)
    use_case = lock(benefit.use_case_id)
    require(rules.objection_to_edit(by, use_case))
    benefit.voided_at = clock.now()
    benefit.save(update_fields=["voided_at"])
    record("use_case.benefit_removed", use_case, by=by, benefit=benefit.metric, before=_figures(benefit))
    return benefit


def _require_figures(benefit: Benefit) -> None:
    if benefit.state != BenefitState.CLAIMED and benefit.baseline is None:
        raise Invalid("State the baseline first: the figure before the AI.", "baseline")
    if benefit.state in (BenefitState.MEASURED, BenefitState.VERIFIED) and benefit.value is None:
        raise Invalid("State the measured value.", "value")
    if benefit.worth is not None and not benefit.currency:
        raise Invalid("Name the currency.", "currency")


def _figures(benefit: Benefit | None) -> dict[str, Any] | None:
    if benefit is None:
        return None
    names = ("metric", "uom", "baseline", "target", "value", "worth", "currency", "period", "state")
    return {name: getattr(benefit, name) for name in names}
