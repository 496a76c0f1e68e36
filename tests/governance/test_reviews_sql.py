"""What must never happen, tried in SQL as the application role: the database refuses each by name."""

import hashlib
import inspect
import re
import sys
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from governance.models import (
    Approval,
    Condition,
    Council,
    CouncilSeat,
    Decision,
    PolicyVersion,
    Review,
    ReviewPerson,
    ReviewSeat,
    ReviewSnapshot,
    ReviewStep,
    Vote,
)
from governance.refusals import SENTENCES
from portfolio.models import MoveKind, StageMove, UseCase
from tests.factories import make_person, make_unit

NOW = timezone.now()
TEXT = '{"facts":{}}'
HASH = hashlib.sha256(TEXT.encode()).hexdigest()


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused_by(statement, *values):
    """The name of the constraint (or the SQLSTATE) that refuses a statement, at once or at commit."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(statement, *values)
        connection.check_constraints()
    diagnosis = caught.value.__cause__.diag
    return diagnosis.constraint_name or diagnosis.sqlstate


def make_use_case(unit, requester, ref="UC-2026-0001"):
    return UseCase.objects.create(
        ref=ref, title="Triage", unit=unit, requester=requester, owner=requester, stage="pilot", stage_since=NOW,
        material_hash="m" * 64,
    )  # fmt: skip


def make_review(use_case, ref="R-2026-0001", **changed):
    values = {
        "policy": PolicyVersion.objects.get(), "route": "council", "tier": 3, "up_to_stage": "production",
        "charter": {}, "snapshot": TEXT, "snapshot_hash": HASH, "state": "ready", "opened_at": NOW,
    }  # fmt: skip
    return Review.objects.create(use_case=use_case, ref=ref, **(values | changed))


@pytest.fixture
def world(db):
    """A review on the vote: Legal is mandatory, two other seats are not."""
    unit = make_unit()
    requester, outsider, spare, *holders = [make_person() for _ in range(6)]
    use_case = make_use_case(unit, requester)
    review = make_review(use_case)
    council = Council.objects.create(name="Council", unit=unit)
    seats = [
        CouncilSeat.objects.create(
            council=council, function=name, title=name, holder=holder, mandatory=name == "legal",
            term_ends_on=date(2030, 1, 1),
        )
        for name, holder in zip(["legal", "data", "hr"], holders, strict=True)
    ]  # fmt: skip
    extra = CouncilSeat.objects.create(
        council=council, function="it", title="it", holder=spare, term_ends_on=date(2030, 1, 1)
    )
    ReviewSnapshot.objects.create(review=review, number=1, snapshot=TEXT, snapshot_hash=HASH, taken_at=NOW)
    ReviewPerson.objects.create(review=review, user=requester, capacity="party")
    for person in (*holders, spare):
        ReviewPerson.objects.create(review=review, user=person, capacity="judge")
    for seat, holder in zip(seats, holders, strict=True):
        ReviewSeat.objects.create(review=review, seat=seat, holder=holder, mandatory=seat.mandatory)
    ReviewStep.objects.create(
        review=review, position=1, phase=1, kind="vote", days=5, due_on=date(2030, 1, 1), started_at=NOW
    )
    return SimpleNamespace(
        review=review, use_case=use_case, seats=seats, holders=holders, requester=requester, outsider=outsider,
        spare=spare, extra=extra, unit=unit,
    )  # fmt: skip


def cast(review, seat, voter, choice, number=1, reason="Because."):
    return Vote.objects.create(
        review=review, seat=seat, number=number, voter=voter, choice=choice, reason=reason, snapshot_hash=HASH,
        cast_at=NOW,
    )  # fmt: skip


def recuse(world):
    return cast(world.review, world.seats[2], world.holders[2], "recuse")


def abstain(world):
    return cast(world.review, world.seats[0], world.holders[0], "abstain")


def decide(review, outcome="rejected", kind="council", **changed):
    receipt = "{}"
    values = {
        "reason": "So.", "snapshot_hash": review.snapshot_hash, "decided_at": NOW, "receipt": receipt,
        "receipt_hash": hashlib.sha256(receipt.encode()).hexdigest(),
    }  # fmt: skip
    decision = Decision.objects.create(review=review, kind=kind, outcome=outcome, **(values | changed))
    Review.objects.filter(pk=review.pk).update(state="decided", closed_at=NOW)
    return decision


def approve(world):
    cast(world.review, world.seats[0], world.holders[0], "approve")
    decision = decide(world.review, "approved")
    return Approval.objects.create(
        decision=decision, use_case=world.use_case, up_to_stage="production", material_hash="m" * 64, granted_at=NOW,
        valid_until=date(2030, 1, 1),
    )  # fmt: skip


VOTE = (
    "INSERT INTO vote (review_id, seat_id, number, voter_id, choice, reason, conditions, snapshot_hash, cast_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now())"
)
SEAT = "INSERT INTO review_seat (review_id, seat_id, holder_id, capacity, mandatory) VALUES (%s, %s, %s, %s, %s)"
PERSON = "INSERT INTO review_person (review_id, user_id, capacity) VALUES (%s, %s, %s)"
FINDING = (
    "INSERT INTO finding (review_id, user_id, capacity, function, severity, text, control, wanted, snapshot_hash,"
    " reported_at) VALUES (%s, %s, %s, 'legal', 'minor', 'x', '', '', %s, now())"
)
DECISION = (
    "INSERT INTO decision (review_id, kind, outcome, reason, tally, snapshot_hash, decided_by_id, capacity,"
    " decided_at, receipt, receipt_hash, signature, signed_with)"
    " VALUES (%s, %s, %s, 'So.', '{}', %s, %s, %s, now(), '{}',"
    " encode(sha256('{}'), 'hex'), '', '')"
)


def vote(world, seat=0, voter=None, choice="approve", number=1, reason="x", conditions="[]", digest=HASH):
    voter = world.holders[seat] if voter is None else voter
    return VOTE, world.review.pk, world.seats[seat].pk, number, voter.pk, choice, reason, conditions, digest


def test_a_lawful_vote_passes(world):
    sql(*vote(world))
    connection.check_constraints()

    assert Vote.objects.filter(review=world.review).count() == 1


ATTACKS = {
    "a second open review of a use case": lambda w: (
        "review_one_open_per_use_case",
        "INSERT INTO review (ref, use_case_id, policy_id, cause, route, tier, up_to_stage, snapshot, snapshot_hash,"
        " state, why, why_url, return_reason, plea, waited_days, opened_at)"
        " SELECT 'R-2', use_case_id, policy_id, cause, route, tier, up_to_stage, snapshot, snapshot_hash, state, '',"
        " '', '', '', 0, opened_at FROM review WHERE id = %s",
        w.review.pk,
    ),
    "a party also judges": lambda w: ("review_person_pkey", PERSON, w.review.pk, w.requester.pk, "judge"),
    "a party becomes a judge": lambda w: (
        "42501", "UPDATE review_person SET capacity = 'judge' WHERE review_id = %s AND user_id = %s", w.review.pk,
        w.requester.pk,
    ),
    "a party sits": lambda w: (
        "review_seat_holder_is_a_judge", SEAT, w.review.pk, w.extra.pk, w.requester.pk, "judge", True,
    ),
    "a party sits as a party": lambda w: (
        "review_seat_by_a_judge", SEAT, w.review.pk, w.extra.pk, w.requester.pk, "party", True,
    ),
    "an outsider sits": lambda w: (
        "review_seat_holder_is_a_judge", SEAT, w.review.pk, w.extra.pk, w.outsider.pk, "judge", False,
    ),
    "one person on two seats": lambda w: (
        "review_seat_one_per_holder", SEAT, w.review.pk, w.extra.pk, w.holders[0].pk, "judge", False,
    ),
    "an optional seat without a holder": lambda w: (
        "review_seat_only_mandatory_vacant", SEAT, w.review.pk, w.extra.pk, None, "judge", False,
    ),
    "a seat loses its right to refuse": lambda w: (
        "review_seat_is_fixed", "UPDATE review_seat SET mandatory = false WHERE review_id = %s AND seat_id = %s",
        w.review.pk, w.seats[0].pk,
    ),
    "a vote without a seat": lambda w: (
        "vote_by_the_holder", VOTE, w.review.pk, w.extra.pk, 1, w.spare.pk, "approve", "x", "[]", HASH,
    ),
    "a vote by somebody else": lambda w: ("vote_by_the_holder", *vote(w, voter=w.outsider)),
    "a vote on another snapshot": lambda w: ("vote_on_the_snapshot", *vote(w, digest="0" * 64)),
    "a vote after a recusal": lambda w: recuse(w) and ("vote_not_after_recusal", *vote(w, seat=2, number=2)),
    "a vote numbered as another": lambda w: abstain(w) and ("vote_pkey", *vote(w, number=1)),
    "a vote that leaves a number out": lambda w: ("vote_numbered_in_order", *vote(w, seat=1, number=3)),
    "an unknown choice": lambda w: ("vote_choice_known", *vote(w, seat=1, choice="maybe")),
    "a rejection without a reason": lambda w: ("vote_gives_a_reason", *vote(w, seat=1, choice="reject", reason=" ")),
    "an approval with conditions that names none": lambda w: (
        "vote_names_its_conditions", *vote(w, seat=1, choice="approve_with_conditions"),
    ),
    "a vote is changed": lambda w: ("42501", "UPDATE vote SET choice = 'reject' WHERE review_id = %s", w.review.pk),
    "a vote is deleted": lambda w: ("42501", "DELETE FROM vote WHERE review_id = %s", w.review.pk),
    "votes are emptied": lambda w: ("42501", "TRUNCATE vote"),
    "a finding by a party": lambda w: (
        "finding_author_is_a_judge", FINDING, w.review.pk, w.requester.pk, "judge", HASH,
    ),
    "a finding as a party": lambda w: ("finding_by_a_judge", FINDING, w.review.pk, w.requester.pk, "party", HASH),
    "a finding on another snapshot": lambda w: (
        "finding_on_a_snapshot", FINDING, w.review.pk, w.holders[0].pk, "judge", "0" * 64,
    ),
    "the charter of an open review is softened": lambda w: (
        "review_terms_are_fixed", """UPDATE review SET charter = '{"quorum_minimum": 2}' WHERE id = %s""", w.review.pk,
    ),
    "a review changes its use case": lambda w: (
        "review_terms_are_fixed", "UPDATE review SET use_case_id = use_case_id + 1 WHERE id = %s", w.review.pk,
    ),
    "a snapshot with votes is replaced": lambda w: recuse(w) and (
        "vote_on_the_snapshot",
        "UPDATE review SET snapshot = '{}', snapshot_hash = encode(sha256('{}'), 'hex') WHERE id = %s", w.review.pk,
    ),
    "a snapshot is changed under its hash": lambda w: (
        "review_snapshot_has_its_hash", "UPDATE review SET snapshot = '{}' WHERE id = %s", w.review.pk,
    ),
    "a kept snapshot is changed": lambda w: ("42501", "UPDATE review_snapshot SET snapshot = '{}'"),
    "a review is closed without a decision": lambda w: (
        "review_decided_with_decision", "UPDATE review SET state = 'decided', closed_at = now() WHERE id = %s",
        w.review.pk,
    ),
    "a decision that leaves the review open": lambda w: (
        "review_decided_with_decision", DECISION, w.review.pk, "council", "rejected", HASH, None, "judge",
    ),
    "an approval without the mandatory seat": lambda w: (
        "decision_needs_mandatory_seats", DECISION, w.review.pk, "council", "approved", HASH, None, "judge",
    ),
    "a decision by a party": lambda w: (
        "decision_taken_in_capacity", DECISION, w.review.pk, "single", "approved", HASH, w.requester.pk, "judge",
    ),
    "a decision as a party": lambda w: (
        "decision_by_a_judge", DECISION, w.review.pk, "single", "approved", HASH, w.requester.pk, "party",
    ),
    "a decision of one that names nobody": lambda w: (
        "decision_of_one_names_who", DECISION, w.review.pk, "single", "approved", HASH, None, "judge",
    ),
    "a decision on another snapshot": lambda w: (
        "decision_on_the_snapshot", DECISION, w.review.pk, "council", "rejected", "0" * 64, None, "judge",
    ),
    "a quorum of one": lambda w: (
        "council_quorum_is_not_one", """UPDATE council SET charter = '{"quorum_minimum": 1}'""",
    ),
    "a review is deleted": lambda w: ("42501", "DELETE FROM review WHERE id = %s", w.review.pk),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses(world, attack):
    name, *statement = ATTACKS[attack](world)

    assert refused_by(*statement) == name


def test_every_refusal_has_a_sentence():
    text = inspect.getsource(sys.modules[__name__])
    names = set(re.findall(r'"((?:review|vote|finding|decision|approval|condition|gate|gated|council)_[a-z_]+)"', text))

    assert names - SENTENCES.keys() == set()


def test_a_seat_that_has_voted_keeps_its_holder(world):
    cast(world.review, world.seats[0], world.holders[0], "reject")

    name = refused_by("UPDATE review_seat SET holder_id = %s WHERE seat_id = %s", world.spare.pk, world.seats[0].pk)

    assert name == "review_seat_holder_has_voted"


def test_a_recused_seat_gets_another_holder(world):
    recuse(world)

    sql("UPDATE review_seat SET holder_id = %s WHERE seat_id = %s", world.spare.pk, world.seats[2].pk)
    sql(*vote(world, seat=2, voter=world.spare, number=2))

    assert Vote.objects.filter(seat=world.seats[2]).count() == 2


def test_no_seat_is_added_once_somebody_has_voted(world):
    recuse(world)

    assert refused_by(SEAT, world.review.pk, world.extra.pk, world.spare.pk, "judge", False) == (
        "review_seat_before_voting"
    )


def test_who_becomes_the_owner_votes_no_more(world):
    sql("UPDATE use_case SET owner_id = %s WHERE id = %s", world.holders[0].pk, world.use_case.pk)

    assert refused_by(*vote(world)) == "vote_not_by_a_party"


def test_nobody_votes_before_the_vote_is_open(world):
    sql("UPDATE review_step SET started_at = NULL WHERE review_id = %s", world.review.pk)

    assert refused_by(*vote(world)) == "vote_while_open"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (lambda w: vote(w, seat=1), "vote_while_open"),
        (
            lambda w: ("UPDATE review SET state = 'ready', closed_at = NULL WHERE id = %s", w.review.pk),
            "review_is_final",
        ),
        (
            lambda w: (DECISION, w.review.pk, "council", "rejected", HASH, None, "judge"),
            "decision_while_open",
        ),
        (lambda w: ("UPDATE decision SET outcome = 'approved' WHERE review_id = %s", w.review.pk), "42501"),
        (lambda w: ("DELETE FROM decision WHERE review_id = %s", w.review.pk), "42501"),
        (
            lambda w: (
                "INSERT INTO approval (decision_id, use_case_id, up_to_stage, material_hash, granted_at, valid_until,"
                " end_reason) VALUES (%s, %s, 'production', 'm', now(), '2030-01-01', '')",
                w.review.pk,
                w.use_case.pk,
            ),
            "approval_needs_favourable_decision",
        ),
        (
            lambda w: ("UPDATE review_seat SET holder_id = %s WHERE seat_id = %s", w.spare.pk, w.seats[0].pk),
            "review_seat_while_open",
        ),
    ],
)
def test_after_the_decision_nothing_changes(world, statement, name):
    cast(world.review, world.seats[0], world.holders[0], "reject")
    decide(world.review)

    assert refused_by(*statement(world)) == name


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE approval SET valid_until = '2040-01-01'", "approval_only_ends"),
        ("UPDATE approval SET use_case_id = use_case_id", None),
        ("UPDATE approval SET ended_at = now()", "approval_ended_with_reason"),
        ("DELETE FROM approval", "42501"),
    ],
)
def test_an_approval_only_ends(world, statement, name):
    approve(world)

    if name is None:
        sql(statement)
    else:
        assert refused_by(statement) == name


def test_a_use_case_has_one_approval(world):
    approval = approve(world)
    another = make_review(world.use_case, "R-2026-0002", charter=None)
    decide(another, "approved", kind="standing")

    name = refused_by(
        "INSERT INTO approval (decision_id, use_case_id, up_to_stage, material_hash, granted_at, valid_until,"
        " end_reason) VALUES (%s, %s, 'production', 'm', now(), '2030-01-01', '')",
        another.pk,
        approval.use_case_id,
    )

    assert name == "approval_one_per_use_case"


def test_a_condition_is_met_once_and_with_evidence(world):
    approval = approve(world)
    condition = Condition.objects.create(
        decision=approval.decision, text="Log", owner=world.requester, due_on=NOW.date() + timedelta(days=9)
    )

    assert refused_by("UPDATE condition SET met_at = now()") == "condition_met_with_evidence"
    assert refused_by("UPDATE condition SET due_on = '2040-01-01'") == "condition_is_fixed"
    assert refused_by("DELETE FROM condition WHERE id = %s", condition.pk) == "42501"


def test_a_gated_move_needs_its_passage(world):
    move = (
        "INSERT INTO stage_move (use_case_id, before, after, kind, reason, moved_at)"
        " VALUES (%s, 'pilot', 'production', 'gated', '', now())"
    )

    assert refused_by(move, world.use_case.pk) == "gated_move_needs_passage"


def test_a_passage_belongs_to_a_gated_move_and_its_own_approval(world):
    approval = approve(world)
    recorded = StageMove.objects.create(use_case=world.use_case, after="pilot", kind=MoveKind.RECORDED)
    other = make_use_case(world.unit, world.requester, "UC-2026-0002")
    passage = "INSERT INTO gate_passage (stage_move_id, checklist, approval_id) VALUES (%s, '[]', %s)"

    assert refused_by(passage, recorded.pk, None) == "gate_passage_of_a_gated_move"
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        gated = StageMove.objects.create(use_case=other, after="production", kind=MoveKind.GATED)
        sql(passage, gated.pk, approval.pk)
    assert caught.value.__cause__.diag.constraint_name == "gate_passage_by_its_own_approval"
