"""What differs between two versions of a policy, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from governance.policy.schema import Concern, Control, Policy, Requirement, Route, Rule, Step, Tier
from portfolio.conditions import described
from portfolio.facts import CATALOGUE

Words = Mapping[str, str | tuple[str, ...]]  # label -> what stands there; a tuple is compared as a set
_STEPS = {
    "clear": "clears by itself", "approve": "approval", "examine": "examination", "vote": "council vote",
    "accept_risk": "acceptance of the risk",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that is new, gone or different."""

    group: str
    kind: str  # added, removed, changed
    title: str
    details: tuple[str, ...]


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """From BEFORE to AFTER, in the order in which a policy is read; nothing if they say the same."""
    old, new = _told(before), _told(after)
    return tuple(line for group in new for line in _compared(group, old[group], new[group]))


def _compared(
    group: str, old: Mapping[str, tuple[str, Words]], new: Mapping[str, tuple[str, Words]]
) -> Iterator[Difference]:
    for key, (title, words) in new.items():
        if key not in old:
            yield Difference(group, "added", title, tuple(f"{label}: {_joined(said)}" for label, said in words.items()))
        elif changed := tuple(_changed(old[key][1], words)):
            yield Difference(group, "changed", title, changed)
    for key, (title, _) in old.items():
        if key not in new:
            yield Difference(group, "removed", title, ())


def _changed(old: Words, new: Words) -> Iterator[str]:
    for label in dict.fromkeys([*old, *new]):
        was, now = old.get(label, ""), new.get(label, "")
        if was == now:
            continue
        if isinstance(was, tuple) and isinstance(now, tuple):
            yield from _listed(label, was, now)
        elif not was or not now:
            yield f"{label}: {_joined(now)} (new)" if now else f"{label}: no longer “{_joined(was)}”"
        else:
            yield f"{label}: {_joined(now)}; it was {_joined(was)}"


def _listed(label: str, was: tuple[str, ...], now: tuple[str, ...]) -> Iterator[str]:
    more, less = [each for each in now if each not in was], [each for each in was if each not in now]
    if more:
        yield f"{label}: now also {'; '.join(more)}"
    if less:
        yield f"{label}: no longer {'; '.join(less)}"
    if not more and not less and label == "Steps":  # of nothing else does the order mean anything
        yield f"{label}: another order"


def _joined(said: str | tuple[str, ...]) -> str:
    return said if isinstance(said, str) else "; ".join(said)


def _told(policy: Policy) -> dict[str, dict[str, tuple[str, Words]]]:
    """Every part of a policy as labelled words, by group and key."""
    return {
        "The policy": {"": ("The policy itself", _general(policy))},
        "Tiers": {str(tier.number): (f"Tier {tier.number}, {tier.name}", _tier(tier)) for tier in policy.tiers},
        "Rules": {rule.id: (rule.because, _rule(policy, rule)) for rule in policy.rules},
        "Controls": {control.id: (control.title, _control(policy, control)) for control in policy.controls},
        "Routes": {
            str(route.tier): (f"Route of {policy.tier(route.tier).name.lower()}", _route(policy, route))
            for route in policy.routes
        },
        "Whose field is what": {
            each.function: (f"The field of {policy.functions[each.function]}", _concern(policy, each))
            for each in policy.concerns
        },
        "Steps added by facts": {
            addition.because: (
                addition.because,
                {"When": described(addition.when), "Step": _step(policy, addition.step)},
            )
            for addition in policy.additions
        },
    }  # fmt: skip


def _general(policy: Policy) -> Words:
    return {
        "Title": policy.title,
        "Summary": policy.summary,
        "Functions": tuple(policy.functions.values()),
        "Facts on which an approval rests": tuple(CATALOGUE[name].label for name in policy.material_facts),
        "An incident opens a review from severity": str(policy.rereview.incident_severity),
        "Drawn for a second look, of 100 cleared": str(policy.rereview.second_look_percent),
        "Reviewed again when": policy.rereview.triggers,
        "Asked when it is reviewed again": tuple(_asks(policy)),
        "Figures that open a review when they are off track": policy.rereview.drift_kpis,
    }


def _tier(tier: Tier) -> Words:
    if tier.forbidden:
        return {"Name": tier.name, "Summary": tier.summary, "Approval": "never given"}
    return {
        "Name": tier.name, "Summary": tier.summary, "Highest residual risk": f"{tier.appetite} of 25",
        "Approval needed from": tier.approval_from.label, "Approval valid for": f"{tier.approval_days} days",
        "Reviewed every": f"{tier.review_months} months",
    }  # fmt: skip


def _rule(policy: Policy, rule: Rule) -> Words:
    words = {
        "At least tier": f"{rule.tier}, {policy.tier(rule.tier).name}", "When": described(rule.when),
        "Because": rule.because, "Reference": f"{rule.reference} ({rule.framework})",
    }  # fmt: skip
    return words | ({"Unless": described(rule.unless)} if rule.unless else {})


def _control(policy: Policy, control: Control) -> Words:
    valid = f"{control.valid_days} days" if control.valid_days else "without end"
    return {
        "Title": control.title, "Summary": control.summary, "Evidence that counts": control.evidence,
        "Evidence is valid": valid, "Required": tuple(_need(policy, need) for need in control.required),
        "Frameworks": tuple(f"{name} {reference}" for name, reference in control.frameworks.items()),
    }  # fmt: skip


def _need(policy: Policy, need: Requirement) -> str:
    words = f"of {policy.tier(need.from_tier).name.lower()} and graver, by {need.by.label.lower()}"
    return f"{words}, if {described(need.when)}" if need.when else words


def _route(policy: Policy, route: Route) -> Words:
    words: dict[str, str | tuple[str, ...]] = {
        "Decided by": route.decision.value.replace("_", " "),
        "Steps": tuple(_step(policy, step) for step in route.steps),
        "Business days": str(route.days),
    }
    if route.council:
        words["Quorum"] = f"at least {route.council.quorum}"
        words["Mandatory seats"] = _functions(policy, route.council.mandatory)
        words["Seats that are not delegated"] = _functions(policy, route.council.personal)
        words["Days to vote"] = str(route.council.clock_days)
    return words


def _concern(policy: Policy, concern: Concern) -> Words:
    return {
        "Facts": tuple(CATALOGUE[name].label for name in concern.facts),
        "Controls": tuple(policy.control(name).title for name in concern.controls),
        "Besides": concern.about,
    }


def _asks(policy: Policy) -> Iterator[str]:
    for cause, names in policy.rereview.asks.items():
        besides = f" and {', '.join(_functions(policy, names))}" if names else ""
        yield f"{cause.replace('_', ' ')}: those in whose field something is new{besides}"


def _step(policy: Policy, step: Step) -> str:
    names = ", ".join(_functions(policy, step.functions))
    words = f"{_STEPS[step.kind]} by {names}" if names else _STEPS[step.kind]
    return f"{words} ({step.days} business days)"


def _functions(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(policy.functions[name] for name in names)
