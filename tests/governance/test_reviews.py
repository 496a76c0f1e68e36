"""Opening, examining, returning, submitting again, withdrawing."""

import json
from datetime import timedelta

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Outcome
from governance.models import Approval, Finding, ReviewPerson, ReviewState, Severity, StepKind, Vote
from governance.selectors.calendars import house
from governance.services.comments import comment
from governance.services.council import create_council
from governance.services.reviews import (
    on_withdraw,
    open_review,
    report_finding,
    resubmit,
    return_review,
    withdraw_review,
)
from governance.snapshots import thaw
from portfolio.services import write_facts
from tests.factories import make_person, make_unit
from tests.governance.scene import harmless, make_scene

pytestmark = pytest.mark.django_db


def steps_of(review):
    return list(review.steps.values_list("phase", "kind", "function"))


def test_open_review_freezes_what_it_looks_at(scene):
    use_case = scene.use_case()

    review = open_review(use_case.pk, by=scene.requester)

    snapshot = thaw(review.snapshot)
    assert review.ref == f"R-{clock.today().year}-0001"
    assert sha256(review.snapshot) == review.snapshot_hash
    assert (snapshot.facts, snapshot.tier, snapshot.material_hash) == (use_case.facts, 3, use_case.material_hash)
    assert [rule.rule for rule in snapshot.held] == ["omb-high-impact"]
    assert (snapshot.policy, len(snapshot.controls) > 0) == (review.policy.number, True)
    parties = ReviewPerson.objects.filter(review=review, capacity="party").values_list("user", flat=True)
    assert set(parties) == {scene.owner.pk, scene.requester.pk, scene.sponsor.pk}
    assert AuditEvent.objects.filter(action="review.opened").count() == 1


def test_open_review_of_high_risk_starts_the_examinations(scene):
    review = scene.review()

    assert steps_of(review) == [
        (1, "examine", "legal"),
        (1, "examine", "ciso"),
        (1, "examine", "privacy"),
        (2, "vote", ""),
    ]
    assert review.state == ReviewState.IN_REVIEW
    assert review.charter["quorum_minimum"] == 3
    due = house().add(clock.today(), 5)
    assert [step.due_on for step in review.steps.filter(started_at__isnull=False)] == [due] * 3
    assert Notice.objects.filter(user=scene.members["legal"], text__startswith="Your turn: examine").exists()


def test_open_review_of_the_lightest_tier_clears_at_once(scene):
    review = scene.review(1)

    assert (review.state, review.decision.kind, review.decision.outcome) == ("decided", "standing", "approved")
    assert review.decision.reason.startswith("Cleared under the Chief AI Officer's standing approval for tier 1")
    assert Approval.objects.filter(use_case=review.use_case, ended_at=None).exists()
    assert not Notice.objects.filter(user=scene.members["legal"]).exists()


def test_open_review_of_unknown_facts_is_never_cleared_automatically(scene):
    facts = harmless()
    del facts["social_scoring"]
    use_case = scene.use_case(1)
    use_case.facts = facts
    use_case.save(update_fields=["facts"])

    review = open_review(use_case.pk, by=scene.requester)

    assert (review.state, steps_of(review)) == ("ready", [(1, "approve", "caio_office")])


def test_open_review_that_somebody_has_to_examine_is_never_cleared_automatically(scene):
    review = scene.review(1, facts={"widens_data_access": True})

    assert steps_of(review) == [(1, "examine", "data"), (2, "approve", "caio_office")]


def test_open_review_of_what_is_prohibited_refuses_it_with_the_article(scene):
    review = scene.review(5)

    assert (review.state, review.decision.outcome) == ("decided", Outcome.PROHIBITED)
    assert "Art. 5" in review.decision.reason
    assert not Approval.objects.exists()


def test_open_review_twice_is_refused(scene):
    review = scene.review()

    with pytest.raises(NotAllowed, match=f"already under review: {review.ref}"):
        open_review(review.use_case_id, by=scene.requester)


def test_open_review_without_a_council_is_refused():
    scene = make_scene()
    elsewhere = make_unit()
    use_case = scene.use_case()
    use_case.unit = elsewhere
    use_case.save(update_fields=["unit"])

    with pytest.raises(NotAllowed, match="No council decides"):
        open_review(use_case.pk, by=scene.requester)


def test_open_review_without_a_seat_that_must_vote_is_refused():
    scene = make_scene(seats=("legal", "data", "hr"))

    with pytest.raises(NotAllowed, match="The council has no seat for"):
        scene.review()


def test_open_review_goes_to_the_nearest_council(scene):
    below = make_unit(parent=scene.unit)
    nearer = create_council("Nearer", make_unit(parent=below), by=None)
    use_case = scene.use_case()
    use_case.unit = below
    use_case.save(update_fields=["unit"])

    review = open_review(use_case.pk, by=scene.requester)

    assert {seat.seat.council for seat in review.seats.select_related("seat__council")} == {scene.council}
    assert nearer.pk != scene.council.pk


def test_report_finding_finishes_the_step_and_the_last_one_opens_the_vote(scene):
    review = scene.review()

    report_finding(review.pk, "legal", Severity.MAJOR, "No basis.", by=scene.reviewer("legal"), control="C05")
    assert [step.function for step in review.steps.filter(finished_at__isnull=False)] == ["legal"]
    with pytest.raises(Invalid, match="no such control"):
        report_finding(review.pk, "ciso", Severity.MAJOR, "No.", by=scene.reviewer("ciso"), control="C99")
    scene.examine(review)

    assert review.state == ReviewState.READY
    assert review.steps.get(kind=StepKind.VOTE).due_on == house().add(clock.today(), 5)
    assert Notice.objects.filter(user=scene.members["hr"], text__startswith="Your turn: vote on").exists()
    assert Finding.objects.filter(review=review, severity="major", control="C05").count() == 1


