"""Doing a job: claim it with a lease and a token, keep the lease while working, finish under the token."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from caio_portal.common import stamps
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.jobs.registry import HANDLERS
from caio_portal.common.models import Job, JobState

LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked for the end of this job."""


class Lost(Exception):
    """The lease ran out and somebody else has the job: nothing may be written any more."""


class Run:
    """One attempt at a job, as its handler sees it."""

    def __init__(self, job: Job) -> None:
        self.job_id: int = job.pk
        self.payload: dict[str, Any] = job.payload
        self.by_id: int | None = job.requested_by
        self.attempt: int = job.attempts
        self.token: UUID = job.token  # type: ignore[assignment]

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how many steps are done; raises Cancelled or Lost when the work has to end."""
        steps = {"steps_done": done} | ({"steps_total": total} if total is not None else {})
        if not self._mine().filter(cancel_requested=False).update(lease_until=Now() + LEASE, **steps):
            raise Cancelled if self._mine().exists() else Lost

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction that commits only if this attempt still holds the job."""
        with transaction.atomic():
            if not self._mine().select_for_update().exists():
                raise Lost
            yield

    @contextmanager
    def finishing(self, result: dict[str, Any] | None = None) -> Iterator[None]:
        """The transaction of the last effects and of the job's end: both or neither, even if the worker dies here."""
        with self.fenced():
            yield
            _end(self.job_id, JobState.DONE, token=self.token, result=result)

    def renew(self) -> bool:
        return bool(self._mine().update(lease_until=Now() + LEASE))

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job_id, token=self.token, state=JobState.RUNNING)


def due() -> Q:
    """Waiting and its time has come, or running with nobody left who renews the lease."""
    return Q(state=JobState.QUEUED, run_after__lte=Now()) | Q(state=JobState.RUNNING, lease_until__lt=Now())


def run_here(job_id: int) -> Job:
    """Do a job in this process if nobody else is at it; returns how it stands."""
    if run := _claim(job_id):
        with _lease_kept(run):
            _work(run)
    return Job.objects.get(pk=job_id)


def _claim(job_id: int) -> Run | None:
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(due(), pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= job.max_attempts:
            _end(job.pk, JobState.FAILED, error=_given_up(job.attempts))
            return None
        job.token = uuid4()
        Job.objects.filter(pk=job_id).update(
            state=JobState.RUNNING, token=job.token, lease_until=Now() + LEASE, attempts=F("attempts") + 1
        )
        job.attempts += 1
    return Run(job)


def _work(run: Run) -> None:
    kind = Job.objects.values_list("kind", flat=True).get(pk=run.job_id)
    try:
        stamps.read()
        result = HANDLERS[kind](run)
    except Cancelled:
        _end(run.job_id, JobState.CANCELLED, token=run.token)
    except Lost:
        logger.warning("Job %s was taken over by another worker.", run.job_id)
    except SoftTimeLimitExceeded:
        seconds = settings.CELERY_TASK_SOFT_TIME_LIMIT
        _try_again_later(run, f"Stopped, because it took longer than {seconds:,} s.")
    except (Invalid, NotAllowed) as error:
        _end(run.job_id, JobState.FAILED, token=run.token, error=str(error))
    except Exception as error:
        logger.exception("Job %s failed.", run.job_id)
        _try_again_later(run, f"{type(error).__name__}: {error}"[:2000])
    else:
        _end(run.job_id, JobState.DONE, token=run.token, result=result)


def _given_up(attempts: int) -> str:
    times = "one attempt: the worker died" if attempts == 1 else f"{attempts} attempts: the worker died each time"
    return f"Given up after {times}."


def _end(job_id: int, state: JobState, *, token: UUID | None = None, error: str = "", result: Any = None) -> None:
    rows = (
        Job.objects.filter(pk=job_id, state=JobState.RUNNING, token=token) if token else Job.objects.filter(pk=job_id)
    )
    rows.update(state=state, finished_at=timezone.now(), error=error, result=result, lease_until=None, token=None)


def _try_again_later(run: Run, error: str) -> None:
    job = Job.objects.get(pk=run.job_id)
    if job.attempts >= job.max_attempts:
        _end(run.job_id, JobState.FAILED, token=run.token, error=error)
        return
    Job.objects.filter(pk=run.job_id, token=run.token, state=JobState.RUNNING).update(
        state=JobState.QUEUED, error=error, token=None, lease_until=None,
        run_after=Now() + timedelta(seconds=min(600, 2**job.attempts)),
    )  # fmt: skip


@contextmanager
def _lease_kept(run: Run) -> Iterator[None]:
    """Renew the lease from a thread of its own, for handlers that are long silent."""
    if connection.in_atomic_block:  # a test that rolls back: another connection would wait for it
        yield
        return
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(LEASE.total_seconds() / 4):
            try:
                run.renew()
            except Exception:
                logger.exception("The lease of job %s could not be renewed.", run.job_id)
                connection.close()
        connection.close()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
