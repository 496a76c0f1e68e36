"""The likely tier while somebody still types."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from governance.policy import Policy, Route, Tiering, evaluate
from governance.selectors.policies import policy_in_force
from portfolio.ports import ControlAhead, Preview, Reason, RouteStep

_STEPS = {
    "clear": "Clears under the standing approval",
    "approve": "Approval",
    "examine": "Examination",
    "vote": "Council vote",
    "accept_risk": "Acceptance of the risk",
}


def preview(facts: Mapping[str, Any], stage: str | None) -> Preview:
    """What the policy in force makes of facts that may not be saved yet."""
    return _preview(policy_in_force(), facts)


def previewer() -> Callable[[Mapping[str, Any]], Preview]:
    """A preview of one set of facts after another under the policy in force, which is read once."""
    return partial(_preview, policy_in_force())


def _preview(policy: Policy, facts: Mapping[str, Any]) -> Preview:
    found = evaluate(policy, facts)
    return Preview(
        tier=found.shown_tier,
        ceiling=found.ceiling,
        reasons=tuple(Reason(e.rule.because, e.rule.reference, e.rule.tier) for e in found.trace.held),
        unknown=_unknown(found),
        controls=tuple(ControlAhead(c.control.id, c.control.title, c.by) for c in found.controls if c.certain),
        route=steps_of(found.route, policy.functions),
        days=found.days if found.route.steps else None,
    )


def steps_of(route: Route, functions: Mapping[str, str]) -> tuple[RouteStep, ...]:
    """The steps of a route in words."""
    return tuple(RouteStep(_step_label(step.kind, step.functions, functions), step.days) for step in route.steps)


def _step_label(kind: str, wanted: tuple[str, ...], functions: Mapping[str, str]) -> str:
    names = ", ".join(functions[name] for name in wanted)
    return f"{_STEPS[kind]}: {names}" if names else _STEPS[kind]


def _unknown(found: Tiering) -> tuple[str, ...]:
    """The facts that could raise the tier, those of the gravest rules first."""
    open_rules = [entry for entry in found.trace.undecided if entry.rule.tier > found.tier]
    return tuple(dict.fromkeys(name for entry in open_rules for name in entry.missing))
