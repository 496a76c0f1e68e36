"""Risks: named, assessed again, accepted by signature, closed."""

from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.models import Risk, Treatment
from governance.rules import risks as rules
from governance.selectors.policies import policy_in_force
from governance.services.controls import locked
from portfolio.models import UseCase


@transaction.atomic
def record_risk(
    use_case_id: int,
    title: str,
    *,
    by: User,
    owner: User,
    likelihood: int,
    impact: int,
    residual_likelihood: int,
    residual_impact: int,
    treatment: Treatment = Treatment.REDUCE,
    mitigation: str = "",
) -> Risk:
    """Name a risk with likelihood and impact (1 to 5 each) before and after controls."""
    use_case = locked(use_case_id)
    require(rules.objection_to_record_risk(by, use_case))
    if not title.strip():
        raise Invalid("Say what could happen.", "title")
    _require_scores(likelihood, impact, residual_likelihood, residual_impact)
    risk = Risk.objects.create(
        use_case=use_case, title=title.strip(), likelihood=likelihood, impact=impact,
        residual_likelihood=residual_likelihood, residual_impact=residual_impact, owner=owner, treatment=treatment,
        mitigation=mitigation.strip(), recorded_at=clock.now(),
    )  # fmt: skip
    record("risk.recorded", use_case, by=by, risk=risk.title, inherent=risk.inherent, residual=risk.residual)
    return risk


@transaction.atomic
def assess_risk(
    risk_id: int,
    *,
    by: User,
    residual_likelihood: int,
    residual_impact: int,
    treatment: Treatment | None = None,
    mitigation: str | None = None,
) -> Risk:
    """Say what is left of a risk after controls. A risk that grew loses its acceptance."""
    risk = _locked_risk(risk_id)
    require(rules.objection_to_change_risk(by, risk))
    _require_scores(risk.likelihood, risk.impact, residual_likelihood, residual_impact)
    before = risk.residual
    risk.residual_likelihood, risk.residual_impact = residual_likelihood, residual_impact
    risk.treatment = treatment or risk.treatment
    risk.mitigation = risk.mitigation if mitigation is None else mitigation.strip()
    if risk.residual > before:
        risk.accepted_by, risk.accepted_at, risk.accepted_until, risk.acceptance = None, None, None, ""
    risk.save()
    record("risk.assessed", risk.use_case, by=by, risk=risk.title, before=before, residual=risk.residual)
    return risk


@transaction.atomic
def accept_risk(risk_id: int, *, by: User, until: date, reason: str) -> Risk:
    """Sign for what remains of a risk, until a day."""
    risk = _locked_risk(risk_id)
    require(rules.objection_to_accept_risk(by, risk, appetite_of(risk.use_case), until))
    if not reason.strip():
        raise Invalid("Say why the risk may remain.", "reason")
    risk.accepted_by, risk.accepted_at, risk.accepted_until = by, clock.now(), until
    risk.acceptance = reason.strip()
    risk.save(update_fields=["accepted_by", "accepted_at", "accepted_until", "acceptance"])
    record(
        "risk.accepted", risk.use_case, by=by, risk=risk.title, residual=risk.residual, until=until,
        reason=reason.strip(),
    )  # fmt: skip
    return risk


@transaction.atomic
def close_risk(risk_id: int, *, by: User) -> Risk:
    """Say that a risk is no more."""
    risk = _locked_risk(risk_id)
    require(rules.objection_to_change_risk(by, risk))
    risk.closed_at = clock.now()
    risk.save(update_fields=["closed_at"])
    record("risk.closed", risk.use_case, by=by, risk=risk.title, residual=risk.residual)
    return risk


def appetite_of(use_case: UseCase) -> int | None:
    """The highest residual risk that the tier of a use case may carry; None while the tier is not known."""
    return policy_in_force().tier(use_case.tier).appetite if use_case.tier else None


def _locked_risk(risk_id: int) -> Risk:
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk_id)
    risk.use_case = locked(risk.use_case_id)
    return risk


def _require_scores(likelihood: int, impact: int, residual_likelihood: int, residual_impact: int) -> None:
    scores = {"likelihood": likelihood, "impact": impact}
    scores |= {"residual_likelihood": residual_likelihood, "residual_impact": residual_impact}
    for name, score in scores.items():
        if not 1 <= score <= 5:
            raise Invalid("Likelihood and impact go from 1 to 5.", name)
    if residual_likelihood > likelihood or residual_impact > impact:
        raise Invalid("What remains after controls is not above what there was before.", "residual_likelihood")
