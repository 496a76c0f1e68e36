"""Jobs that die on purpose. The workers of such tests `--include tests.chaos`."""

import os
import signal
import time

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from caio_portal.audit import events
from caio_portal.audit.models import AuditEvent
from caio_portal.common import jobs
from caio_portal.common.models import Job

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


@jobs.handler("chaos.endless")
def endless(run: jobs.Run) -> None:
    """Never done; a stubborn one does not even listen to the first warning."""
    try:
        time.sleep(600)
    except SoftTimeLimitExceeded:
        if not run.payload["stubborn"]:
            raise
        time.sleep(600)


def request(number: int | str, seconds: float) -> Job:
    with transaction.atomic():
        return jobs.request("chaos.work", f"{number}", {"seconds": seconds})


def effects() -> dict[str, int]:
    """How often each job has had its effect."""
    found: dict[str, int] = {}
    for job_id in AuditEvent.objects.filter(action=ACTION).values_list("subject_id", flat=True):
        found[job_id] = found.get(job_id, 0) + 1
    return found
