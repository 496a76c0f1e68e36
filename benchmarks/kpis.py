"""Millions of observations: loading them, computing all months from scratch, and again after late rows.

Made with BENCH_OBSERVATIONS rows (2 million without it; the promise is for 10 million), in a database of their own.
Times are compared with one bare GROUP BY over the same partitions in the same run.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import date
from typing import Any

from benchmarks import place
from benchmarks.measurement import Measurement

ROWS = int(os.environ.get("BENCH_OBSERVATIONS", "2000000"))
USE_CASES = min(200, max(20, ROWS // 50_000))  # as many observations to a value as 10 million of 200 use cases have
UNITS, MONTHS = 20, 24
LOADED, COST_ROWS = 200_000, 40_000
TIMES = 3
FIRST = date(2024, 1, 1)

# Durations are histograms for the one measure that has them, as a feed of latencies would bring them.
_OBSERVE = """
INSERT INTO observation (feed_id, batch_id, observed_at, natural_key, unit_id, use_case_id, n, measure, num, den,
  amount, hist)
SELECT %(feed)s, 1, %(month)s::timestamptz + random() * interval '27 days', %(offset)s + i, use_case %% %(units)s + 1,
  1000 + use_case, 1 + (random() * 50)::int, measure, (random() * 100)::int, 100, round((random() * 10)::numeric, 6),
  CASE WHEN measure = %(timed)s THEN (%(histograms)s::text[])[1 + i %% 8]::int[] END
