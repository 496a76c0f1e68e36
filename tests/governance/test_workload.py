"""The load of the judges: steps given to people, reminders and escalation, and where the time went."""

from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance.models import ReviewStep, StepKind
from governance.selectors.people import people_asked
from governance.selectors.policies import policy_in_force
from governance.selectors.work import my_work
from governance.selectors.workload import loads, spent_by_person, spent_by_step, waiting_steps
from governance.services.assigning import assign_step, remind_of_step
from governance.services.conflicts import declare_conflict
from governance.services.reviews import return_review
from governance.services.steps import escalate
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(scene):
    """An examination for privacy, which two people can do."""
    scene.reviewer("privacy")
    return scene.review().steps.get(function="privacy")


@pytest.fixture
def second(scene, step):
    return make_person(Role.REVIEWER, unit=scene.unit, function="privacy", name="Second Reviewer")


def told(user, start):
    return Notice.objects.filter(user=user, text__startswith=start).count()


def test_assign_step_asks_one_person_and_no_other(scene, step, second):
    assign_step(step.pk, second.pk, by=scene.office)

    step.refresh_from_db()
    assert people_asked(step.review, step) == [second]
    assert ([entry.kind for entry in my_work(second)], my_work(scene.reviewer("privacy"))) == (["Your finding"], [])
    assert told(second, "Your turn: examine") == 1
    assert AuditEvent.objects.filter(action="review.step_assigned").count() == 1


def test_whoever_can_do_a_step_takes_it_on(step, second):
    assign_step(step.pk, second.pk, by=second)

    step.refresh_from_db()
    assert (step.assigned_to, told(second, "Your turn")) == (second, 0)


def test_the_colleague_may_still_report(scene, step, second):
    assign_step(step.pk, second.pk, by=scene.office)

    scene.examine(step.review)

    step.refresh_from_db()
    assert step.finished_at is not None


def test_assign_step_is_refused(scene, step, second):
    other = make_person(Role.REVIEWER, unit=scene.unit, function="legal", name="Legal Mind")
    party = make_person(Role.REVIEWER, unit=scene.unit, function="privacy", name="A Party")
    with pytest.raises(NotAllowed, match="Only the CAIO office gives"):
        assign_step(step.pk, second.pk, by=scene.reviewer("privacy"))
    with pytest.raises(NotAllowed, match="Legal Mind does not do this step"):
        assign_step(step.pk, other.pk, by=scene.office)
    declare_conflict(by=second, unit=scene.unit, reason="x")
    with pytest.raises(NotAllowed, match="has declared an interest"):
        assign_step(step.pk, second.pk, by=scene.office)
    mine = scene.review(owner=party).steps.get(function="privacy")
    with pytest.raises(NotAllowed, match="A Party is a party"):
        assign_step(mine.pk, party.pk, by=scene.office)
    vote = scene.on_vote().steps.get(kind=StepKind.VOTE)
    with pytest.raises(NotAllowed, match="Only an examination or a decision"):
        assign_step(vote.pk, scene.members["hr"].pk, by=scene.office)
    scene.examine(step.review)
    with pytest.raises(NotAllowed, match="This step is finished"):
        assign_step(step.pk, scene.reviewer("privacy").pk, by=scene.office)


def test_remind_of_step_is_the_offices_and_needs_a_running_clock(scene, step):
    with pytest.raises(NotAllowed, match="Only the CAIO office reminds"):
        remind_of_step(step.pk, by=scene.owner)

    remind_of_step(step.pk, by=scene.office)
    assert told(scene.reviewer("privacy"), f"{scene.office} reminds you: examine") == 1

    return_review(step.review_id, "Who?", by=scene.office)
    with pytest.raises(NotAllowed, match="does not run"):
        remind_of_step(step.pk, by=scene.office)


def test_escalate_tells_the_chief_once_of_what_is_stuck(scene, step):
    with clock.at(clock.now() + timedelta(days=40)):
        first, again = escalate(), escalate()

    running = step.review.steps.filter(kind=StepKind.EXAMINE).count()
    assert (first, again) == (running, 0)
    assert told(scene.caio, "Examination (privacy)") == 1
    assert told(scene.office, "Examination (privacy)") == 0


