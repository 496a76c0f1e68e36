"""What a policy says about a use case, as JSON for people and programs outside."""

from collections.abc import Iterable
from typing import Any

from governance.policy.evaluation import Entry, RequiredControl, Tiering
from governance.policy.schema import Policy
from portfolio.facts import CATALOGUE


def explained(policy: Policy, found: Tiering) -> dict[str, Any]:
    """Tier, ceiling, the reasons with their references, what is unknown, the controls and the route.

    `tier` is null while nothing is known; `ceiling` is the tier if every unknown fact turned out against the use case.
    """
    tier = found.shown_tier
    return {
        "policy": policy.number,
        "tier": tier,
        "tier_name": policy.tier(tier).name if tier else None,
        "ceiling": found.ceiling,
        "ceiling_name": policy.tier(found.ceiling).name,
        "provisional": found.provisional,
        "reasons": [entry.as_json() for entry in found.trace.held],
        "references": list(dict.fromkeys(entry.rule.reference for entry in found.trace.held)),
        "undecided": [entry.as_json() for entry in found.trace.undecided],
        "unknown_facts": {name: CATALOGUE[name].label for name in _missing(found.trace.undecided)},
        "controls": [_control(required) for required in found.controls],
        "route": {
            "decision": found.route.decision.value,
            "days": found.days,
            "steps": [
                {"step": step.kind.value, "functions": list(step.functions), "days": step.days}
                for step in found.route.steps
            ],
            "added_because": [addition.because for addition in found.additions],
        },
    }


def _missing(entries: Iterable[Entry]) -> Iterable[str]:
    return dict.fromkeys(name for entry in entries for name in entry.missing)


def _control(required: RequiredControl) -> dict[str, Any]:
    control = required.control
    return {"control": control.id, "title": control.title, "by": required.by.value, "certain": required.certain}
