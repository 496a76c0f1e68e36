"""Decisions of one person, and the life of approvals and conditions."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import Approval, Cause, Condition, Evidence, Suspension
from governance.selectors.approvals import approval_of, approval_states, approved_ids, standings
from governance.services.approvals import (
    accept_risk,
    decide_single,
    expire_approvals,
    revoke_approval,
    suspend_overdue,
)
from governance.services.conditions import meet_condition, remind_of_conditions
from governance.services.reviews import open_review
from governance.services.votes import cast_vote
from governance.standing import Standing
from portfolio.models import UseCase
from portfolio.services import write_facts
from portfolio.tables import UseCaseTable
from tests.factories import bring, make_person, signed_in
from tests.governance.scene import harmless

pytestmark = pytest.mark.django_db
LOG = NamedCondition(text="Keep logs", due_in_days=30)


def evidence_by(user):
    return Evidence.objects.create(title="Log policy", attestation="We log.", sha256="a" * 64, by=user)


@pytest.fixture
def conditional(scene):
    """An approval of tier 2 with one condition."""
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED_WITH_CONDITIONS, "Useful.", [LOG], by=scene.office)
    return Approval.objects.get(use_case=review.use_case)


def test_decide_single_approves(scene):
    review = scene.review(2)

    decision = decide_single(review.pk, Outcome.APPROVED, "Useful and tame.", by=scene.office)

    review.refresh_from_db()
    assert (decision.kind, decision.decided_by, review.state) == ("single", scene.office, "decided")
    assert approval_of(review.use_case).standing == Standing.IN_FORCE
    assert list(approved_ids()) == [review.use_case_id]


def test_decide_single_rejects(scene):
    review = scene.review(2)

    decide_single(review.pk, Outcome.REJECTED, "No purpose.", by=scene.office)

    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "reason", "conditions", "sentence"),
    [
        (Outcome.APPROVED, " ", (), "Say why"),
        (Outcome.APPROVED, "Yes.", (LOG,), "Only an approval with conditions"),
        (Outcome.APPROVED_WITH_CONDITIONS, "Yes.", (), "Name at least one condition"),
        (Outcome.PROHIBITED, "No.", (), "Only the policy refuses"),
    ],
)
def test_decide_single_refuses_what_does_not_fit(scene, outcome, reason, conditions, sentence):
    with pytest.raises(NotAllowed, match=sentence):
        decide_single(scene.review(2).pk, outcome, reason, conditions, by=scene.office)


def test_decide_single_by_a_party_or_others_is_refused(scene):
    review = scene.review(2, owner=scene.office)

    with pytest.raises(NotAllowed, match="You cannot decide on a use case"):
        decide_single(review.pk, Outcome.APPROVED, "Mine.", by=scene.office)
    with pytest.raises(NotAllowed, match="Only the CAIO office decides"):
        decide_single(review.pk, Outcome.APPROVED, "Nice.", by=scene.members["hr"])


def test_decide_single_does_not_approve_a_provisional_tier(scene):
    use_case = scene.use_case(2)
    facts = harmless() | {"talks_to_people": True}
    del facts["social_scoring"]
    use_case.facts = facts
    use_case.save(update_fields=["facts"])
    review = open_review(use_case.pk, by=scene.requester)

    with pytest.raises(NotAllowed, match="Return the review for what is unknown: social scoring"):
        decide_single(review.pk, Outcome.APPROVED, "Fine.", by=scene.office)


def test_critical_goes_from_the_council_to_the_executive(scene):
    review = scene.on_vote(4)
    cast_vote(review.pk, Choice.APPROVE_WITH_CONDITIONS, "If.", [LOG], by=scene.members["legal"])

    scene.vote(review, ciso="approve", hr="approve")
    assert (review.state, hasattr(review, "decision")) == ("ready", False)
    with pytest.raises(NotAllowed, match="The vote is not open"):
        cast_vote(review.pk, Choice.REJECT, "Late.", by=scene.members["data"])
    accept_risk(review.pk, True, "Worth it.", by=scene.sponsor)

    review.refresh_from_db()
    decision = review.decision
    assert (decision.kind, decision.outcome, decision.decided_by) == (
        "executive", Outcome.APPROVED_WITH_CONDITIONS, scene.sponsor,
    )  # fmt: skip
    assert decision.tally["approvals"] == 3
    assert Condition.objects.get(decision=decision).text == "Keep logs"


def test_the_executive_may_decline_what_the_council_approved(scene):
    review = scene.vote(scene.on_vote(4), legal="approve", ciso="approve", hr="approve")

    accept_risk(review.pk, False, "Too much.", by=scene.executive)

    review.refresh_from_db()
    assert review.decision.outcome == Outcome.REJECTED
    assert not Approval.objects.exists()


def test_accept_risk_by_owner_or_others_is_refused(scene):
    review = scene.vote(scene.on_vote(4), legal="approve", ciso="approve", hr="approve")

    with pytest.raises(NotAllowed, match="that you request or own"):
        accept_risk(review.pk, True, "Go.", by=scene.owner)
    with pytest.raises(NotAllowed, match="Only an executive"):
        accept_risk(review.pk, True, "Go.", by=scene.caio)


def test_a_council_rejection_of_a_critical_use_case_ends_it(scene):
    review = scene.vote(scene.on_vote(4), ciso="approve", hr="approve", data="approve", legal="reject")

    assert (review.decision.kind, review.decision.outcome) == ("council", Outcome.REJECTED)


def test_large_spend_goes_from_the_office_to_the_executive(scene):
    review = scene.examine(scene.review(2, facts={"spend_per_year": 2_000_000}))

    kept = decide_single(review.pk, Outcome.APPROVED_WITH_CONDITIONS, "Useful.", [LOG], by=scene.office)
    accept_risk(review.pk, True, "Worth it.", by=scene.executive)

    review.refresh_from_db()
    assert kept is None
    assert (review.decision.kind, review.decision.outcome) == ("executive", Outcome.APPROVED_WITH_CONDITIONS)
    assert Condition.objects.filter(decision=review.decision).count() == 1


def test_a_changed_material_fact_makes_an_approval_stale(scene, conditional):
    write_facts(conditional.use_case_id, {"personal_data": True}, by=scene.owner)

    use_case = conditional.use_case
    use_case.refresh_from_db()
    assert approval_of(use_case).standing == Standing.STALE
    assert list(approved_ids()) == []


def listed(use_case) -> str:
    """What the list of use cases, filtered by it, says of the approval."""
    keys = ["none", *(state.key for state in approval_states().states)]
    found = [
        (key, row.approval.key if row.approval else "none")
        for key in keys
        for row in UseCaseTable(QueryDict(f"approval={key}"), use_case.owner).rows
    ]
    [(asked, shown)] = found  # each use case is found by exactly one
    assert asked == shown
    return shown


def test_lists_say_how_an_approval_stands(scene, conditional):
    use_case = conditional.use_case
    told = [listed(use_case)]
    write_facts(use_case.pk, {"personal_data": True}, by=scene.owner)
    told.append(listed(use_case))
    with clock.at(clock.now() + timedelta(days=34)):
        suspend_overdue()
        told.append(listed(use_case))
    with clock.at(clock.now() + timedelta(days=800)):
        told.append(listed(use_case))
    revoke_approval(conditional.pk, "It hurts.", by=scene.office)

    assert [*told, listed(use_case)] == ["in_force", "stale", "suspended", "expired", "none"]


@pytest.mark.parametrize(
    ("view", "body"), [("board", "board-card"), ("matrix", "<tbody"), ("timeline", "<tbody"), ("tree", "tree-cases")]
)
def test_every_layout_says_that_an_approval_is_stale(scene, conditional, view, body):
    bring(conditional.use_case, 50_000)
    fresh = signed_in(scene.owner).get(f"/use-cases/?view={view}")
    write_facts(conditional.use_case_id, {"personal_data": True}, by=scene.owner)
    stale = signed_in(scene.owner).get(f"/use-cases/?view={view}")

    assert ["Approval" in page.content.decode().partition(body)[2] for page in (fresh, stale)] == [False, True]


def test_the_executive_page_counts_approvals_that_open_no_gate(scene, conditional):
    write_facts(conditional.use_case_id, {"personal_data": True}, by=scene.owner)

    page = signed_in(scene.executive).get("/executive/").content.decode()

    assert f"/use-cases/?approval=stale&amp;unit={scene.unit.path}" in page


def test_another_fact_does_not(scene, conditional):
    write_facts(conditional.use_case_id, {"purpose": "The same, in other words"}, by=scene.owner)

    conditional.use_case.refresh_from_db()
    assert approval_of(conditional.use_case).standing == Standing.IN_FORCE


def test_an_overdue_condition_suspends_and_meeting_it_restores(scene, conditional):
    use_case, condition = conditional.use_case, Condition.objects.get()

    with clock.at(clock.now() + timedelta(days=34)):
        assert (suspend_overdue(), suspend_overdue()) == (1, 0)
        assert approval_of(use_case).standing == Standing.SUSPENDED
        assert list(approved_ids()) == []
        meet_condition(condition.pk, evidence_by(scene.owner), by=scene.owner)
        assert approval_of(use_case).standing == Standing.IN_FORCE

    assert Suspension.objects.get().restored_at is not None
    suspended, restored = Notice.objects.filter(user=scene.owner).order_by("pk").values_list("text", flat=True)[1:]
    assert suspended == f"Approval of {use_case.ref} suspended: the condition “Keep logs” is overdue."
    assert restored == f"Approval of {use_case.ref} is in force again."
    acts = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert acts[-3:] == ["approval.suspended", "condition.met", "approval.restored"]


def test_two_overdue_conditions_are_both_to_be_met(scene):
    review = scene.review(2)
    two = [LOG, NamedCondition(text="Train people", due_in_days=10)]
    decide_single(review.pk, Outcome.APPROVED_WITH_CONDITIONS, "If.", two, by=scene.office)
    first, second = Condition.objects.order_by("pk")

    with clock.at(clock.now() + timedelta(days=60)):
        assert suspend_overdue() == 2
        meet_condition(first.pk, evidence_by(scene.owner), by=scene.owner)
        assert approval_of(review.use_case).standing == Standing.SUSPENDED
        meet_condition(second.pk, evidence_by(scene.owner), by=scene.owner)
        assert approval_of(review.use_case).standing == Standing.IN_FORCE


def test_meet_condition_by_others_or_twice_is_refused(scene, conditional):
    condition = Condition.objects.get()
    with pytest.raises(NotAllowed, match="Only the owner of a condition"):
        meet_condition(condition.pk, evidence_by(scene.owner), by=scene.members["hr"])

    meet_condition(condition.pk, evidence_by(scene.owner), by=scene.owner)

    with pytest.raises(NotAllowed, match="This condition is met"):
        meet_condition(condition.pk, evidence_by(scene.owner), by=scene.owner)


def test_remind_of_conditions_once(scene, conditional):
    with clock.at(clock.now() + timedelta(days=25)):
        assert (remind_of_conditions(), remind_of_conditions()) == (1, 0)

    assert Notice.objects.filter(user=scene.owner, text__startswith="Condition due on").count() == 1


def told(user, start):
    return Notice.objects.filter(user=user, text__startswith=start).count()


def test_everybody_concerned_hears_of_a_suspension_and_its_end(scene, conditional):
    ref = conditional.use_case.ref
    with clock.at(clock.now() + timedelta(days=60)):
        suspend_overdue()
        meet_condition(Condition.objects.get().pk, evidence_by(scene.owner), by=scene.owner)

    for person in (scene.owner, scene.requester, scene.sponsor, scene.office):
        assert told(person, f"Approval of {ref} suspended") == 1
        assert told(person, f"Approval of {ref} is in force again") == 1
    assert told(scene.members["hr"], "Approval of") == 0


def test_everybody_concerned_hears_once_that_an_approval_is_stale(scene, conditional):
    with clock.at(clock.now() + timedelta(days=1)):
        write_facts(conditional.use_case_id, {"special_categories": True}, by=scene.owner)
        write_facts(conditional.use_case_id, {"biometric_use": ["verification"]}, by=scene.owner)

    assert approval_of(UseCase.objects.get()).standing == Standing.STALE
    for person in (scene.owner, scene.sponsor, scene.office):
        assert told(person, f"Approval of {conditional.use_case.ref} is stale") == 1


def test_everybody_concerned_hears_why_an_approval_ended(scene, conditional):
    revoke_approval(conditional.pk, "It misbehaved.", by=scene.office)

    assert told(scene.owner, f"Approval of {conditional.use_case.ref} has ended: It misbehaved.") == 1


def test_an_approval_expires(scene, conditional):
    with clock.at(clock.now() + timedelta(days=5000)):
        assert approval_of(conditional.use_case).standing == Standing.EXPIRED
        assert expire_approvals() == 1

    conditional.refresh_from_db()
    assert conditional.end_reason == "expired"


def test_revoke_approval_is_the_offices(scene, conditional):
    with pytest.raises(NotAllowed, match="Only the CAIO office revokes"):
        revoke_approval(conditional.pk, "No.", by=scene.owner)

    revoke_approval(conditional.pk, "It misbehaved.", by=scene.office)

    conditional.refresh_from_db()
    assert conditional.end_reason == "revoked"


def test_another_approval_supersedes(scene, conditional):
    review = open_review(conditional.use_case_id, by=scene.requester)

    decide_single(review.pk, Outcome.APPROVED, "Again.", by=scene.office)

    conditional.refresh_from_db()
    assert conditional.end_reason == "superseded"
    assert Approval.objects.get(ended_at=None).decision_id == review.pk


def test_a_rejected_second_look_takes_the_approval_back(scene, conditional):
    review = open_review(conditional.use_case_id, by=scene.office, cause=Cause.INCIDENT)

    decide_single(review.pk, Outcome.REJECTED, "Unsafe.", by=make_person(Role.CAIO_OFFICE, unit=scene.unit))

    conditional.refresh_from_db()
    assert conditional.end_reason == "revoked"


def test_standings_tell_review_approval_and_running_without_one(scene, conditional):
    bare = scene.use_case(2, stage="production")
    reviewed = scene.review(3)

    assert [s.text for s in standings(bare, scene.owner)] == ["Running without approval"]
    assert [s.text for s in standings(reviewed.use_case, scene.owner)] == [f"{reviewed.ref}: in review"]
    assert standings(conditional.use_case, scene.owner)[0].text.startswith("In force, up to production, until")
