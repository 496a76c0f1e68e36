"""What the office plans and tells: the budget, a few targets of its own, and two past briefings."""

from decimal import Decimal
from functools import partial

from caio_portal.briefings import services as briefings
from caio_portal.briefings.models import Audience
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.measures import activity
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.story import Calendar
from caio_portal.local.demo.timeline import Timeline
from kpis.services import budgets, rollups, targets

PLANNED_MONTHS = range(-15, 3)


def tell(timeline: Timeline, tellings: list[Telling], calendar: Calendar, company: Company) -> None:
    timeline.add(calendar.moment("budget", -16, 0.5), partial(_set_targets, company))
    timeline.add(calendar.moment("budget", 0, 0.02), partial(_plan, tellings, calendar, company))
    for quarters_back in (2, 1):
        first = -((calendar.anchor.month - 1) % 3) - 3 * (quarters_back - 1)  # the first month after that quarter
        timeline.add(calendar.moment("briefing", first, 0.3), partial(_brief, company))


def _plan(tellings: list[Telling], calendar: Calendar, company: Company) -> None:
    """The budget by unit and month: what was expected to run, a little less than it came to cost."""
    by = company.person("office")
    sums: dict[tuple[str, int], Decimal] = {}
    for telling in tellings:
        for month in PLANNED_MONTHS:
            key = (telling.written["unit"], month)
            planned = Decimal(telling.written["cost"][1]) * Decimal(str(activity(telling, month)))
            sums[key] = sums.get(key, Decimal(0)) + planned
    for name, unit in company.units.items():
        lines = [
            budgets.Line(calendar.month(month).date(), (planned * Decimal("0.97")).quantize(Decimal("1")))
            for (owner, month), planned in sums.items()
            if owner == name and planned
        ]
        if lines:
            budgets.set_budget(unit, lines, by=by)


def _set_targets(company: Company) -> None:
    by = company.person("caio")
    targets.set_target(
        "training_completion", company.root, "", low=Decimal(90), high=None, tolerance=Decimal(10), by=by
    )


def _brief(company: Company) -> None:
    """Draft, approve and publish the briefing of the quarter that has just ended."""
    rollups.mark_records()
    rollups.roll_up_due()
    quarter = Quarter.of(clock.today()).previous
    briefing = briefings.draft_briefing(quarter, Audience.BOARD, by=company.person("office"))
    briefings.approve_briefing(briefing.pk, by=company.person("caio"))
    briefings.publish_briefing(briefing.pk, by=company.person("office"))
