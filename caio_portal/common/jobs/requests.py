"""Asking for work, and taking it back."""

import logging
import threading
import time
from typing import Any, Protocol

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from caio_portal.common.errors import require
from caio_portal.common.jobs.registry import HANDLERS
from caio_portal.common.jobs.running import run_here
from caio_portal.common.models import Job, JobState

logger = logging.getLogger(__name__)


class HasKey(Protocol):
    pk: Any


def request(
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    *,
    by: HasKey | None = None,
    steps_total: int | None = None,
    max_attempts: int = 5,
) -> Job:
    """The job of KIND and KEY, made if nobody has asked for it before; part of the caller's transaction."""
    if kind not in HANDLERS:
        raise ValueError(f"Nobody does jobs of kind {kind}.")
    with transaction.atomic():
        job, new = Job.objects.get_or_create(
            kind=kind,
            idem_key=key,
            defaults={
                "payload": payload or {}, "requested_by": by.pk if by else None, "steps_total": steps_total,
                "max_attempts": max_attempts, "hinted_at": timezone.now(),
            },
        )  # fmt: skip
        if new:
            transaction.on_commit(lambda: hint(job.pk), robust=True)
    return job


def hint(job_id: int) -> None:
    """Tell the workers without waiting for the broker: if it is away, the sweeper tells them later."""
    threading.Thread(target=publish, args=(job_id,), daemon=True).start()


def publish(job_id: int) -> bool:
    """Send the message that a job waits; False if the broker did not take it."""
    from caio_portal.common.tasks import run_job

    own: dict[str, Any] = {"time_limit": None, "soft_time_limit": None}  # the worker's limits hold, not the asker's
    try:
        run_job.apply_async((job_id,), retry=False, **own)
    except Exception as error:  # whatever kombu and redis raise: the row is still there
        logger.warning("The broker did not take the hint for job %s: %s", job_id, error)
        return False
    return True


@transaction.atomic
def cancel(job_id: int) -> Job:
    """End a waiting job now, a running one at its next step."""
    job = Job.objects.select_for_update().get(pk=job_id)
    require("This job has already ended." if job.ended else None)
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, timezone.now()
    job.cancel_requested = True
    job.save(update_fields=["state", "finished_at", "cancel_requested"])
    return job


@transaction.atomic
def retry(job_id: int) -> Job:
    """Let a failed or cancelled job begin again, with all its attempts."""
    job = Job.objects.select_for_update().get(pk=job_id)
    ended_badly = job.state in (JobState.FAILED, JobState.CANCELLED)
    require(None if ended_badly else "Only a failed or cancelled job can run again.")
    Job.objects.filter(pk=job_id).update(
        state=JobState.QUEUED, attempts=0, finished_at=None, cancel_requested=False, error="", run_after=Now(),
        steps_done=0, token=None, lease_until=None, hinted_at=timezone.now(),
    )  # fmt: skip
    transaction.on_commit(lambda: hint(job_id), robust=True)
    job.refresh_from_db()
    return job


def wait_or_run(job_id: int, *, patience: float = 3.0) -> Job:
    """For commands: wait for a worker to take the job; if none does within PATIENCE seconds, do it here."""
    deadline = time.monotonic() + patience
    job = Job.objects.get(pk=job_id)
    while not job.ended:
        if job.state == JobState.QUEUED and time.monotonic() > deadline:
            return run_here(job_id)
        time.sleep(0.2)
        job.refresh_from_db()
    return job
