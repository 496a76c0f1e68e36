"""Moves through gates."""

import pytest

from caio_portal.common.errors import NotAllowed
from governance.decisions import Outcome
from governance.models import Approval, ControlState, Evidence, EvidenceUse, GatePassage
from governance.policy import evaluate
from governance.selectors.policies import policy_in_force
from governance.services.approvals import decide_single
from governance.services.moves import move_use_case
from portfolio.models import StageMove
from portfolio.stages import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def use_case(scene):
    """A limited use case in pilot, approved, with every control met."""
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    meet_all_controls(review.use_case, scene.owner)
    return review.use_case


def meet_all_controls(use_case, by):
    evidence = Evidence.objects.create(title="All", attestation="Done.", sha256="a" * 64, by=by)
    for required in evaluate(policy_in_force(), use_case.facts).controls:
        state = ControlState.objects.create(use_case=use_case, control=required.control.id, state="met", changed_by=by)
        EvidenceUse.objects.create(evidence=evidence, control_state=state)


def test_move_use_case_passes_a_gate_that_is_met(scene, use_case):
    move = move_use_case(use_case.pk, Stage.PRODUCTION, by=scene.owner, reason="Ready.")

    use_case.refresh_from_db()
    passage = GatePassage.objects.get(stage_move=move)
    assert (use_case.stage, move.kind) == ("production", "gated")
    assert passage.approval == Approval.objects.get(use_case=use_case)
    assert all(entry["met"] for entry in passage.checklist)


def test_move_use_case_is_refused_with_what_is_missing(scene):
    use_case = scene.use_case(2)

    with pytest.raises(NotAllowed, match="The gate to production is not met: Nobody has approved it yet"):
        move_use_case(use_case.pk, Stage.PRODUCTION, by=scene.owner)

    assert not StageMove.objects.filter(use_case=use_case).exists()


def test_move_use_case_back_passes_no_gate(scene):
    use_case = scene.use_case(2)

    move = move_use_case(use_case.pk, Stage.EXPERIMENT, by=scene.owner, reason="Not good enough.")

    assert move.kind == "recorded"
    assert not GatePassage.objects.exists()


def test_move_use_case_by_others_is_refused(scene, use_case):
    with pytest.raises(NotAllowed):
        move_use_case(use_case.pk, Stage.PRODUCTION, by=scene.members["hr"])
