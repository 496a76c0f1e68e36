import pytest

from caio_portal.common import clock
from caio_portal.common.models import Job, JobState
from tests import factories


@pytest.fixture
def asker(client, db):
    person = factories.make_person("requester")
    client.force_login(person)
    return person


def _job(asker, state):
    ended = None if state == JobState.QUEUED else clock.now()
    return Job.objects.create(kind="kpis.rollup", idem_key=state, state=state, finished_at=ended, requested_by=asker.pk)


@pytest.mark.parametrize(
    ("next_url", "lands"),
    [("/notices/", "/notices/"), ("//elsewhere.example/", None), ("https://elsewhere.example/", None), ("", None)],
)
def test_cancel_goes_back_to_the_page_that_showed_the_job(client, asker, next_url, lands):
    job = _job(asker, JobState.QUEUED)

    response = client.post(f"/jobs/{job.pk}/cancel/", {"next": next_url})

    job.refresh_from_db()
    assert (response.url, job.state) == (lands or f"/jobs/{job.pk}/", "cancelled")


@pytest.mark.parametrize(
    ("act", "state", "sentence"),
    [
        ("cancel", JobState.DONE, "This job has already ended."),
        ("retry", JobState.QUEUED, "Only a failed or cancelled job can run again."),
    ],
)
def test_a_job_that_went_on_meanwhile_is_no_refusal(client, asker, act, state, sentence):
    job = _job(asker, state)

    response = client.post(f"/jobs/{job.pk}/{act}/", follow=True)

    job.refresh_from_db()
    assert (response.status_code, job.state) == (200, state)
    assert sentence in response.text


def test_the_page_of_a_job_names_its_kind_in_words(client, asker):
    page = client.get(f"/jobs/{_job(asker, JobState.QUEUED).pk}/")

    assert "<h1>Computing of KPI values</h1>" in page.text
