"""The long form of tests/common/test_jobs_chaos.py: hundreds of jobs while workers, broker and database are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import place
from benchmarks.measurement import Measurement
from tests.broker import Broker
from tests.processes import Child

JOBS = 300
SECONDS = 45
CALM_SECONDS = 60
WORKERS = 2


def measure() -> list[Measurement]:
    """In a process of its own, whose broker is the one that is killed."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.chaos_jobs"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return [Measurement(**found) for found in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    place.manage("migrate", "--verbosity", "0")
    with TemporaryDirectory() as folder:
        print(json.dumps([asdict(found) for found in _Trial(Path(folder)).run()]))


class _Trial:
    """Everything is random, from one seed."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker(folder)
        os.environ |= {"REDIS_URL": self.broker.address, "JOB_LEASE_SECONDS": "5"}
        place.django()
        self.random = random.Random(20261121)
        self.asked: set[int] = set()
        self.kills = self.crashes = 0
        self.last_kill = 0.0
        self.folder = folder
        self.workers: list[Any] = []
        self.run_id = str(time.time())

    def run(self) -> list[Measurement]:
        self.broker.start()
        self.workers = [self._worker(number) for number in range(WORKERS)]
        try:
            self._ask_and_break()
            settled = self._wait()
            poison = self._job("poison")
        finally:
            for worker in self.workers:
                worker.kill()
            self.broker.kill()
        from tests import chaos

        effects = {key: count for key, count in _patiently(chaos.effects).items() if int(key) in self.asked}
        lost, doubled = len(self.asked - {int(key) for key in effects}), sum(effects.values()) - len(effects)
        killed = f"{self.kills} kills, {self.crashes} of the database"
        return [
            Measurement(f"chaos: lost of {len(self.asked)} jobs, {killed}", lost, "jobs", 0),
            Measurement("chaos: effects too many", doubled, "effects", 0),
            Measurement("chaos: poison job fails after attempts", float(poison.attempts), "attempts", 3),
            Measurement("chaos: all done after the last kill", settled - self.last_kill, "s", CALM_SECONDS),
        ]

    def _ask_and_break(self) -> None:
        from tests import chaos

        breaks = sorted(self.random.uniform(2, SECONDS) for _ in range(14))
        begun = time.monotonic()
        for number in range(JOBS):
            for _ in range(2 if number % 5 == 0 else 1):  # every fifth is a double click
                job = _patiently(lambda number=number: chaos.request(f"{self.run_id}:{number}", 0.05))
            self.asked.add(job.pk)
            if number == JOBS // 2:
                self._job("poison")
            while breaks and time.monotonic() - begun > breaks[0]:
                breaks.pop(0)
                self.random.choice(self._ways())()
                self.kills += 1
                self.last_kill = time.monotonic()
            self._sweep()
            time.sleep(max(0.0, begun + number * SECONDS / JOBS - time.monotonic()))

    def _ways(self) -> list[Callable[[], None]]:
        return [self._kill_worker, self._kill_child, self._kill_broker, self._crash_database]

    def _kill_worker(self) -> None:
        number = self.random.randrange(WORKERS)
        self.workers[number].kill()
        self.workers[number] = self._worker(number)

    def _kill_child(self) -> None:
        pid = self.random.choice(self.workers).pid
        with suppress(OSError, IndexError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            os.kill(int(self.random.choice(children)), signal.SIGKILL)

    def _kill_broker(self) -> None:
        self.broker.kill()
        time.sleep(0.5)
        self.broker.start()

    def _crash_database(self) -> None:
        """Kill one of its processes: PostgreSQL then ends all the others at once and recovers from its log."""
        pid = _patiently(_backend)
        os.kill(pid, signal.SIGKILL)
        self.crashes += 1

    def _wait(self) -> float:
        from caio_portal.common.models import Job

        left = Job.objects.filter(kind__startswith="chaos.", state__in=["queued", "running"])
        deadline = time.monotonic() + 2 * CALM_SECONDS
        while _patiently(left.exists):
            self._revive()
            self._sweep()
            time.sleep(0.3)
            if time.monotonic() > deadline:
                break
        return time.monotonic()

    def _revive(self) -> None:
        """As a supervisor would: a worker that has ended is started again."""
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[number] = self._worker(number)

    def _sweep(self) -> None:
        from caio_portal.common import jobs

        with suppress(OSError):
            _patiently(jobs.sweep)

    def _job(self, kind: str) -> Any:
        from django.db import transaction

        from caio_portal.common import jobs

        def request() -> Any:
            with transaction.atomic():
                return jobs.request(f"chaos.{kind}", f"{self.run_id}:{kind}", max_attempts=3)

        return _patiently(request)

    def _worker(self, number: int) -> Any:
        celery = ("-m", "celery", "-A", "caio_portal", "worker", "--include", "tests.chaos", "--loglevel", "ERROR")
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
        return Child(
            (*celery, "--concurrency", "2", "--hostname", f"w{number}@bench"),
            environment,
            self.folder / f"worker{number}.log",
        )


def _patiently(act: Callable[[], Any]) -> Any:
    """ACT again and again while the database recovers, as somebody does who sees an error page."""
    from django.db import InterfaceError, OperationalError, connection

    deadline = time.monotonic() + CALM_SECONDS
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _backend() -> int:
    """The process that serves somebody else's connection, or our own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " ORDER BY pid = pg_backend_pid(), random() LIMIT 1"
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
