from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from caio_portal.common import jobs
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.jobs import registry, running
from caio_portal.common.models import Job, JobState

calls: list[int] = []


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    calls.clear()
    monkeypatch.setattr(registry, "HANDLERS", handlers := {})
    for module in (running, jobs.requests):
        monkeypatch.setattr(module, "HANDLERS", handlers)

    @jobs.handler("count")
    def count(run):
        calls.append(run.attempt)
        run.progress(1, 2)
        return {"counted": run.payload["n"]}

    @jobs.handler("stumble")
    def stumble(run):
        raise OSError("The disk is full.")

    @jobs.handler("refuse")
    def refuse(run):
        raise Invalid("Row 3 has no title.")


def test_request_is_idempotent(db):
    first, second = jobs.request("count", "k", {"n": 1}), jobs.request("count", "k", {"n": 2})

    assert (first.pk, second.payload, Job.objects.count()) == (second.pk, {"n": 1}, 1)


def test_request_of_an_unknown_kind_is_refused(db):
    with pytest.raises(ValueError, match="Nobody does jobs of kind sing"):
        jobs.request("sing", "k")


def test_run_here_keeps_result_and_progress(db):
    job = jobs.run_here(jobs.request("count", "k", {"n": 7}).pk)

    assert (job.state, job.result, job.steps_done, job.steps_total, job.percent) == ("done", {"counted": 7}, 1, 2, 50)


def test_a_job_done_is_not_done_again(db):
    job = jobs.request("count", "k", {"n": 7})

    jobs.run_here(job.pk)
    jobs.run_here(job.pk)

    assert calls == [1]


def test_a_failure_is_tried_again_later_and_then_given_up(db):
    job = jobs.request("stumble", "k", max_attempts=2)

    first = jobs.run_here(job.pk)
    Job.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    second = jobs.run_here(job.pk)

    assert (first.state, first.run_after > timezone.now() - timedelta(seconds=1)) == ("queued", True)
    assert (second.state, second.error) == ("failed", "OSError: The disk is full.")


def test_bad_input_fails_at_once_with_its_sentence(db):
    job = jobs.run_here(jobs.request("refuse", "k").pk)

    assert (job.state, job.attempts, job.error) == ("failed", 1, "Row 3 has no title.")


def test_a_job_whose_workers_died_is_given_up(db):
    job = jobs.request("count", "k", {"n": 1}, max_attempts=3)
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.update(state=JobState.RUNNING, attempts=3, token=job.pk and "0" * 32, lease_until=past)

    job = jobs.run_here(job.pk)

    assert (job.state, job.error) == ("failed", "Given up after 3 attempts: the worker died each time.")
    assert calls == []


def test_a_running_job_is_left_to_its_worker(db):
    job = jobs.request("count", "k", {"n": 1})
    Job.objects.update(state="running", attempts=1, token="0" * 32, lease_until=timezone.now() + timedelta(minutes=1))

    assert jobs.run_here(job.pk).state == "running"


def test_cancel_ends_a_waiting_job_at_once(db):
    job = jobs.cancel(jobs.request("count", "k", {"n": 1}).pk)

    assert (job.state, jobs.run_here(job.pk).state, calls) == ("cancelled", "cancelled", [])
    with pytest.raises(NotAllowed, match="already ended"):
        jobs.cancel(job.pk)


def test_cancel_ends_a_running_job_at_its_next_step(db):
    @jobs.handler("slow")
    def slow(run):
        jobs.cancel(run.job_id)
        run.progress(1)
        raise AssertionError("unreachable")

    assert jobs.run_here(jobs.request("slow", "k").pk).state == "cancelled"


def test_a_worker_that_lost_its_lease_writes_nothing(db):
    @jobs.handler("stolen")
    def stolen(run):
        Job.objects.update(token="f" * 32)
        with run.fenced():
            calls.append(1)

    job = jobs.run_here(jobs.request("stolen", "k").pk)

    assert (job.state, calls) == ("running", [])


def test_retry_lets_a_failed_job_run_again(db):
    job = jobs.run_here(jobs.request("refuse", "k").pk)

    job = jobs.retry(job.pk)

    assert (job.state, job.attempts, job.error, job.finished_at) == ("queued", 0, "", None)


def test_period_start_is_aligned():
    nightly = registry.Schedule("k", timedelta(days=1))

    assert jobs.sweeping.period_start(nightly, datetime(2026, 11, 21, 10, 5, tzinfo=UTC)) == datetime(
        2026, 11, 21, tzinfo=UTC
    )


@pytest.mark.parametrize("sweeps", [1, 3])
def test_sweep_requests_the_schedule_once_a_period(db, monkeypatch, sweeps):
    monkeypatch.setattr(jobs.sweeping, "SCHEDULES", [registry.Schedule("count", timedelta(days=3650))])

    for _ in range(sweeps):
        jobs.sweep()

    assert Job.objects.filter(kind="count").count() == 1


def test_a_lease_is_kept_while_a_handler_is_silent(transactional_db, monkeypatch):
    monkeypatch.setattr(running, "LEASE", timedelta(seconds=0.4))

    @jobs.handler("silent")
    def silent(run):
        import time

        time.sleep(0.8)
        with connection.cursor() as cursor:
            cursor.execute("SELECT lease_until > now() FROM job")
            return {"kept": cursor.fetchone()[0]}

    with transaction.atomic():
        job = jobs.request("silent", "k")

    assert jobs.run_here(job.pk).result == {"kept": True}
