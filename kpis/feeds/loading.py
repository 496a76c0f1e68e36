"""From a delivery to the table: binary COPY into a staging table, then one INSERT that skips what is there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction

from kpis import catalogue, months
from kpis.feeds.delivery import Delivery, Scope, Staged
from kpis.models import Feed, FeedBatch

_TYPES = ["int4", "timestamptz", "int8", "int8", "int8", "int8", "int4", "int4", "int2", "float8", "float8", "numeric",
          "int4[]"]  # fmt: skip
_STAGING = """
CREATE TEMP TABLE observation_staging (
  scope integer, observed_at timestamptz, natural_key bigint, unit_id bigint, use_case_id bigint, vendor_id bigint,
  n integer, "row" integer, measure smallint, num double precision, den double precision, amount numeric(20, 6),
  hist integer[]
) ON COMMIT DROP
"""
_INSERT = """
INSERT INTO observation (
  feed_id, batch_id, observed_at, natural_key, unit_id, use_case_id, vendor_id, n, "row", measure, num, den, amount,
  hist)
SELECT
  %s, batch.id, observed_at, natural_key, unit_id, use_case_id, vendor_id, n, "row", measure, num, den, amount, hist
FROM observation_staging JOIN unnest(%s::int[], %s::bigint[]) AS batch(scope, id) USING (scope)
ORDER BY scope, natural_key -- scopes are hardly ever of two months: partitions and their keys are filled in order
"""
_NEW_ONLY = "ON CONFLICT DO NOTHING"


def stage(delivery: Delivery) -> int:
    """Copy a delivery into the staging table of this transaction; returns the number of observations."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.observation_staging")
        cursor.execute(_STAGING)
        with cursor.copy("COPY observation_staging FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for row in delivery.staged():
                copy.write_row(row)
                count += 1
    return count


def publish(feed: Feed, batches: Sequence[tuple[Scope, FeedBatch]]) -> int:
    """Move the staged observations into the table, whose months exist; returns how many were not there before."""
    wanted: list[Any] = [feed.pk, [scope.number for scope, _ in batches], [batch.pk for _, batch in batches]]
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():  # mostly none was there: not to ask it of each is a third quicker
                cursor.execute(_INSERT, wanted)
        except IntegrityError:
            cursor.execute(_INSERT + _NEW_ONLY, wanted)
        return cursor.rowcount


def staged_in(scopes: Iterable[Scope]) -> int:
    """How many observations of these scopes are staged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM observation_staging WHERE scope = ANY(%s)", [[scope.number for scope in scopes]]
        )
        count: int = cursor.fetchone()[0]
        return count


def make_months(wanted: Iterable[date]) -> None:
    """Make sure that the months' partitions exist."""
    with connection.cursor() as cursor:
        for month in sorted({months.first(day) for day in wanted}):
            cursor.execute("SELECT observation_month(%s)", [month])


def replace_stocks(feed: Feed) -> int:
    """Take out what the staged observations count again of the same day: the last count of a stock is the month's."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE observation_staging")  # few of many rows are stocks: they are looked up by their key
        cursor.execute(
            """
            DELETE FROM observation USING observation_staging AS staged
            WHERE observation.feed_id = %s AND staged.measure = ANY(%s)
              AND (observation.natural_key, observation.observed_at) = (staged.natural_key, staged.observed_at)
            """,
            [feed.pk, sorted(catalogue.current().stocks)],
        )
        return cursor.rowcount


def staged_measures() -> dict[int, set[date]]:
    """Which measures the staged observations are of, and in which months."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT measure, date_trunc('month', observed_at, 'UTC')::date FROM observation_staging"
        )
        found: dict[int, set[date]] = defaultdict(set)
        for measure, month in cursor.fetchall():
            found[measure].add(month)
    return found


def remove(batches: Iterable[FeedBatch]) -> int:
    """Take the observations of these batches out of the table (their files are kept); returns how many."""
    removed = 0
    with connection.cursor() as cursor:
        for batch in batches:
            cursor.execute(
                "DELETE FROM observation WHERE batch_id = %s AND observed_at >= %s AND observed_at < %s",
                [batch.pk, months.start(batch.first_month), months.end(batch.last_month)],
            )
            removed += cursor.rowcount
    return removed


__all__ = ["Staged", "make_months", "publish", "remove", "replace_stocks", "stage", "staged_in", "staged_measures"]
