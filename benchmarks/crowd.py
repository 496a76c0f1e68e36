"""A hundred thousand use cases: their import, and what the list of them takes beside the federal inventory alone.

They are in a database of their own, a clone of the other, so that both are asked in turns and noise meets them alike.
"""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import place
from benchmarks.measurement import Measurement

if TYPE_CHECKING:
    from benchmarks.timing import Visitor

READER = "caio@demo.example"
USE_CASES = 100_000
LIMIT_SECONDS = 100
LIMIT_MEGABYTES = 800
ROUNDS = 30
MANY = "portal_many"
LIMIT_COUNTS = 2
# What is asked, the address, and how much longer it may take.
VISITS = (
    ("list", "/use-cases/", 1.5),
    ("filter", "/use-cases/?stage=production", 1.5),
    ("filter by tier and unit", "/use-cases/?tier=3&unit=1.", 1.5),
    ("search for a frequent word", "/use-cases/?q=data", 3),
    ("search for a rare word", "/use-cases/?q=fraud", 3),
    ("search with a typing error", "/use-cases/?q=fruad", 3),
)
LIMIT_ORDER = 1.5  # for each column that the list can be sorted by, up and down; the slowest is told
ROUNDS_OF_ORDERS = 15
_BARE = """
SELECT stage, tier, unit_id, source, count(*) FROM use_case WHERE voided_at IS NULL
GROUP BY GROUPING SETS ((stage), (tier), (unit_id), (source))
"""


def measure() -> list[Measurement]:
    place.django()
    from benchmarks.timing import Visitor

    visitor = Visitor(READER)
    file = _csv()
    with _clone():
        seconds, megabytes = _import(file)
        _know(MANY)
        _know("portal")
        return [
            Measurement(f"import of {USE_CASES:,} use cases, whole command", seconds, "s", LIMIT_SECONDS),
            Measurement("its greatest memory", megabytes, "MB", LIMIT_MEGABYTES),
            *_pages(visitor),
            _orders(visitor),
            _counts(visitor),
        ]


def _csv() -> Path:
    """The federal inventory over and over, each copy with identifiers and titles of its own."""
    with place.inventory().open(encoding="utf-8-sig", newline="") as source:
        header, *rows = csv.reader(source)
    number, title = header.index("id"), header.index("use_case_name")
    file = place.FOLDER / "many.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(header)
        for at in range(USE_CASES):
            copy, row = at // len(rows), list(rows[at % len(rows)])
            row[number], row[title] = f"{row[number] or at}-{copy}", f"{row[title]} {copy}" if row[title] else ""
            out.writerow(row)
    return file


def _import(file: Path) -> tuple[float, float]:
    """Seconds of the whole command, and the megabytes that it held at most."""
    begun = time.monotonic()
    command = subprocess.Popen(
        [sys.executable, "manage.py", "import_inventory", str(file), "--profile", "omb-2025", "--json"],
        cwd=place.ROOT,
        env={**os.environ, **_addresses()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout
    output = command.stdout.read()
    _, status, used = os.wait4(command.pid, 0)
    command.returncode = os.waitstatus_to_exitcode(status)
    assert place.last_object(output)["created"] == USE_CASES, output
    return time.monotonic() - begun, used.ru_maxrss / 1024


def _pages(visitor: "Visitor") -> Iterator[Measurement]:
    with _both() as turn_to:
        for name, address, limit in VISITS:
            few, many = _in_turns(visitor, address, turn_to, ROUNDS)
            yield Measurement(f"{name}, of {USE_CASES:,} use cases against 3,611", many, "ms", limit, few)


def _orders(visitor: "Visitor") -> Measurement:
    """The list in every order that its heads offer."""
    from portfolio.tables import UseCaseTable

    keys = [column.key for column in UseCaseTable.columns if column.sort is not None]
    times = {}
    with _both() as turn_to:
        for order in (*keys, *(f"-{key}" for key in keys)):
            times[order] = _in_turns(visitor, f"/use-cases/?sort={order}", turn_to, ROUNDS_OF_ORDERS)
    slowest = max(times, key=lambda order: times[order][1] / times[order][0])
    few, many = times[slowest]
    name = f"list in each of {len(times)} orders, the slowest ({slowest}), of {USE_CASES:,} use cases against 3,611"
    return Measurement(name, many, "ms", LIMIT_ORDER, few)


def _in_turns(visitor: "Visitor", address: str, turn_to: Any, rounds: int) -> tuple[float, float]:
    """Median milliseconds with few use cases and with many."""
    times: dict[str, list[float]] = {"portal": [], MANY: []}
    for number in range(rounds):
        for database, taken in times.items():
            turn_to(database)
            seconds = visitor.get(address)
            if number >= 3:
                taken.append(seconds)
    few, many = (1000 * median(taken) for taken in times.values())
    return few, many


def _counts(visitor: "Visitor") -> Measurement:
    """What the list fetches after the page, whole request, against the bare query in the same database."""
    from django.db import connection

    with _both() as turn_to:
        turn_to(MANY)
        bare, fetched = [], []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(_BARE)
                cursor.fetchall()
            bare.append(time.perf_counter() - begun)
            fetched.append(visitor.get("/use-cases/?facets=1"))
    name = "counts of all facets, against one bare GROUPING SETS"
    return Measurement(name, 1000 * median(fetched), "ms", LIMIT_COUNTS, 1000 * median(bare))


# --- two databases ------------------------------------------------------------------------------------------------


def _addresses(database: str = MANY) -> dict[str, str]:
    from caio_portal.local import services

    return services.addresses(services.join(), database)


@contextmanager
def _clone() -> Iterator[None]:
    """The database once more, until the end."""
    import psycopg
    from django.db import connection

    from caio_portal.local import services

    connection.close()
    with psycopg.connect(host=str(services.join()), user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {MANY} WITH (FORCE)")
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'portal'")
        admin.execute(f"CREATE DATABASE {MANY} TEMPLATE portal OWNER portal_owner")
        try:
            yield
        finally:
            admin.execute(f"DROP DATABASE {MANY} WITH (FORCE)")


def _know(database: str) -> None:
    """What autovacuum does within a minute of an import."""
    import psycopg

    with psycopg.connect(_addresses(database)["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")


@contextmanager
def _both() -> Iterator[Any]:
    """A function that turns this thread to one database or the other, without connecting anew."""
    from django.db import connections

    usual = connections["default"]
    open_ones = {}
    for database in ("portal", MANY):
        open_ones[database] = connections.create_connection("default")
        open_ones[database].settings_dict = {**usual.settings_dict, "NAME": database}

    def turn_to(database: str) -> None:
        connections["default"] = open_ones[database]

    try:
        yield turn_to
    finally:
        connections["default"] = usual
        for one in open_ones.values():
            one.close()