FROM (
  SELECT i, (power(random(), 1.6) * %(use_cases)s)::int AS use_case,
    (%(measures)s::int[])[1 + i %% cardinality(%(measures)s::int[])] AS measure
  FROM generate_series(1, %(rows)s) AS i
) AS made
"""
_BARE = """
SELECT measure, unit_id, use_case_id, vendor_id, sum(num), sum(den), sum(n), sum(amount), count(*) FROM observation
WHERE observed_at >= %s AND observed_at < %s GROUP BY measure, unit_id, use_case_id, vendor_id
"""


def measure() -> list[Measurement]:
    """In a process of its own, on services of its own that are thrown away."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.kpis"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return [Measurement(**found) for found in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    folder = place.FOLDER / "kpis"
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["LOCAL_DIR"] = str(folder)
    place.django()
    place.manage("migrate", "--verbosity", "0")
    print(json.dumps([asdict(found) for found in [*_loads(), *_rollups()]]))


def _loads() -> list[Measurement]:
    return [
        _load("plain observations", "observations", _plain(), LOADED, 100_000),
        _load("FOCUS", "focus", _cost(), COST_ROWS, 15_000),
    ]


def _load(name: str, kind: str, content: bytes, rows: int, least: int) -> Measurement:
    """Rows a second from the stored file to the table; told as seconds for 100,000, so that less is better."""
    from caio_portal.accounts.models import OrgUnit
    from caio_portal.common import files
    from kpis.models import Feed
    from kpis.services import feeds

    unit, _ = OrgUnit.objects.get_or_create(name="Bench", defaults={"path": "1."})
    feed = feeds.save_feed(Feed(name=name, kind=kind, unit=unit), by=None)
    stored = files.store("delivery.csv", content, "text/csv")
    begun = time.perf_counter()
    loaded = feeds.load_file(feed.pk, stored, by=None)
    seconds = time.perf_counter() - begun
    assert loaded.report.rows == rows, loaded.report
    print(f"{name}: {rows / seconds:,.0f} rows a second", file=sys.stderr)
    return Measurement(f"load {name}: 100,000 rows", seconds * 100_000 / rows, "s", 100_000 / least)


def _plain() -> bytes:
    generator = random.Random(5)
    lines = ["date,measure,num,den,key"]
    lines += [
        f"2026-0{1 + n % 9}-1{generator.randint(0, 9)},service_requests,{generator.randint(0, 999)},1000,{n}"
        for n in range(LOADED)
    ]
    return "\n".join(lines).encode()


def _cost() -> bytes:
    generator = random.Random(6)
    header = (
        "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
        "ChargeCategory,EffectiveCost,BilledCost,ServiceCategory,ProviderName,ConsumedUnit,ConsumedQuantity,SkuMeter,Tags"
    )
    lines = [header]
    for number in range(COST_ROWS):
        day = 1 + number % 28
        lines.append(
            f"account {number % 7},USD,2026-08-01,2026-09-01,2026-08-{day:02},2026-08-{day + 1:02},Usage,"
            f"{generator.random() * 9:.8f},{generator.random() * 9:.8f},AI and Machine Learning,OpenAI,Tokens,"
            f'{generator.randint(1, 10**6)},Input Tokens,"{{""application"": ""app {number % 150}""}}"'
        )
    return "\n".join(lines).encode()


def _rollups() -> list[Measurement]:
    from kpis import months as calendar
    from kpis.services import rollups

    span = calendar.between(FIRST, calendar.add(FIRST, MONTHS - 1))
    begun = time.perf_counter()
    for number, month in enumerate(span):
        _observe(month, ROWS // MONTHS, number * 10**9)
    print(f"{ROWS:,} observations made in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    _settle()
    bare, full = _best_pair(span, lambda: _compute(rollups, span))
    unchanged = min(_seconds(lambda: _compute(rollups, span)) for _ in range(TIMES))
    late = span[-3:-1]
    for number, month in enumerate(late):
        _observe(month, ROWS // 200, 10**12 + number * 10**9)  # one row of a hundred in all
    bare_late = min(_seconds(lambda: _bare(late)) for _ in range(TIMES))
    caught_up = _seconds(lambda: _compute(rollups, late))
    name = f"{ROWS / 10**6:g} million observations"
    return [
        Measurement(f"rollup of {name}, from scratch", full, "s", 2.5, bare),
        Measurement(f"rollup of {name}, nothing changed", unchanged, "s", 2.5, bare),
        Measurement("rollup after 1 % late rows in two months", caught_up, "s", 2.5, bare_late),
    ]


def _best_pair(span: list[date], compute: Any) -> tuple[float, float]:
    """The first computation writes every value; the bare pass is taken before and after, so that noise meets both."""
    before = min(_seconds(lambda: _bare(span)) for _ in range(2))
    full = _seconds(compute)
    return min(before, _seconds(lambda: _bare(span))), full


def _compute(rollups: Any, span: list[date]) -> None:
    from kpis import catalogue

    families = sorted({kpi.family for kpi in catalogue.current().kpis if kpi.source == "observations"})
    for month in span:
        rollups.roll_up_month(families, month)


def _bare(span: list[date]) -> None:
    from django.db import connection

    from kpis import months as calendar

    with connection.cursor() as cursor:
        for month in span:
            cursor.execute(_BARE, [calendar.start(month), calendar.end(month)])
            cursor.fetchall()


def _observe(month: date, rows: int, offset: int) -> None:
    from django.db import connection

    from kpis import buckets, catalogue
    from kpis.feeds import loading

    measures = catalogue.current().measures
    wanted = [measure.id for key, measure in measures.items() if catalogue.current().families_of(key)]
    generator = random.Random(offset)
    histograms = [
        "{" + ",".join(map(str, buckets.of_durations(generator.lognormvariate(0, 0.7) for _ in range(300)))) + "}"
        for _ in range(8)
    ]
    loading.make_months([month])
    with connection.cursor() as cursor:
        cursor.execute(_OBSERVE, {
            "feed": 99, "month": f"{month:%Y-%m-%d}T00:00:00Z", "offset": offset, "units": UNITS, "rows": rows,
            "use_cases": USE_CASES - 1, "measures": wanted, "timed": measures["fast_requests"].id,
            "histograms": histograms,
        })  # fmt: skip


def _settle() -> None:
    """As autovacuum would, which has not had the time."""
    from django.db import connections

    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE observation")


def _seconds(act: Any) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    place.prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caio_portal.settings")
    main()
