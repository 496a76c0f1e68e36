"""Drafts, their trial, publication by a second person, and what begins with a policy."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, jobs
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import Job, JobState
from governance.decisions import Outcome
from governance.models import (
    Approval,
    Cause,
    EndReason,
    PolicyState,
    PolicyTrial,
    PolicyVersion,
    Review,
    ReviewState,
)
from governance.policy import SHIPPED, shipped
from governance.policy.mistakes import Mistaken
from governance.policy.trial import Comparison
from governance.policy.writing import to_toml
from governance.selectors.policy_news import news
from governance.services import policies
from governance.services.announcing import announce_policy
from governance.services.applying import apply_policy
from governance.services.approvals import decide_single
from governance.standing import Standing, standing
from portfolio.facts import CATALOGUE
from portfolio.services import write_facts
from tests.factories import make_person, make_unit, make_use_case
from tests.governance.scene import harmless
from tests.governance.test_trials import with_rule

pytestmark = pytest.mark.django_db
SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")


def draft(scene, **changes):
    return policies.propose_policy(to_toml(with_rule(**changes)), by=scene.office)


def begin(scene, **changes):
    """Publish a draft from today and let its job run."""
    version = policies.publish_policy(draft(scene, **changes).pk, clock.today(), by=scene.caio)
    job = Job.objects.get(kind=policies.APPLY, idem_key=str(version.pk))
    return version, jobs.run_here(job.pk)


def approved(scene, tier=2):
    review = scene.review(tier)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    return Approval.objects.select_related("use_case").get(use_case=review.use_case_id, ended_at=None)


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_propose_policy_keeps_the_text_and_its_document(scene):
    text = SHIPPED_TEXT.replace('number = "2026-11"', 'number = "2027-01"  # for next year')

    version = policies.propose_policy(text, by=scene.office)

    assert (version.number, version.state, version.source) == ("2027-01", PolicyState.DRAFT, text)
    assert version.policy.rules == shipped().rules
    assert actions()[-1] == "policy.proposed"


def test_propose_policy_with_a_number_that_is_taken_is_refused(scene):
    with pytest.raises(Invalid, match="already"):
        policies.propose_policy(SHIPPED_TEXT, by=scene.office)


def test_propose_policy_with_mistakes_keeps_nothing(scene):
    with pytest.raises(Mistaken):
        policies.propose_policy("number = 1", by=scene.office)

    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize("role", [Role.OWNER, Role.REVIEWER, Role.COUNCIL_MEMBER, Role.AUDITOR])
def test_only_the_office_writes_policies(scene, role):
    with pytest.raises(NotAllowed):
        policies.propose_policy(to_toml(with_rule()), by=make_person(role, unit=scene.unit))


def test_the_office_of_one_division_writes_none(scene):
    office = make_person(Role.CAIO_OFFICE, unit=make_unit("Division", parent=scene.unit))

    with pytest.raises(NotAllowed, match="whole organisation"):
        policies.propose_policy(to_toml(with_rule()), by=office)


def test_whoever_wrote_or_changed_a_draft_does_not_publish_it(scene):
    version = draft(scene)

    with pytest.raises(NotAllowed, match="Somebody else"):
        policies.publish_policy(version.pk, clock.today(), by=scene.office)

    policies.edit_policy(version.pk, to_toml(with_rule(tier=2)), by=scene.caio)
    with pytest.raises(NotAllowed, match="Somebody else"):
        policies.publish_policy(version.pk, clock.today(), by=scene.caio)


def test_discard_policy_leaves_a_trace(scene):
    policies.discard_policy(draft(scene).pk, by=scene.caio)

    assert PolicyVersion.objects.count() == 1
    assert actions()[-1] == "policy.discarded"


def test_publish_policy_for_later_lets_the_other_hold_until_then(scene):
    day = clock.today() + timedelta(days=30)

    version = policies.publish_policy(draft(scene).pk, day, by=scene.caio)

    assert PolicyVersion.objects.in_force().get().number == shipped().number
    assert PolicyVersion.objects.get(number=shipped().number).valid_to == day
    assert version.standing == ("info", "Published for later")
    assert not Job.objects.filter(kind=policies.APPLY).exists()
    with clock.at(clock.now() + timedelta(days=31)):
        assert PolicyVersion.objects.in_force().get() == version
        job = policies.begin_due_policy()
        assert policies.begin_due_policy() == job
    assert PolicyVersion.objects.get(number=shipped().number).state == PolicyState.SUPERSEDED


@pytest.mark.parametrize("day", [date(2020, 1, 1), shipped().valid_from])
def test_publish_policy_backwards_is_refused(scene, day):
    with pytest.raises(Invalid):
        policies.publish_policy(draft(scene).pk, day, by=scene.caio)


def test_a_published_policy_is_not_edited(scene):
    version = policies.publish_policy(draft(scene).pk, clock.today(), by=scene.caio)

    with pytest.raises(NotAllowed, match="not changed"):
        policies.edit_policy(version.pk, to_toml(with_rule()), by=scene.office)
    with pytest.raises(IntegrityError, match="not changed"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(source="other")


def test_a_policy_that_begins_tiers_the_portfolio_and_reviews_what_it_must(scene):
    approval = approved(scene)
    running = scene.use_case(2)

    version, job = begin(scene)

    assert (job.state, job.result) == (
        JobState.DONE,
        {"use_cases": 2, "changed": 2, "reviews": 1, "unopened": []},
    )
    running.refresh_from_db()
    assert running.tier == 3
    review = Review.objects.get(use_case=approval.use_case_id, closed_at=None)
    assert (review.cause, review.policy, review.tier) == (Cause.POLICY_CHANGE, version, 3)
    approval.refresh_from_db()
    assert approval.ended_at is None


def test_who_waits_for_a_decision_is_told_once_what_a_policy_changes_for_them(scene):
    review = scene.review(2)
    version, _ = begin(scene)
    job = Job.objects.get(kind=policies.ANNOUNCE, idem_key=str(version.pk))

    assert (jobs.run_here(job.pk).result, announce_policy(version.pk)) == ({"told": 1}, 0)

    [notice] = Notice.objects.filter(user=scene.requester, text__startswith="Policy")
    assert notice.url == review.get_absolute_url()
    assert notice.text.startswith(f"{version} changes {review.use_case.ref} from {clock.today():%-d %B %Y}: ")
    assert "tier 3 (high) instead of tier 2 (limited); new controls: " in notice.text
    assert notice.text.endswith(f"{review.ref} goes on as it began.")


def test_a_policy_that_changes_nothing_for_them_is_not_told(scene):
    scene.review(2)

    version, _ = begin(scene, tier=1)

    assert announce_policy(version.pk) == 0


def test_a_new_question_is_named():
    material = [*shipped().material_facts, "custom_code"]
    comparison = Comparison(shipped(), with_rule(tier=2, fact="custom_code", material_facts=material))

    said = news(comparison, harmless() | {"high_impact": "yes"})

    assert said == [f"it also asks: {CATALOGUE['custom_code'].label}"]


def test_applying_a_policy_again_adds_nothing(scene):
    approved(scene)
    version, _ = begin(scene)
    events, reviews = AuditEvent.objects.count(), Review.objects.count()

    figures = apply_policy(version.pk, lambda done, total: None)

    assert (figures["changed"], figures["reviews"]) == (0, 0)
    assert (AuditEvent.objects.count(), Review.objects.count()) == (events, reviews)


def test_a_policy_that_forbids_takes_the_approval_back_with_its_reason(scene):
    approval = approved(scene)

    begin(scene, tier=5)

    approval.refresh_from_db()
    review = Review.objects.filter(use_case=approval.use_case_id).latest("pk")
    assert (review.state, review.decision.outcome) == (ReviewState.DECIDED, Outcome.PROHIBITED)
    assert approval.end_reason == EndReason.REVOKED


def test_other_material_facts_make_no_approval_stale_that_was_not(scene):
    approval, other = approved(scene), approved(scene)
    write_facts(other.use_case_id, {"spend_per_year": 99}, by=scene.office)
    names = [*shipped().material_facts, "users_expected"]

    begin(scene, tier=2, material_facts=names)

    for row, how in ((approval, Standing.IN_FORCE), (other, Standing.STALE)):
        fresh = Approval.objects.select_related("use_case").get(pk=row.pk)
        assert standing(fresh, suspended=False, today=clock.today()) == how


def test_an_approval_is_restated_by_nothing_else(scene):
    approval = approved(scene)

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(material_hash="0" * 64)


def test_a_review_that_cannot_be_opened_stops_nothing(scene):
    approved(scene)
    scene.council.seats.update(ended_at=clock.now())
    elsewhere = make_unit("No council here")
    lonely = make_use_case(unit=elsewhere, facts=harmless() | {"talks_to_people": True})

    _, job = begin(scene)

    lonely.refresh_from_db()
    assert (job.state, lonely.tier) == (JobState.DONE, 3)
    assert job.result["reviews"] + len(job.result["unopened"]) == 1


def test_a_trial_is_kept_and_replaced(scene):
    running = scene.use_case(2)
    version = draft(scene)

    for _ in range(2):
        job = jobs.run_here(policies.request_trial(version, by=scene.office).pk)

    trial = PolicyTrial.objects.get(version=version)
    assert job.result == {"url": f"/policies/{version.number}/trial/"}
    assert (trial.found.moved, trial.sha256) == (1, version.sha256)
    (move,) = trial.moves.all()
    assert (move.use_case, move.before, move.after, move.reasons) == (running, 2, 3, ["house-chat"])
