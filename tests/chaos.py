"""Jobs that die on purpose, and a broker of one's own. The workers of such tests `--include tests.chaos`."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from django.db import transaction

from caio_portal.audit import events
from caio_portal.audit.models import AuditEvent
from caio_portal.common import jobs
from caio_portal.common.models import Job
from caio_portal.local import services
from caio_portal.local.processes import die_with_parent

ACTION = "chaos.worked"
events.register({ACTION: "{subject} had its effect."})


@jobs.handler("chaos.work")
def work(run: jobs.Run) -> None:
    """Take `seconds`, then have one effect, in the transaction that ends the job."""
    for step in range(10):
        run.progress(step, 10)
        time.sleep(run.payload["seconds"] / 10)
    with run.finishing():
        events.record(ACTION, Job.objects.get(pk=run.job_id), by=None)


@jobs.handler("chaos.poison")
def poison(run: jobs.Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def request(number: int, seconds: float) -> Job:
    with transaction.atomic():
        return jobs.request("chaos.work", f"{number}", {"seconds": seconds})


def effects() -> dict[str, int]:
    """How often each job has had its effect."""
    found: dict[str, int] = {}
    for job_id in AuditEvent.objects.filter(action=ACTION).values_list("subject_id", flat=True):
        found[job_id] = found.get(job_id, 0) + 1
    return found


class Broker:
    """A Valkey on a port of its own, which keeps nothing and may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder))
        self.process = subprocess.Popen(
            [str(services.valkey_program()), "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise TimeoutError("The broker does not start.")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
