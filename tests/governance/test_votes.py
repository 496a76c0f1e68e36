"""Casting votes: what each one changes, what is refused, and who is told."""

from datetime import timedelta

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.audit.verify_receipt import problems
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import Approval, Condition, ReviewState, StepKind, Vote
from governance.selectors.calendars import house
from governance.services.delegating import delegate_seat
from governance.services.votes import appoint_holder, cast_vote, close_at_deadline, close_due_votes, result_of
from tests.factories import make_person

pytestmark = pytest.mark.django_db
LOG = NamedCondition(text="Keep logs for a year", due_in_days=30)


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_cast_vote_keeps_the_vote_and_tells_the_trail(scene):
    review = scene.on_vote()

    vote = cast_vote(review.pk, Choice.REJECT, " Too early. ", by=scene.members["data"])

    assert (vote.number, vote.reason, vote.snapshot_hash) == (1, "Too early.", review.snapshot_hash)
    assert actions()[-1] == "vote.cast"
    assert result_of(review).outcome is None


def test_cast_vote_that_makes_the_result_certain_decides(scene):
    review = scene.vote(scene.on_vote(), legal="approve", ciso="approve")

    scene.vote(review, data="approve")

    decision = review.decision
    approval = Approval.objects.get(use_case=review.use_case)
    assert (review.state, decision.kind, decision.outcome) == (ReviewState.DECIDED, "council", Outcome.APPROVED)
    assert decision.tally["approvals"] == 3
    assert decision.reason == "3 of 5 eligible seats approve, among them every mandatory seat."
    assert approval.material_hash == review.use_case.material_hash
    assert approval.valid_until == clock.today() + timedelta(days=review.policy.policy.tier(3).approval_days)
    assert review.steps.filter(finished_at=None).count() == 0
    assert actions()[-3:] == ["vote.cast", "review.decided", "approval.granted"]
    assert problems(decision.receipt, decision.receipt_hash, decision.signature, decision.signed_with) == []
    told = set(Notice.objects.filter(text__startswith="Approved:").values_list("user", flat=True))
    assert told >= {scene.owner.pk, scene.requester.pk, scene.members["hr"].pk}


def test_cast_vote_again_is_a_new_vote(scene):
    review = scene.vote(scene.on_vote(), data="reject")

    scene.vote(review, data="approve")

    votes = Vote.objects.filter(review=review).order_by("number").values_list("number", "choice")
    assert list(votes) == [(1, "reject"), (2, "approve")]
    assert result_of(review).tally.approvals == 1


def test_cast_vote_by_a_mandatory_seat_against_decides_with_quorum(scene):
    review = scene.vote(scene.on_vote(), data="approve", hr="approve", ciso="approve")

    scene.vote(review, legal="reject")

    assert (review.decision.outcome, review.decision.is_favourable) == (Outcome.REJECTED, False)
    assert not Approval.objects.filter(use_case=review.use_case).exists()


def test_cast_vote_with_conditions_attaches_those_that_bind(scene):
    review = scene.vote(scene.on_vote(), ciso="approve", data="approve")

    cast_vote(review.pk, Choice.APPROVE_WITH_CONDITIONS, "If logged.", [LOG], by=scene.members["legal"])

    review.refresh_from_db()
    condition = Condition.objects.get(decision=review.decision)
    assert review.decision.outcome == Outcome.APPROVED_WITH_CONDITIONS
    assert (condition.text, condition.owner) == (LOG.text, scene.owner)
    assert condition.due_on == house().at_or_after(clock.today() + timedelta(days=30))


@pytest.mark.parametrize(
    ("voter", "sentence"),
    [
        ("owner", "You cannot vote on a use case that you request, own or sponsor."),
        ("requester", "You cannot vote on a use case that you request, own or sponsor."),
        ("sponsor", "You cannot vote on a use case that you request, own or sponsor."),
        ("caio", "Only the holders of this review's seats vote."),
        ("spare", "Only the holders of this review's seats vote."),
    ],
)
def test_cast_vote_by_others_is_refused(scene, voter, sentence):
    review = scene.on_vote()

    with pytest.raises(NotAllowed, match=sentence.replace(".", r"\.")):
        cast_vote(review.pk, Choice.APPROVE, by=getattr(scene, voter))

    assert not Vote.objects.exists()


def test_cast_vote_before_the_examination_is_refused(scene):
    review = scene.review()

    with pytest.raises(NotAllowed, match="The vote is not open"):
        cast_vote(review.pk, Choice.APPROVE, by=scene.members["legal"])


def test_cast_vote_on_a_closed_review_is_refused(scene):
    review = scene.vote(scene.on_vote(), legal="approve", ciso="approve", data="approve")

    with pytest.raises(NotAllowed, match="This review is closed"):
        cast_vote(review.pk, Choice.REJECT, "No.", by=scene.members["hr"])


def test_cast_vote_on_an_older_snapshot_is_refused(scene):
    review = scene.on_vote()

    with pytest.raises(NotAllowed, match="submitted again while you were reading"):
        cast_vote(review.pk, Choice.APPROVE, by=scene.members["legal"], snapshot_hash="0" * 64)


@pytest.mark.parametrize(
    ("choice", "reason", "conditions", "sentence"),
    [
        (Choice.REJECT, " ", (), "Say why"),
        (Choice.APPROVE_WITH_CONDITIONS, "If.", (), "Name at least one condition"),
        (Choice.APPROVE, "", (LOG,), "Only an approval with conditions"),
    ],
)
def test_cast_vote_with_a_ballot_that_does_not_fit_is_refused(scene, choice, reason, conditions, sentence):
    review = scene.on_vote()

    with pytest.raises(NotAllowed, match=sentence):
        cast_vote(review.pk, choice, reason, conditions, by=scene.members["legal"])