def test_escalate_waits_for_the_third_day(scene, step):
    due = clock.now().replace(hour=12) + (step.due_on - clock.today())

    with clock.at(due + timedelta(days=1)):
        assert escalate() == 0
    with clock.at(due + timedelta(days=5)):
        assert escalate() > 0


def test_loads_tell_who_carries_how_much(scene, step, second):
    assign_step(step.pk, second.pk, by=scene.office)
    scene.vote(scene.on_vote(), hr="approve")
    functions = policy_in_force().functions

    found = {load.name: (load.waiting, load.overdue) for load in loads(waiting_steps(scene.office, functions))}

    assert found["Second Reviewer"] == (1, 0)
    assert found[f"Anybody: {functions['legal']}"] == (1, 0)
    assert (found["Member legal"], "Member hr" in found) == ((1, 0), False)
    with clock.at(clock.now() + timedelta(days=40)):
        later = {load.name: load.overdue for load in loads(waiting_steps(scene.office, functions))}
    assert later["Second Reviewer"] == 1


def test_spent_tells_where_the_time_went(scene):
    begun = clock.now().replace(hour=12) - timedelta(days=28)
    with clock.at(begun):
        review = scene.review()
    with clock.at(begun + timedelta(days=7)):
        scene.examine(review)
    with clock.at(begun + timedelta(days=21)):
        scene.vote(review, legal="approve", ciso="approve", hr="approve")

    functions = policy_in_force().functions
    steps = {spent.name: (spent.count, spent.days) for spent in spent_by_step(scene.office, functions)}
    people = {spent.name: spent.days for spent in spent_by_person(scene.office)}

    assert steps[f"Examination: {functions['legal']}"] == (1, 5)
    assert steps["Council vote"] == (1, 10)
    assert (people["Member hr"], people[scene.reviewer("legal").name]) == (10, 5)


def test_time_with_the_team_does_not_count(scene):
    begun = clock.now().replace(hour=12) - timedelta(days=28)
    legal = scene.review().steps.filter(function="legal")
    legal.update(started_at=begun, finished_at=begun + timedelta(days=7), waited_days=4)

    (spent,) = spent_by_step(scene.office, policy_in_force().functions)

    assert spent.days == 1


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    for _ in range(rows):
        scene.vote(scene.on_vote(), hr="approve")
        scene.review()
    client, address = signed_in(scene.office), reverse("governance:review_workload")
    client.get(address)

    with django_assert_max_num_queries(16):
        assert client.get(address).content.decode().count("Council vote<") == rows


def post(client, **given):
    return client.post(reverse("governance:move_steps"), given, follow=True)


def test_the_office_moves_several_steps_at_once(scene, step, second):
    other = scene.review().steps.get(function="privacy")
    legal = step.review.steps.get(function="legal")
    client = signed_in(scene.office)

    page = post(client, steps=[step.pk, other.pk, legal.pk], act="give", person=second.pk).content.decode()

    assert ReviewStep.objects.filter(assigned_to=second).count() == 2
    assert "2 steps given to Second Reviewer." in page
    assert "Second Reviewer does not do this step: Examination (legal)" in page


def test_the_office_reminds_of_several_steps(scene, step):
    page = post(signed_in(scene.office), steps=[step.pk], act="remind").content.decode()

    assert "1 step reminded of." in page
    assert told(scene.reviewer("privacy"), f"{scene.office} reminds you") == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [({"act": "remind"}, "Tick at least one step."), ({"act": "give", "steps": "step"}, "Choose to whom."),
     ({"act": "give", "steps": ["0"]}, "is not one of the available choices")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_stays_ticked(scene, step, given, complaint):
    given = given | ({"steps": [step.pk]} if given.get("steps") == "step" else {})

    response = post(signed_in(scene.office), **given)

    page = response.content.decode()
    assert (response.status_code, complaint in page) == (422, True)
    assert page.count(" checked>") == (1 if given.get("steps") == [step.pk] else 0)


def test_an_auditor_reads_and_moves_nothing(scene, step):
    client = signed_in(make_person(Role.AUDITOR, unit=scene.unit))

    page = client.get(reverse("governance:review_workload")).content.decode()

    assert ("Do it" in page, post(client, act="remind", steps=[step.pk]).status_code) == (False, 403)
