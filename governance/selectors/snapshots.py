"""Reading what a review is to look at."""

from collections import defaultdict

from governance.models import ControlState, EvidenceUse, PolicyVersion, Risk, State
from governance.policy import Policy, Tiering
from governance.policy.evaluation import Entry
from governance.selectors.policies import policy_of
from governance.snapshots import (
    FrozenControl,
    FrozenEvidence,
    FrozenPerson,
    FrozenRisk,
    FrozenRule,
    Snapshot,
)
from portfolio.facts import material_hash
from portfolio.models import Submission, UseCase


def snapshot_of(
    use_case: UseCase, version: PolicyVersion, tiering: Tiering, up_to_stage: str, submission: Submission | None
) -> Snapshot:
    """Facts, trace, controls with their evidence, and risks of a use case as they stand now."""
    policy = policy_of(version)
    return Snapshot(
        use_case=use_case.ref, title=use_case.title, unit=use_case.unit.name, stage=use_case.stage,
        up_to_stage=up_to_stage, parties=_parties(use_case), policy=version.number, policy_sha256=version.sha256,
        submission=submission.number if submission else None, facts=dict(use_case.facts),
        material_hash=material_hash(use_case.facts, policy.material_facts), tier=tiering.tier,
        ceiling=tiering.ceiling, held=tuple(map(_rule, tiering.trace.held)),
        undecided=tuple(map(_rule, tiering.trace.undecided)),
        additions=tuple(addition.because for addition in tiering.additions),
        controls=_controls(use_case, tiering), risks=_risks(use_case), appetite=_appetite(policy, tiering),
    )  # fmt: skip


def _parties(use_case: UseCase) -> tuple[FrozenPerson, ...]:
    named = (("owner", use_case.owner), ("sponsor", use_case.sponsor), ("requester", use_case.requester))
    return tuple(FrozenPerson(part=part, name=user.name, user=user.pk) for part, user in named if user)


def _rule(entry: Entry) -> FrozenRule:
    rule = entry.rule
    return FrozenRule(
        rule=rule.id, tier=rule.tier, because=rule.because, reference=rule.reference, framework=rule.framework,
        missing=entry.missing,
    )  # fmt: skip


def _controls(use_case: UseCase, tiering: Tiering) -> tuple[FrozenControl, ...]:
    states = {state.control: state for state in ControlState.objects.filter(use_case=use_case)}
    evidence: dict[int, list[FrozenEvidence]] = defaultdict(list)
    uses = EvidenceUse.objects.filter(control_state__use_case=use_case, evidence__withdrawn_at=None)
    for use in uses.select_related("evidence").order_by("evidence_id"):
        piece = use.evidence
        evidence[use.control_state_id].append(
            FrozenEvidence(
                id=piece.pk, sha256=piece.sha256, name=piece.title, grade=piece.grade, valid_until=piece.valid_until
            )
        )
    frozen = []
    for required in tiering.controls:
        state = states.get(required.control.id)
        frozen.append(
            FrozenControl(
                id=required.control.id, title=required.control.title, by=required.by.value, certain=required.certain,
                state=state.state if state else State.NOT_STARTED.value, reason=state.reason if state else "",
                evidence=tuple(evidence[state.pk]) if state else (),
            )
        )  # fmt: skip
    return tuple(frozen)


def _risks(use_case: UseCase) -> tuple[FrozenRisk, ...]:
    return tuple(
        FrozenRisk(
            title=risk.title, likelihood=risk.likelihood, impact=risk.impact,
            residual_likelihood=risk.residual_likelihood, residual_impact=risk.residual_impact,
            treatment=risk.treatment,
        )
        for risk in Risk.objects.filter(use_case=use_case, closed_at=None).order_by("pk")
    )  # fmt: skip


def _appetite(policy: Policy, tiering: Tiering) -> int:
    return policy.tier(tiering.tier).appetite
