from datetime import UTC, date, datetime

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

from kpis.models import KpiValue, Target

pytestmark = pytest.mark.django_db


def partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'observation'::regclass")
        return [row[0] for row in cursor.fetchall()]


def make_month(day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT observation_month(%s)", [day])


def test_the_application_role_gets_a_partition_but_makes_no_table():
    make_month(date(2026, 9, 30))
    make_month(date(2026, 9, 1))

    assert partitions() == ["observation_202609"]
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.mine (id int)")


def test_a_partition_holds_its_month_in_utc():
    make_month(date(2026, 9, 1))
    insert = """INSERT INTO observation (observed_at, natural_key, unit_id, batch_id, feed_id, n, measure)
                VALUES (%s, %s, 1, 1, 1, 1, 1) RETURNING tableoid::regclass::text"""

    with connection.cursor() as cursor:
        cursor.execute(insert, [datetime(2026, 9, 30, 23, 59, tzinfo=UTC), 1])
        assert cursor.fetchone() == ("observation_202609",)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [datetime(2026, 10, 1, tzinfo=UTC), 2])


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_no_partition_outside_the_century(day):
    with pytest.raises(DataError), transaction.atomic():
        make_month(day)


def test_day_counts():
    with connection.cursor() as cursor:
        cursor.execute("SELECT day_counts('{0,2,2}'), day_counts('{}')")
        assert cursor.fetchone() == ([1, 0, 2], None)


def value(**fields: object) -> KpiValue:
    now = datetime(2026, 10, 1, tzinfo=UTC)
    defaults = {
        "kpi": "x", "number": 1, "family": "f", "month": date(2026, 9, 1), "unit_id": 1, "num": 1, "den": 2, "n": 2,
        "covered": 1, "expected": 1, "inputs": 2, "provisional": False, "recorded_at": now, "computed_at": now,
    }  # fmt: skip
    return KpiValue.objects.create(**(defaults | fields))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "kpi_value_once"),
        ({"use_case_id": 1, "vendor_id": 1}, "kpi_value_has_one_scope"),
        ({"month": date(2026, 9, 2)}, "kpi_value_month_is_its_first_day"),
        ({"unit_id": 2, "covered": 2}, "kpi_value_covers_at_most_all"),
    ],
)
def test_bad_values_are_refused_by_name(fields, name):
    value()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        value(**fields)


@pytest.mark.parametrize("statement", ["UPDATE kpi_revision SET cause = ''", "DELETE FROM kpi_revision"])
def test_revisions_only_grow(statement):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"low": None}, "target_has_a_bound"),
        ({"low": 5, "high": 4}, "target_low_below_high"),
        ({"low": 1, "period": "2026Q5"}, "target_period_is_known"),
        ({"low": 1, "tolerance": -1}, "target_tolerance_not_negative"),
    ],
)
def test_bad_targets_are_refused_by_name(fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Target.objects.create(kpi="x", set_at=datetime(2026, 1, 1, tzinfo=UTC), **fields)
