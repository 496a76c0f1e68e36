import os
import signal
import socket
import time
from pathlib import Path

import pytest

from caio_portal.common import jobs
from caio_portal.common.jobs import sweeping
from caio_portal.common.models import Job, JobState
from tests import chaos
from tests.broker import Broker
from tests.processes import wait_for

CHAOS = ("--include", "tests.chaos")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_scheduled(monkeypatch):
    """The sweeps of these tests ask for nothing of their own: what the house does every hour would take its time."""
    monkeypatch.setattr(sweeping, "SCHEDULES", [])


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


def _sweep_until(done, seconds=60):
    """Sweep as beat does, only more often, until DONE."""

    def swept():
        jobs.sweep()
        time.sleep(0.3)
        return done()

    wait_for(swept, seconds)


def _all_ended():
    return not Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()


def _pool_children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_each_job_is_done_once_though_workers_are_killed(start_worker):
    first = start_worker(*CHAOS)
    wanted = [chaos.request(number, seconds=0.4) for number in range(8)]
    for number in range(0, 8, 3):
        chaos.request(number, seconds=0.4)  # a double click
    wait_for(lambda: Job.objects.filter(state=JobState.RUNNING).exists())

    first.kill()
    second = start_worker(*CHAOS)
    wait_for(chaos.effects)
    os.kill(_pool_children(second.pid)[0], signal.SIGKILL)
    _sweep_until(_all_ended)

    assert Job.objects.filter(kind="chaos.work", state=JobState.DONE).count() == 8
    assert chaos.effects() == {str(job.pk): 1 for job in wanted}


def test_a_stopped_worker_finishes_what_it_holds(start_worker):
    first = start_worker(*CHAOS)
    wanted = [chaos.request(number, seconds=0.3) for number in range(3)]
    wait_for(lambda: Job.objects.filter(state=JobState.RUNNING).exists())

    first.process.terminate()
    first.process.wait(20)
    left_running = Job.objects.filter(state=JobState.RUNNING).count()
    start_worker(*CHAOS)
    _sweep_until(_all_ended)

    assert left_running == 0
    assert chaos.effects() == {str(job.pk): 1 for job in wanted}


def test_a_job_that_kills_its_worker_fails_and_spares_the_others(start_worker):
    start_worker(*CHAOS)
    poison = jobs.request("chaos.poison", "p", max_attempts=2)
    other = chaos.request(1, seconds=0.1)

    _sweep_until(_all_ended)

    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == (JobState.FAILED, 2)
    assert poison.error == "Given up after 2 attempts: the worker died each time."
    assert chaos.effects() == {str(other.pk): 1}


def test_a_job_that_takes_too_long_is_stopped_and_spares_the_others(start_worker):
    start_worker(*CHAOS, JOB_TIME_LIMIT_SECONDS="4")
    warned = jobs.request("chaos.endless", "warned", {"stubborn": False}, max_attempts=1)
    killed = jobs.request("chaos.endless", "killed", {"stubborn": True}, max_attempts=1)
    other = chaos.request(1, seconds=0.1)

    _sweep_until(_all_ended)

    warned.refresh_from_db()
    killed.refresh_from_db()
    assert (warned.state, killed.state) == (JobState.FAILED, JobState.FAILED)
    assert warned.error == "Stopped, because it took longer than 4 s."
    assert killed.error == "Given up after one attempt: the worker died."
    assert chaos.effects() == {str(other.pk): 1}


def test_asking_for_work_does_not_wait_for_a_broker_that_is_gone(start_worker, spawn, broker):
    code = (
        "import django, time; django.setup(); from tests import chaos; begun = time.monotonic();"
        "chaos.request(1, 0.1); print('asked in', time.monotonic() - begun < 0.5)"
    )

    spawn("-c", code, REDIS_URL=broker.address).says("asked in True")
    broker.start()
    start_worker(*CHAOS, "--beat", "--schedule", str(broker.folder / "beat"), REDIS_URL=broker.address)

    wait_for(_all_ended, 30)
    assert list(chaos.effects().values()) == [1]


def test_asking_for_work_does_not_wait_for_a_broker_that_never_answers(spawn):
    code = (
        "import django, time; django.setup(); from tests import chaos; begun = time.monotonic();"
        "chaos.request(1, 0.1); print('asked in', time.monotonic() - begun < 0.5)"
    )
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        address = f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0"

        spawn("-c", code, REDIS_URL=address).says("asked in True")

    assert Job.objects.get().state == JobState.QUEUED
