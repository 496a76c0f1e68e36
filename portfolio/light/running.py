"""What runs without approval: until when it may, and the ways to put it in order."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from caio_portal.accounts.models import User
from caio_portal.common import clock
from portfolio import ports
from portfolio.light import access
from portfolio.models import Tool, UseCase
from portfolio.stages import Stage

_OFFERED = 4


@dataclass(frozen=True)
class ToSettle:
    """The clock of one use case, and the approved tools that could do the same."""

    by: date
    overdue: bool
    tools: tuple[Tool, ...]
    is_submitted: bool


def unsettled() -> Q:
    """The use cases whose clock runs: reported as running, and without an approval in force since."""
    running = Q(settle_by__isnull=False, voided_at=None) & ~Q(stage=Stage.RETIRED)
    approved = next(iter(ports.approved_ids.ask_all()), None)
    return running if approved is None else running & ~Q(pk__in=approved)


def to_settle(use_case: UseCase) -> ToSettle | None:
    """None if its clock does not run."""
    if use_case.settle_by is None or not UseCase.objects.filter(unsettled(), pk=use_case.pk).exists():
        return None
    tools = access.tools_of_unit(use_case.unit)
    product = str(use_case.facts.get("vendor_product") or "").lower()
    tools.sort(key=lambda tool: tool.name.lower() not in product)  # the product itself first, if it is approved by now
    submitted = use_case.submissions.exists()
    return ToSettle(use_case.settle_by, use_case.settle_by < clock.today(), tuple(tools[:_OFFERED]), submitted)


def standings(use_case: UseCase, user: User) -> list[ports.Standing]:
    """Answer to our own port: how long what was reported may go on."""
    if use_case.settle_by is None or not UseCase.objects.filter(unsettled(), pk=use_case.pk).exists():
        return []
    overdue = use_case.settle_by < clock.today()
    text = f"Reported as running; to be put in order by {use_case.settle_by:%-d %B %Y}"
    url = f"{use_case.get_absolute_url()}#settle"
    return [ports.Standing("Overdue" if overdue else "Time left", text, "bad" if overdue else "warn", url)]