def test_recusal_of_an_optional_seat_takes_it_out(scene):
    review = scene.vote(scene.on_vote(), hr="recuse", finance="recuse")

    tally = result_of(review).tally
    assert (tally.eligible, tally.recusals) == (3, 2)
    with pytest.raises(NotAllowed, match="You have recused yourself"):
        cast_vote(review.pk, Choice.APPROVE, by=scene.members["hr"])


def test_recusal_of_a_mandatory_seat_passes_it_to_the_alternate(scene):
    review = scene.vote(scene.on_vote(), legal="recuse", ciso="approve", data="approve")
    assert scene.seat(review, "legal").holder == scene.spare

    cast_vote(review.pk, Choice.APPROVE, by=scene.spare)

    review.refresh_from_db()
    assert review.decision.outcome == Outcome.APPROVED
    assert Notice.objects.filter(user=scene.spare, text__startswith="Your turn").exists()


def test_recusal_of_a_mandatory_seat_without_an_alternate_asks_the_caio(scene):
    review = scene.vote(scene.on_vote(), ciso="recuse", legal="approve", data="approve", hr="approve")
    assert review.state == ReviewState.READY
    assert Notice.objects.filter(user=scene.caio, text__contains="appoint a holder").exists()
    stranger = make_person(Role.COUNCIL_MEMBER, unit=scene.unit, function="ciso")

    appoint_holder(review.pk, scene.seat(review, "ciso").seat_id, stranger.pk, by=scene.caio)
    cast_vote(review.pk, Choice.APPROVE, by=stranger)

    review.refresh_from_db()
    assert review.decision.outcome == Outcome.APPROVED


def test_appoint_holder_refuses_parties_others_and_seats_in_order(scene):
    review = scene.vote(scene.on_vote(), ciso="recuse")
    ciso, data = (scene.seat(review, name).seat_id for name in ("ciso", "data"))

    with pytest.raises(NotAllowed, match="is a party of this use case"):
        appoint_holder(review.pk, ciso, scene.owner.pk, by=scene.caio)
    with pytest.raises(NotAllowed, match="already holds a seat"):
        appoint_holder(review.pk, ciso, scene.members["data"].pk, by=scene.caio)
    with pytest.raises(NotAllowed, match="Only the Chief AI Officer"):
        appoint_holder(review.pk, ciso, scene.spare.pk, by=scene.office)
    with pytest.raises(NotAllowed, match="Only a mandatory seat"):
        appoint_holder(review.pk, data, scene.spare.pk, by=scene.caio)
    with pytest.raises(NotAllowed, match="has a holder who can vote"):
        appoint_holder(review.pk, scene.seat(review, "legal").seat_id, scene.spare.pk, by=scene.caio)


def test_a_mandatory_seat_whose_holder_is_a_party_goes_to_the_alternate(scene):
    review = scene.on_vote(owner=scene.members["legal"])

    assert scene.seat(review, "legal").holder == scene.spare


def test_a_mandatory_seat_that_nobody_may_hold_waits_for_the_caio(scene):
    review = scene.on_vote(owner=scene.members["ciso"])

    assert scene.seat(review, "ciso").holder is None
    scene.vote(review, legal="approve", data="approve", hr="approve")
    assert result_of(review).tally.missing == (scene.seat(review, "ciso").seat_id,)


def test_an_optional_seat_whose_holder_is_a_party_is_left_out(scene):
    review = scene.on_vote(owner=scene.members["hr"])

    assert result_of(review).tally.seats == 4


def test_delegate_seat_lets_another_vote_in_open_reviews(scene):
    review = scene.on_vote()
    seat = scene.seat(review, "hr").seat
    other = make_person(Role.COUNCIL_MEMBER, unit=scene.unit, function="hr")

    delegate_seat(seat.pk, other.pk, clock.today(), clock.today(), by=scene.members["hr"])

    cast_vote(review.pk, Choice.APPROVE, by=other)
    with pytest.raises(NotAllowed, match="Only the holders"):
        cast_vote(review.pk, Choice.APPROVE, by=scene.members["hr"])
    assert scene.seat(scene.review(title="Another"), "hr").holder == other


def test_delegate_seat_leaves_votes_that_were_cast(scene):
    review = scene.vote(scene.on_vote(), hr="approve")
    other = make_person(Role.COUNCIL_MEMBER, unit=scene.unit, function="hr")

    delegate_seat(scene.seat(review, "hr").seat_id, other.pk, clock.today(), clock.today(), by=scene.office)

    assert scene.seat(review, "hr").holder == scene.members["hr"]


def test_close_at_deadline_defers_without_a_result(scene):
    review = scene.vote(scene.on_vote(), legal="approve")
    due = review.steps.get(kind=StepKind.VOTE).due_on

    with pytest.raises(NotAllowed, match="has not passed"):
        close_at_deadline(review.pk)
    with clock.at(clock.now() + (due - clock.today()) + timedelta(days=1)):
        closed = close_due_votes()

    review.refresh_from_db()
    assert (closed, review.decision.outcome) == (1, Outcome.DEFERRED)
    assert "The deadline passed without a result." in review.decision.reason


def test_close_at_deadline_takes_a_result_that_waited_for_conditions(scene):
    review = scene.vote(scene.on_vote(), legal="approve", ciso="approve")
    cast_vote(review.pk, Choice.APPROVE_WITH_CONDITIONS, "If.", [LOG], by=scene.members["data"])
    review.refresh_from_db()
    assert review.state == ReviewState.READY

    with clock.at(clock.now() + timedelta(days=30)):
        outcome = close_at_deadline(review.pk)

    assert outcome == Outcome.APPROVED
    assert not Condition.objects.exists()
