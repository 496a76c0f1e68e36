"""The tab of a dossier on tier, controls and risks."""

from collections.abc import Mapping, Sequence
from typing import Any

from caio_portal.accounts.models import User
from governance.frameworks.catalogue import NOTICE
from governance.models import Incident, Risk
from governance.policy import evaluate
from governance.rules import controls as control_rules
from governance.rules import risks as risk_rules
from governance.selectors.controls import ControlSheet
from governance.selectors.policies import policy_of, version_in_force
from governance.selectors.previews import steps_of
from governance.selectors.risks import risk_sheet
from portfolio.facts import CATALOGUE
from portfolio.models import UseCase
from portfolio.ports import UseCaseTab


def controls_tab(use_case: UseCase, user: User) -> Sequence[UseCaseTab]:
    """The tab on risk and controls; nothing is read before somebody opens it."""
    return [
        UseCaseTab(
            "controls", "Risk and controls", "governance/controls_tab.html", lambda: _controls(use_case, user),
            position=30,
        )
    ]  # fmt: skip


def _controls(use_case: UseCase, user: User) -> Mapping[str, Any]:
    """Tier with its trace, controls with their evidence, risks against the appetite, incidents."""
    version = version_in_force()
    policy = policy_of(version)
    found = evaluate(policy, use_case.facts)
    risks = risk_sheet(use_case, policy)
    graver = (entry for entry in found.trace.undecided if entry.rule.tier > found.tier)
    missing = dict.fromkeys(name for entry in graver for name in entry.missing)
    return {
        "policy": policy,
        "version": version,
        "found": found,
        "tier": policy.tier(found.tier),
        "missing": [CATALOGUE[name] for name in missing],
        "steps": steps_of(found.route, policy.functions),
        "sheet": ControlSheet.of(use_case, policy),
        "risks": risks,
        "signable": {
            line.risk.pk
            for line in risks.lines
            if not risk_rules.objection_to_sign(user, _with(line.risk, use_case), risks.appetite)
        },
        "incidents": list(Incident.objects.filter(use_case_links__use_case=use_case).visible_to(user)),
        "work_objection": control_rules.objection_to_work_on_controls(user, use_case),
        "risk_objection": risk_rules.objection_to_record_risk(user, use_case),
        "notice": NOTICE,
    }


def _with(risk: Risk, use_case: UseCase) -> Risk:
    risk.use_case = use_case
    return risk
