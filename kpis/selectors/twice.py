"""Money that may have been counted twice: it cannot be told from the figures, so it is said where they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from caio_portal.accounts.models import User
from kpis import catalogue, months
from kpis.models import Feed
from kpis.selectors.sums import UnitIds
from portfolio.models import UseCase

SHOWN = 20

_LINES = """
SELECT cost_line.use_case_id, cost_line.month, sum(cost_line.amount)
FROM cost_line
JOIN use_case ON use_case.id = cost_line.use_case_id AND use_case.voided_at IS NULL
JOIN kpi_value AS cost ON cost.kpi = 'budget_variance' AND cost.number = %(cost)s AND cost.series = ''
  AND cost.use_case_id = use_case.id AND cost.month = cost_line.month
LEFT JOIN kpi_value AS models ON models.kpi = 'cost_per_key_action' AND models.number = %(models)s
  AND models.series = '' AND models.use_case_id = use_case.id AND models.month = cost_line.month
WHERE cost_line.kind = 'actual' AND cost_line.category = 'infrastructure' AND cost_line.voided_at IS NULL
  AND cost_line.month = ANY(%(months)s) AND cost.num > coalesce(models.num, 0)
  AND (%(units)s::bigint[] IS NULL OR use_case.unit_id = ANY(%(units)s))
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_FEEDS = """
SELECT vendor.name, date_trunc('month', observed_at, 'UTC')::date, array_agg(DISTINCT feed.name ORDER BY feed.name)
FROM observation
JOIN vendor ON vendor.id = observation.vendor_id
JOIN feed ON feed.id = observation.feed_id
WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = %(measure)s
  AND (%(units)s::bigint[] IS NULL OR observation.unit_id = ANY(%(units)s))
GROUP BY 1, 2 HAVING count(DISTINCT feed_id) > 1 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class BilledTwice:
    """The cost of a vendor and month that two feeds bring, such as its own figures and a cost file."""

    vendor: str
    month: date
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenTwice:
    """Cost that a business case tells as infrastructure, of a use case whose cost files hold such cost as well."""

    use_case: UseCase
    month: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Twice:
    billed: tuple[BilledTwice, ...]
    written: tuple[WrittenTwice, ...]


def twice(units: UnitIds, wanted: Sequence[date], user: User) -> Twice:
    """In the months asked for; in four queries at most, of which one reads observations if two feeds bring cost."""
    book = catalogue.current()
    parameters: dict[str, Any] = {
        "months": list(wanted), "start": months.start(wanted[0]), "end": months.end(wanted[-1]),
        "units": None if units is None else sorted(units), "measure": book.measures["effective_cost"].id,
        "cost": book.by_key["budget_variance"].counted_by, "models": book.by_key["cost_per_key_action"].counted_by,
    }  # fmt: skip
    several = Feed.objects.filter(measures__contains=["effective_cost"]).count() > 1
    with connection.cursor() as cursor:
        cursor.execute(_LINES, parameters)
        lines = cursor.fetchall()
        billed: list[tuple[str, date, list[str]]] = []
        if several:
            cursor.execute(_FEEDS, parameters)
            billed = cursor.fetchall()
    seen = UseCase.objects.visible_to(user).in_bulk({line[0] for line in lines}) if lines else {}
    return Twice(
        tuple(BilledTwice(vendor, month, tuple(feeds)) for vendor, month, feeds in billed[:SHOWN]),
        tuple(WrittenTwice(seen[pk], month, amount) for pk, month, amount in lines if pk in seen)[:SHOWN],
    )
