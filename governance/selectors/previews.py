"""The likely tier while somebody still types."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from governance.policy import Policy, Route, Tiering, evaluate
from governance.selectors.policies import policy_in_force
from governance.selectors.usual_times import UsualTimes, usual_times
from portfolio.ports import ControlAhead, Preview, Reason, RouteStep

_UNKNOWN = UsualTimes()
_STEPS = {
    "clear": "Clears under the standing approval",
    "approve": "Approval",
    "examine": "Examination",
    "vote": "Council vote",
    "accept_risk": "Acceptance of the risk",
}


def preview(facts: Mapping[str, Any], stage: str | None) -> Preview:
    """What the policy in force makes of facts that may not be saved yet."""
    policy = policy_in_force()
    found = evaluate(policy, facts)
    ahead = _preview(policy, found)
    if not ahead.route or ahead.tier is None:
        return ahead
    usual = usual_times(found.route.tier, found.route.decision.value)
    return replace(ahead, usual=usual.whole, route=steps_of(found.route, policy.functions, usual))


def previewer() -> Callable[[Mapping[str, Any]], Preview]:
    """A preview of one set of facts after another under the policy in force, which is read once."""
    policy = policy_in_force()
    return lambda facts: _preview(policy, evaluate(policy, facts))


def _preview(policy: Policy, found: Tiering) -> Preview:
    return Preview(
        tier=found.shown_tier,
        ceiling=found.ceiling,
        reasons=tuple(Reason(e.rule.because, e.rule.reference, e.rule.tier) for e in found.trace.held),
        unknown=_unknown(found),
        controls=tuple(ControlAhead(c.control.id, c.control.title, c.by) for c in found.controls if c.certain),
        route=steps_of(found.route, policy.functions),
        days=found.days if found.route.steps else None,
    )


def steps_of(route: Route, functions: Mapping[str, str], usual: UsualTimes = _UNKNOWN) -> tuple[RouteStep, ...]:
    """The steps of a route in words."""
    return tuple(
        RouteStep(_step_label(step.kind, step.functions, functions), step.days, usual.of(step.kind, step.functions))
        for step in route.steps
    )


def _step_label(kind: str, wanted: tuple[str, ...], functions: Mapping[str, str]) -> str:
    names = ", ".join(functions[name] for name in wanted)
    return f"{_STEPS[kind]}: {names}" if names else _STEPS[kind]


def _unknown(found: Tiering) -> tuple[str, ...]:
    """The facts that could raise the tier, those of the gravest rules first."""
    open_rules = [entry for entry in found.trace.undecided if entry.rule.tier > found.tier]
    return tuple(dict.fromkeys(name for entry in open_rules for name in entry.missing))
