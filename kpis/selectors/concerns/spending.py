"""Money that will run out or be left over, and sudden cost."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from caio_portal.common import words as plain
from kpis import catalogue, months
from kpis.models import AlertKind, BudgetLine
from kpis.selectors.budget import budget
from kpis.selectors.concerns.concern import Concern
from kpis.selectors.outlook import Outlook, is_spike, outlook
from kpis.status import Status
from portfolio.models import UseCase

HISTORY = timedelta(days=60)
LEAST_DAYS = 14  # of history before a day can stand out
WORTH = Decimal(100)  # in the currency of the feed: less is no news

_DAYS = """
SELECT observation.unit_id, use_case_id, (observed_at AT TIME ZONE 'UTC')::date AS day, sum(amount)
FROM observation
WHERE measure = %(measure)s AND observed_at >= %(since)s AND observed_at <= %(now)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def spending() -> Iterator[Concern]:
    yield from _budgets()
    yield from _spikes()


def _budgets() -> Iterator[Concern]:
    """The quarter of today, for the top of each tree and for every unit that has a plan; five queries for each."""
    quarter = months.quarter(clock.today())
    wanted = months.of_quarter(quarter)
    planned = set(BudgetLine.objects.filter(month__in=wanted).values_list("unit_id", flat=True))
    units = list(OrgUnit.objects.order_by("path"))
    for unit in units:
        below = {other.pk for other in units if other.path.startswith(unit.path)}
        if unit.pk not in planned and (unit.parent_id is not None or not planned & below):
            continue
        found = outlook(budget(below, quarter))
        if (text := _budget_words(unit, found)) is not None:
            grave = not found.budget.planned or (found.status is Status.OFF_TRACK and (found.variance or 0) > 0)
            month = months.first(clock.today())
            yield Concern(AlertKind.BUDGET, "budget_variance", month, text, grave, unit_id=unit.pk)


def _budget_words(unit: OrgUnit, found: Outlook) -> str | None:
    """Too much, or far too little; a plan that is nearly met is nobody's concern."""
    if found.run_rate and not found.budget.planned:  # a plan of nothing is a plan
        known = plain.money(found.run_rate, short=True)
        return f"{unit.name} will spend about {known} in {found.budget.quarter}, for which nothing is planned."
    if found.run_rate is None or found.variance is None or found.status not in (Status.WATCH, Status.OFF_TRACK):
        return None
    spent, planned = (plain.money(amount, short=True) for amount in (found.run_rate, found.budget.planned))
    text = (
        f"{unit.name} will spend about {spent} of the {planned} planned for {found.budget.quarter} "
        f"({found.variance:+.0f}%)"
    )
    if found.gone_on:
        tense = "was gone" if found.gone_on < clock.today() else "will be gone"
        return f"{text}: the money {tense} on {found.gone_on.day} {found.gone_on:%B}."
    return f"{text}." if found.status is Status.OFF_TRACK else None


def _spikes() -> Iterator[Concern]:
    """The newest day of each use case, and of what no use case owns, against the days before it; two queries."""
    now = clock.now()
    parameters: dict[str, Any] = {
        "measure": catalogue.current().measures["effective_cost"].id, "since": now - HISTORY, "now": now,
    }  # fmt: skip
    days: dict[tuple[int, int | None], list[tuple[date, Decimal]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, parameters)
        for unit, use_case, day, amount in cursor.fetchall():
            days.setdefault((unit, use_case), []).append((day, amount))
    standing_out = {
        scope: found
        for scope, found in days.items()
        if len(found) > LEAST_DAYS
        and clock.today() - found[-1][0] < timedelta(days=7)
        and found[-1][1] >= WORTH
        and is_spike([amount for _, amount in found[:-1]], found[-1][1])
    }
    refs = dict(UseCase.objects.filter(pk__in=[key for _, key in standing_out if key]).values_list("pk", "ref"))
    names = dict(OrgUnit.objects.filter(pk__in=[unit for unit, _ in standing_out]).values_list("pk", "name"))
    for (unit, use_case), found in standing_out.items():
        day, amount = found[-1]
        usual = sum((each for _, each in found[:-1]), Decimal(0)) / (len(found) - 1)
        name = refs.get(use_case, "") if use_case else f"What no use case owns in {names.get(unit, 'the unit')}"
        text = f"{name} cost {plain.money(amount)} on {day.day} {day:%B}; a day before that cost {plain.money(usual)}."
        yield Concern(AlertKind.SPIKE, "budget_variance", months.first(day), text, unit_id=unit, use_case_id=use_case)
