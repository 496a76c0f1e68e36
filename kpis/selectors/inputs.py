"""The observations that a figure is made of, each with the batch and the line that brought it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from caio_portal.accounts.models import User
from kpis import catalogue, months
from kpis.catalogue import Kpi
from kpis.models import FeedBatch
from kpis.selectors.lineage import inputs_of, loaded_then
from kpis.selectors.sums import UnitIds
from portfolio.models import UseCase

PAGE = 100
GONE_SHOWN = 20

_ROWS = """
SELECT observed_at, measure, org_unit.name, use_case.id, use_case.ref, use_case.title, num, den, amount, n,
  feed.id, feed.name, observation.batch_id, batch.file_id, "row",
  measure = ANY(%(stocks)s) AND EXISTS (
    SELECT FROM observation AS later
    WHERE later.feed_id = observation.feed_id AND later.natural_key = observation.natural_key
      AND later.observed_at > observation.observed_at
      AND later.observed_at < date_trunc('month', observation.observed_at, 'UTC') + interval '1 month')
FROM observation
LEFT JOIN org_unit ON org_unit.id = observation.unit_id
LEFT JOIN use_case ON use_case.id = observation.use_case_id
LEFT JOIN feed ON feed.id = observation.feed_id
LEFT JOIN feed_batch AS batch ON batch.id = observation.batch_id
WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(measures)s)
  AND (%(units)s::bigint[] IS NULL OR observation.unit_id = ANY(%(units)s))
  AND (%(known_on)s::timestamptz IS NULL OR batch.loaded_at <= %(known_on)s)
ORDER BY observed_at DESC, measure, observation.batch_id, "row", natural_key
LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Input:
    """One observation as people read it."""

    at: datetime
    measure: str
    unit: str
    use_case: str  # its reference; empty if there is none, or if the reader may not see it
    title: str
    hidden: bool  # there is a use case that the reader may not see
    num: float | None
    den: float | None
    amount: Decimal | None
    n: int
    feed_id: int | None
    feed: str
    batch: int
    has_file: bool
    line: int | None
    is_superseded: bool  # a later count of the same month stands instead


def inputs(
    kpi: Kpi, units: UnitIds, month: date, user: User, *, page: int = 1, known_on: datetime | None = None
) -> tuple[list[Input], bool]:
    """A page of the observations of a value's window, the newest first, and whether there are more; two queries.

    As known on a day: those that had been delivered; what a batch brought that has gone since is in its file only.
    What is told by so few people that its parts are not shown has no rows here either.
    """
    measures = {catalogue.current().measures[name].id: catalogue.current().measures[name] for name in inputs_of(kpi)}
    if not measures or kpi.suppress_below:
        return [], False
    window = kpi.window.months(month)
    parameters: dict[str, Any] = {
        "start": months.start(window[0]), "end": months.end(month), "measures": sorted(measures),
        "units": None if units is None else sorted(units), "limit": PAGE + 1, "offset": (page - 1) * PAGE,
        "known_on": known_on, "stocks": sorted(catalogue.current().stocks),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, parameters)
        rows = cursor.fetchall()
    seen = _seen({row[3] for row in rows if row[3]}, user)
    found = [_input(row, measures[row[1]].name, is_seen=row[3] in seen) for row in rows[:PAGE]]
    return found, len(rows) > PAGE


def _seen(use_cases: Collection[int], user: User) -> set[int]:
    return set(UseCase.objects.visible_to(user).filter(pk__in=use_cases).values_list("pk", flat=True))


def _input(row: tuple[Any, ...], measure: str, *, is_seen: bool) -> Input:
    at, _, unit, use_case, ref, title, num, den, amount, n, feed_id, feed, batch, file, line, again = row
    return Input(
        at, measure, unit or "", ref if is_seen else "", title if is_seen else "", bool(use_case) and not is_seen,
        num, den, amount, n, feed_id, feed or "", batch, file is not None, line, again,
    )  # fmt: skip


def gone_since(kpi: Kpi, month: date, known_on: datetime) -> list[FeedBatch]:
    """The batches that counted on a day and have been replaced or withdrawn since: their rows are in their files."""
    if not inputs_of(kpi) or kpi.suppress_below:
        return []
    then = loaded_then(kpi, tuple(kpi.window.months(month)), known_on)
    return list(FeedBatch.objects.filter(then, ended_at__gt=known_on).select_related("feed", "file")[:GONE_SHOWN])
