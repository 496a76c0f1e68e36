"""What governance does by itself."""

from datetime import timedelta

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.common import clock, jobs
from caio_portal.common.models import JobState
from governance.services.steps import remind
from tests.governance.scene import make_scene

pytestmark = pytest.mark.django_db


def test_run_clocks_closes_overdue_votes_and_says_so():
    scene = make_scene()
    review = scene.vote(scene.on_vote(), hr="approve")

    with clock.at(clock.now() + timedelta(days=20)):
        job = jobs.run_here(jobs.request("governance.clocks", "test").pk)

    review.refresh_from_db()
    assert (job.state, job.result["closed"], review.state) == (JobState.DONE, 1, "decided")


def test_remind_tells_once_of_a_clock_near_its_end():
    scene = make_scene()
    review = scene.review(2)
    due = review.steps.get().due_on

    with clock.at(clock.now() + (due - clock.today()) - timedelta(days=1)):
        assert (remind(), remind()) == (1, 0)

    notice = Notice.objects.filter(user=scene.office).order_by("-pk")[0]
    named = f"Approval by one person (caio office) of {review.ref}, {review.use_case.title}"
    assert notice.text == f"{named} is due on {due:%-d %B %Y}."
