"""Workers that load feeds and compute values, killed at a random moment: what is there in the end must be the same."""

import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.processes import Child

LEAVE_AT = 120  # seconds in which a worker must be through with everything


class Trials:
    """Each trial has a unit and a feed of its own, and the same two files, of which the second replaces the first."""

    def __init__(self, start: Callable[[], Child], by: Any, rows: int, seed: int) -> None:
        self._start = start
        self._by = by
        self._random = random.Random(seed)
        self._files = [_figures(random.Random(number), rows) for number in (1, 2)]
        self.kills = 0
        self.expected, self.seconds = self._undisturbed()

    def differing(self, times: int) -> int:
        """How many of so many disturbed runs ended with other values than the undisturbed one."""
        return sum(self._disturbed() != self.expected for _ in range(times))

    def _undisturbed(self) -> tuple[Any, float]:
        feed = self._deliver()
        worker = self._start()
        worker.says("begun")
        begun = time.monotonic()
        self._wait(worker)
        return outcome(feed), time.monotonic() - begun

    def _disturbed(self) -> Any:
        feed = self._deliver()
        worker = self._start()
        worker.says("begun")
        time.sleep(self._random.uniform(0, self.seconds))
        self.kills += worker.process.poll() is None
        worker.kill()
        _expire_leases()
        self._wait(self._start())
        return outcome(feed)

    def _wait(self, worker: Child) -> None:
        assert worker.process.wait(LEAVE_AT) == 0, worker.output()

    def _deliver(self) -> Any:
        """Ask for two loads; what they change asks for rollups by itself."""
        from django.db import transaction

        from caio_portal.common import jobs
        from tests.factories import make_unit
        from tests.kpis.factories import make_feed, make_file

        feed = make_feed(make_unit())
        for content in self._files:
            file = make_file(content)
            payload = {"feed": feed.pk, "file": file.pk, "by": self._by.pk, "encoding": "", "skip_invalid": False}
            with transaction.atomic():
                jobs.request("kpis.load_feed", f"{feed.pk}:{file.uuid}", payload, by=self._by)
        return feed


def outcome(feed: Any) -> tuple[Any, ...]:
    """Everything that a delivery leaves: values, observations, batches; and that nothing waits any more."""
    from django.db.models import Count, Sum

    from caio_portal.common.models import Job
    from kpis.models import DirtyMonth, FeedBatch, KpiValue, Observation

    values = KpiValue.objects.filter(unit_id=feed.unit_id).order_by("kpi", "series", "month")
    observed = Observation.objects.filter(feed=feed)
    return (
        list(values.values_list("kpi", "series", "month", "num", "den", "n", "hist", "inputs", "covered", "expected")),
        observed.aggregate(Count("natural_key"), Sum("num"), Sum("den"), Sum("amount")),
        sorted(FeedBatch.objects.filter(feed=feed).values_list("scope", "state", "rows")),
        DirtyMonth.objects.count(),
        set(Job.objects.filter(kind__startswith="kpis.").values_list("state", flat=True)),
    )


def _figures(generator: random.Random, rows: int) -> str:
    lines = ["date,measure,num,den,amount,key"]
    for number in range(rows):
        day = f"2026-0{1 + number // 3 % 6}-{generator.randint(1, 28):02}"
        share = f"{generator.randint(0, 90)},100,"
        kind = (
            ("service_requests", share),
            ("training", share),
            ("inference_cost", f",,{generator.randint(1, 10**6)}.25"),
        )
        measure, numbers = kind[number % 3]
        lines.append(f"{day},{measure},{numbers},{number}")
    return "\n".join(lines)


def _expire_leases() -> None:
    """As time does: nobody renews the lease of a worker that is gone."""
    from datetime import timedelta

    from django.utils import timezone

    from caio_portal.common.models import Job, JobState

    Job.objects.filter(state=JobState.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))


def main() -> None:
    """Do all jobs of feeds and rollups that are open, one after the other."""
    import django

    django.setup()
    from caio_portal.common import jobs
    from caio_portal.common.jobs.running import due
    from caio_portal.common.models import Job

    sys.stdout.write("begun\n")
    sys.stdout.flush()
    waiting = Job.objects.filter(due(), kind__startswith="kpis.").order_by("pk")
    while (job := waiting.first()) is not None:
        jobs.run_here(job.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caio_portal.settings")
    main()
