"""Audited transactions a second with eight writers, on servers that wait for the disk; and whether they deadlock."""

import threading
import time

from benchmarks import place
from benchmarks.measurement import Measurement

WRITERS = 8
EVENTS = 100
LEAST = 300  # a second
ACTION = "bench.recorded"


def measure() -> list[Measurement]:
    place.manage("migrate", "--verbosity", "0")
    place.django()
    from caio_portal.audit import events

    events.register({ACTION: "{actor} recorded {subject}."})
    failures: list[Exception] = []
    threads = [threading.Thread(target=_write, args=(failures,)) for _ in range(WRITERS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    milliseconds = 1000 * (time.perf_counter() - begun) / (WRITERS * EVENTS)
    return [
        Measurement("audited transaction, eight writers", milliseconds, "ms each", 1000 / LEAST),
        Measurement("audited transactions that failed", len(failures), "failures", 0),
    ]


def _write(failures: list[Exception]) -> None:
    from django.db import connection, transaction

    from caio_portal.accounts.models import OrgUnit
    from caio_portal.audit import events

    unit = OrgUnit(pk=1, name="Bench")
    try:
        for _ in range(EVENTS):
            with transaction.atomic():
                events.record(ACTION, unit, by=None)
    except Exception as error:
        failures.append(error)
    finally:
        connection.close()
