"""What a use case costs and brings, as people state it."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from portfolio import rules
from portfolio.models import Benefit, BenefitState, CostLine
from portfolio.services import benefits
from portfolio.services.editing import lock
from portfolio.value import add_months

_MOST_MONTHS = 60


@transaction.atomic
def record_cost(
    use_case_id: int,
    *,
    by: User,
    month: date,
    category: str,
    kind: str,
    amount: Decimal,
    currency: str,
    running: bool | None = None,
    months: int = 1,
) -> CostLine:
    """Add what one thing costs in one month; a running cost in so many MONTHS. Returns the first line."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    if not 1 <= months <= _MOST_MONTHS or (months > 1 and not running):
        raise Invalid(f"Only a running cost comes back, for at most {_MOST_MONTHS} months.", "months")
    first = month.replace(day=1)
    lines = [
        CostLine.objects.create(
            use_case=use_case, month=add_months(first, step), category=category, kind=kind, amount=amount,
            currency=currency, running=running,
        )
        for step in range(months)
    ]  # fmt: skip
    record("use_case.cost_recorded", use_case, by=by, cost=str(lines[0]), kind=kind, months=months, running=running)
    return lines[0]


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
    old = Benefit.objects.select_for_update(of=("self",)).filter(pk=benefit.pk).first()
    benefit.claimed_by_id = by.pk if old is None else old.claimed_by_id
    if benefit.state == BenefitState.VERIFIED:
        require(rules.objection_to_verify(by, use_case))
        benefits.require_verifiable(old, benefit, by)
        benefit.verified_by = by
    else:
        require(rules.objection_to_edit(by, use_case))
        benefit.verified_by = None
    benefit.use_case = use_case
    if benefit.same_as_id is None:
        benefit.share = None
        benefits.require_figures(benefit)
    else:
        benefits.become_share(benefit, old)
    benefit.save()
    record(
        "use_case.benefit_stated",
        use_case,
        by=by,
        benefit=benefit.metric,
        state=benefit.get_state_display().lower(),
        before=benefits.figures(old),
        after=benefits.figures(benefit),
    )
    return benefit


@transaction.atomic
def remove_benefit(benefit_id: int, *, by: User) -> Benefit:
    benefit = Benefit.objects.get(pk=benefit_id)
    use_case = lock(benefit.use_case_id)
    require(rules.objection_to_edit(by, use_case))
    if shared := benefits.sharing(benefit):
        raise NotAllowed(f"{', '.join(each.use_case.ref for each in shared)} has a share of it: end that first.")
    benefit.voided_at = clock.now()
    benefit.save(update_fields=["voided_at"])
    record("use_case.benefit_removed", use_case, by=by, benefit=benefit.metric, before=benefits.figures(benefit))
    return benefit
