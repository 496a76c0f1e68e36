"""What the office plans and tells: the budget, a few targets of its own, the closing of months, two past briefings."""

from datetime import date
from decimal import Decimal
from functools import partial

from caio_portal.briefings import services as briefings
from caio_portal.briefings.models import Audience, Briefing, BriefingState
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.measures import activity
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.story import Calendar
from caio_portal.local.demo.timeline import Timeline
from kpis.services import budgets, notes, rollups, targets
from portfolio.models import CostCategory, UseCase

FIRST_CLOSING = -12  # when the feeds are there; whatever lies before is computed then
TERMS = {-24: range(-23, -11), -12: range(-11, 3)}  # in which month a plan is made, and for which months
COMMITTED = Decimal("0.62")  # the share of a plan that contracts have bound already
OWN_TARGETS = {  # the catalogue's are for much smaller cases: here a key action is a claim, an application, a call
    "cost_per_key_action": (None, "11", "3"),
    "cost_to_serve": (None, "15", "4"),
    "time_to_first_value": (None, "240", "60"),
}

NOTES = (  # KPI, month, and what should be known about it
    ("service_availability", -5, "The provider's region was down for two hours on the ninth."),
    ("service_availability", -2, "Two services moved to the new gateway."),
    ("ai_portfolio_roi", -7, "Finance verified the benefits of last year."),
    ("adoption_rate", -8, "The assistant was opened to the whole of claims."),
)


def tell(timeline: Timeline, tellings: list[Telling], calendar: Calendar, company: Company) -> None:
    timeline.add(calendar.moment("targets", -16, 0.5), partial(_set_targets, company))
    for month, planned in TERMS.items():
        timeline.add(calendar.moment("budget", month, 0.9), partial(_plan, tellings, calendar, company, planned))
    timeline.add(calendar.moment("notes", -1, 0.6), partial(_note, calendar, company))
    for month in range(FIRST_CLOSING, 0):
        last = None if month == FIRST_CLOSING else 2
        timeline.add(calendar.moment("closing", month, 1.0), partial(close_month, last))
    for quarters_back in (2, 1):
        first = -((calendar.anchor.month - 1) % 3) - 3 * (quarters_back - 1)  # the first month after that quarter
        timeline.add(calendar.moment("draft", first, 0.3), partial(_draft, company))
        timeline.add(calendar.moment("approval", first, 0.5), partial(_approve, company))


def close_month(last: int | None) -> None:
    """Compute the LAST months of the records (or all), and whatever was delivered or has settled since."""
    rollups.mark_records(last, cause="The month was closed")
    rollups.mark_settled()
    rollups.roll_up_due()


def _plan(tellings: list[Telling], calendar: Calendar, company: Company, planned: range) -> None:
    """The budget by unit and month: what is expected to run, a little less than it comes to cost; the dearest apart."""
    by = company.person("office")
    for name, unit in company.units.items():
        of_unit = [telling for telling in tellings if telling.written["unit"] == name]
        known = [telling for telling in of_unit if telling.use_case is not None]
        dearest = max(known, key=lambda telling: int(telling.written["cost"][1]), default=None)
        others = [telling for telling in of_unit if telling is not dearest]
        lines = [
            _line(calendar.month(month).date(), amount * Decimal("0.985"), use_case)
            for month in planned
            for use_case, part in ((dearest.use_case if dearest else None, [dearest]), (None, others))
            if (amount := sum((_cost(telling, month) for telling in part if telling), Decimal(0)))
        ]
        if lines:
            budgets.set_budget(unit, lines, by=by)


def _cost(telling: Telling, month: int) -> Decimal:
    return Decimal(telling.written["cost"][1]) * Decimal(activity(telling, month))


def _line(month: date, planned: Decimal, use_case: UseCase | None) -> budgets.Line:
    amount, bound = planned.quantize(Decimal(1)), (planned * COMMITTED).quantize(Decimal(1))
    return budgets.Line(month, amount, bound, use_case, category=CostCategory.MODELS.label)


def _note(calendar: Calendar, company: Company) -> None:
    """What should be known about a month, from those who know."""
    for key, month, text in NOTES:
        notes.annotate(key, company.root, calendar.month(month).date(), text, by=company.person("office"))


def _set_targets(company: Company) -> None:
    for key, (low, high, tolerance) in OWN_TARGETS.items():
        targets.set_target(
            key, company.root, "", low=Decimal(low) if low else None, high=Decimal(high) if high else None,
            tolerance=Decimal(tolerance), by=company.person("caio"),
        )  # fmt: skip


def _draft(company: Company) -> None:
    """Of the quarter that has ended, once its last month is closed."""
    close_month(2)
    briefings.draft_briefing(Quarter.of(clock.today()).previous, Audience.BOARD, by=company.person("office"))


def _approve(company: Company) -> None:
    """Its PDF and its publication are work for later: `manage.py publish_demo`."""
    draft = Briefing.objects.filter(state=BriefingState.DRAFT).latest("drafted_at")
    briefings.approve_briefing(draft.pk, by=company.person("caio"))