@pytest.mark.parametrize(
    ("who", "sentence"),
    [("owner", "neither examines nor decides"), ("executive", "Only reviewers of the function legal")],
)
def test_report_finding_by_others_is_refused(scene, who, sentence):
    review = scene.review()

    with pytest.raises(NotAllowed, match=sentence):
        report_finding(review.pk, "legal", Severity.NONE, "Fine.", by=getattr(scene, who))


def test_report_finding_without_words_is_refused(scene):
    with pytest.raises(Invalid, match="Say what you found"):
        report_finding(scene.review().pk, "legal", Severity.NONE, "  ", by=scene.reviewer("legal"))


def test_return_review_stops_the_clocks_until_it_is_submitted_again(scene):
    review = scene.review()
    due = review.steps.filter(started_at__isnull=False).first().due_on

    return_review(review.pk, "Say who is affected.", by=scene.reviewer("legal"))
    review.refresh_from_db()
    assert (review.state, review.return_reason) == (ReviewState.RETURNED, "Say who is affected.")
    assert Notice.objects.filter(user=scene.owner, text__startswith="Returned to you").exists()
    with clock.at(clock.now() + timedelta(days=14)):
        resubmit(review.pk, by=scene.owner)

    review.refresh_from_db()
    running = review.steps.filter(started_at__isnull=False)
    assert (review.state, review.waited_days) == (ReviewState.IN_REVIEW, 10)
    assert {(step.due_on, step.waited_days) for step in running} == {(house().add(due, 10), 10)}


def test_resubmit_with_changed_facts_freezes_and_examines_anew(scene):
    review = scene.on_vote()
    before = review.snapshot_hash
    return_review(review.pk, "Name the affected.", by=scene.office)
    write_facts(review.use_case_id, {"affected_people": ["customers"]}, by=scene.owner)

    resubmit(review.pk, by=scene.owner)

    review.refresh_from_db()
    assert review.snapshot_hash != before
    assert list(review.snapshots.values_list("number", flat=True)) == [1, 2]
    assert review.steps.filter(finished_at__isnull=False).count() == 0
    assert review.state == ReviewState.IN_REVIEW


def test_resubmit_on_another_route_opens_another_review(scene):
    review = scene.review()
    return_review(review.pk, "Is it high impact?", by=scene.office)
    write_facts(review.use_case_id, {"high_impact": "no", "talks_to_people": True}, by=scene.owner)

    another = resubmit(review.pk, by=scene.owner)

    review.refresh_from_db()
    assert review.state == ReviewState.WITHDRAWN
    assert (another.pk != review.pk, another.tier, another.state) == (True, 2, ReviewState.READY)


def test_resubmit_by_others_is_refused(scene):
    review = scene.review()
    return_review(review.pk, "Why?", by=scene.office)

    with pytest.raises(NotAllowed, match="Only who requests, owns or sponsors"):
        resubmit(review.pk, by=scene.members["hr"])


def test_return_review_after_a_vote_is_refused(scene):
    review = scene.vote(scene.on_vote(), hr="approve")

    with pytest.raises(NotAllowed, match="Votes have been cast"):
        return_review(review.pk, "Wait.", by=scene.office)


def test_a_returned_review_takes_neither_findings_nor_votes(scene):
    review = scene.review()
    return_review(review.pk, "Why?", by=scene.office)

    with pytest.raises(NotAllowed, match="was returned"):
        report_finding(review.pk, "legal", Severity.NONE, "Fine.", by=scene.reviewer("legal"))
    assert not Vote.objects.exists()


def test_withdraw_review_ends_it_without_a_decision(scene):
    review = scene.review()

    withdraw_review(review.pk, "Not needed.", by=scene.owner)

    review.refresh_from_db()
    assert (review.state, hasattr(review, "decision")) == (ReviewState.WITHDRAWN, False)
    assert open_review(review.use_case_id, by=scene.requester).ref.endswith("0002")


def test_withdraw_review_by_a_member_is_refused(scene):
    with pytest.raises(NotAllowed, match="withdraws it from review"):
        withdraw_review(scene.review().pk, "No.", by=scene.members["hr"])


def test_on_withdraw_says_when_nothing_is_open(scene):
    use_case = scene.use_case()

    assert on_withdraw(use_case.pk, scene.owner, "x") is None


def test_comment_is_kept_and_told(scene):
    review = scene.review()

    remark = comment(review.pk, " Which data? ", by=scene.members["hr"])

    assert (remark.text, remark.subject_id) == ("Which data?", str(review.pk))
    event = AuditEvent.objects.order_by("-pk").first()
    assert (event.action, json.loads(event.payload)["text"]) == ("comment.made", "Which data?")


def test_reviews_are_visible_to_those_who_see_the_use_case_or_take_part(scene):
    review = scene.review(confidential=True)
    from governance.models import Review

    assert Review.objects.visible_to(scene.members["hr"]).get() == review
    assert Review.objects.visible_to(scene.owner).get() == review
    assert not Review.objects.visible_to(make_person(Role.REQUESTER, unit=scene.unit)).exists()
