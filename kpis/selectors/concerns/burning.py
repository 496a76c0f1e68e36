"""Services that use up their error budget too fast: over a long window, and still in a short one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from kpis import catalogue, months
from kpis.catalogue import Kpi
from kpis.models import AlertKind
from kpis.selectors.concerns.concern import Concern, named
from kpis.selectors.targets import targets
from portfolio.models import UseCase

HOUR = timedelta(hours=1)


class Pair(NamedTuple):
    """A long window that shows that it matters, a short one that shows that it goes on.

    Source: The Site Reliability Workbook, chapter 5, table 5-8: 2 %, 5 % and 10 % of the budget of 30 days.
    """

    long: timedelta
    short: timedelta
    factor: Decimal
    words: str


PAIRS = (
    Pair(HOUR, HOUR / 12, Decimal("14.4"), "the last hour"),
    Pair(6 * HOUR, HOUR / 2, Decimal(6), "the last 6 hours"),
    Pair(72 * HOUR, 6 * HOUR, Decimal(1), "the last 3 days"),
)
LONGEST = PAIRS[-1].long
LENGTHS = sorted({length for pair in PAIRS for length in (pair.long, pair.short)})

# Windows end with the newest observation of a service: where counts come by the day, an hour is that day. What has
# been counted once in three days is no rate, and what was counted longer ago is a matter of fresh data.
_WINDOWS = """
WITH seen AS (
  SELECT measure, unit_id, use_case_id, observed_at, num, den,
    max(observed_at) OVER (PARTITION BY measure, unit_id, use_case_id) AS newest
  FROM observation
  WHERE measure = ANY(%(measures)s) AND observed_at > %(since)s AND observed_at <= %(now)s AND den > 0
)
SELECT measure, unit_id, use_case_id, newest{windows} FROM seen
WHERE observed_at > newest - %(longest)s AND newest > %(fresh)s
GROUP BY measure, unit_id, use_case_id, newest
HAVING count(DISTINCT observed_at) > 1
ORDER BY measure, unit_id, use_case_id
"""
_SUMS = "".join(
    f",\n  sum(den - num) FILTER (WHERE observed_at > newest - %(length_{place})s)::numeric,"
    f" sum(den) FILTER (WHERE observed_at > newest - %(length_{place})s)::numeric"
    for place in range(len(LENGTHS))
)


@dataclass(frozen=True, slots=True)
class _Service:
    """The failures and requests of one service, by length of the window."""

    kpi: Kpi
    unit_id: int
    use_case_id: int | None
    newest: datetime
    counts: Mapping[timedelta, tuple[Decimal, Decimal]]

    def rate(self, length: timedelta, budget: Decimal) -> Decimal:
        """How many times faster than planned the budget was used."""
        failed, requests = self.counts[length]
        return failed / requests / budget


def burning() -> Iterator[Concern]:
    """In three queries, and one for each unit with such services."""
    services = list(_services())
    units = OrgUnit.objects.in_bulk({service.unit_id for service in services})
    use_cases = UseCase.objects.filter(pk__in={one.use_case_id for one in services}).values_list("pk", "title", "ref")
    names = {pk: named(title, ref) for pk, title, ref in use_cases}
    for service in services:
        if (unit := units.get(service.unit_id)) is None:
            continue
        objective = targets({unit.pk}, [service.kpi.key], unit.path).bands(service.kpi, months.first(clock.today())).low
        if objective is not None and objective < 100 and (fast := _fastest(service, 1 - objective / 100)):
            name = names.get(service.use_case_id, unit.name) if service.use_case_id else unit.name
            yield Concern(
                AlertKind.BURN, service.kpi.key, months.first(service.newest.date()),
                _sentence(service, name, fast, objective), fast.factor > 1, service.unit_id, service.use_case_id,
            )  # fmt: skip


def _services() -> Iterator[_Service]:
    """The services that were counted in the last three days."""
    book, by_id = catalogue.current(), defaultdict[int, list[Kpi]](list)
    for kpi in book.kpis:
        if kpi.error_budget:
            by_id[book.measures[kpi.good_of_all].id].append(kpi)
    now = clock.now()
    parameters: dict[str, Any] = {
        "measures": sorted(by_id), "now": now, "since": now - 2 * LONGEST, "fresh": now - LONGEST, "longest": LONGEST,
        **{f"length_{place}": length for place, length in enumerate(LENGTHS)},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS.replace("{windows}", _SUMS), parameters)
        for measure, unit, use_case, newest, *sums in cursor.fetchall():
            counts = dict(zip(LENGTHS, zip(sums[::2], sums[1::2], strict=True), strict=True))
            for kpi in by_id[measure]:
                yield _Service(kpi, unit, use_case, newest, counts)


def _fastest(service: _Service, budget: Decimal) -> Pair | None:
    return next(
        (
            pair
            for pair in PAIRS
            if service.rate(pair.long, budget) >= pair.factor and service.rate(pair.short, budget) >= pair.factor
        ),
        None,
    )


def _sentence(service: _Service, name: str, pair: Pair, objective: Decimal) -> str:
    failed, requests = service.counts[pair.long]
    times, day = service.rate(pair.long, 1 - objective / 100), service.newest
    newest = service.counts[LENGTHS[0]]  # counts that come by the day, or more seldom, tell of no hours
    is_alone = pair.long < LONGEST and service.counts[PAIRS[1].long] == newest
    when = f"the newest count, of {day.day} {day:%B}" if is_alone else pair.words
    return (
        f"{service.kpi.name} of {name}: {failed:,.0f} of {requests:,.0f} requests missed it in {when}, which "
        f"uses up the error budget of {100 - objective:g}% {times:,.1f} times as fast as planned."
    )
