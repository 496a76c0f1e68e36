"""From facts to tier, controls and route: pure functions over a policy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from governance.policy.schema import Addition, Control, DecisionKind, Policy, Requirement, Route, Rule, StepKind
from portfolio.conditions import Test, compiled, missing_facts
from portfolio.facts import Facts
from portfolio.stages import Stage, rank

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules alone say: positions in the policy's list of rules, gravest tier first where it matters."""

    tier: int
    ceiling: int
    held: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def provisional(self) -> bool:
        return self.ceiling > self.tier

    @property
    def known(self) -> bool:
        """False while no rule has decided anything and unknown facts could: shown as "not yet known"."""
        return bool(self.held) or not self.provisional


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule in a trace."""

    rule: Rule
    missing: tuple[str, ...] = ()  # the facts for lack of which it is undecided
    exempted: bool = False  # it would hold, but its exception is stated

    def as_json(self) -> dict[str, Any]:
        rule = self.rule
        line: dict[str, Any] = {
            "rule": rule.id, "tier": rule.tier, "because": rule.because, "reference": rule.reference,
            "framework": rule.framework,
        }  # fmt: skip
        if self.exempted:
            line["exempted"] = True
        return line | ({"missing": list(self.missing)} if self.missing else {})


@dataclass(frozen=True, slots=True)
class Trace:
    held: tuple[Entry, ...]
    undecided: tuple[Entry, ...]
    not_held: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RequiredControl:
    control: Control
    by: Stage
    certain: bool  # False: an unknown fact decides whether it is required


@dataclass(frozen=True, slots=True)
class Tiering:
    """Everything that a policy says about one use case."""

    tier: int
    ceiling: int
    provisional: bool
    known: bool
    trace: Trace
    controls: tuple[RequiredControl, ...]
    route: Route
    additions: tuple[Addition, ...]
    days: int

    @property
    def shown_tier(self) -> int | None:
        """The tier, or None for "not yet known"."""
        return self.tier if self.known else None


class Memo(dict[tuple[Any, ...], T]):
    """What was found for equal facts; emptied before it grows without end."""

    def __setitem__(self, key: tuple[Any, ...], value: T) -> None:
        if len(self) > 20_000:
            self.clear()
        super().__setitem__(key, value)


class Evaluator:
    """A policy with its conditions compiled; made once per policy."""

    def __init__(self, policy: Policy) -> None:
        gravest_first = sorted(policy.rules, key=lambda rule: -rule.tier)
        self._rules = [(rule, _held(rule)) for rule in gravest_first]
        self._needs: list[tuple[Control, list[tuple[Requirement, Test | None]]]] = [
            (control, [(need, compiled(need.when) if need.when else None) for need in control.required])
            for control in policy.controls
        ]
        self._additions = [(addition, compiled(addition.when)) for addition in policy.additions]
        self._forbidden = {tier.number for tier in policy.tiers if tier.forbidden}
        self._read = policy.rule_facts
        self._asked = policy.material_facts
        self._verdicts: Memo[Verdict] = Memo()
        self._certain: Memo[tuple[tuple[str, Stage], ...]] = Memo()

    def verdict(self, facts: Facts) -> Verdict:
        """The tier and its ceiling; equal facts are judged once, which is what makes imports quick."""
        key = _key(facts, self._read)
        known = self._verdicts.get(key)
        if known is None:
            known = self._verdicts[key] = self._judged(facts)
        return known

    def controls(self, tier: int, facts: Facts) -> tuple[RequiredControl, ...]:
        """The controls that a tier and the facts require, each by its earliest stage; none where all is refused."""
        if tier in self._forbidden:
            return ()
        found = (_required(control, needs, tier, facts) for control, needs in self._needs)
        return tuple(one for one in found if one)

    def control_ids(self, facts: Facts) -> tuple[str, ...]:
        """The controls that are certainly required of what is in use."""
        return tuple(control for control, by in self.certain_controls(facts) if by != Stage.RETIRED)

    def certain_controls(self, facts: Facts) -> tuple[tuple[str, Stage], ...]:
        """The controls that are certainly required, each with its stage; equal facts are looked at once."""
        key = _key(facts, self._asked)
        known = self._certain.get(key)
        if known is None:
            found = self.controls(self.verdict(facts).tier, facts)
            known = self._certain[key] = tuple((one.control.id, one.by) for one in found if one.certain)
        return known

    def additions(self, facts: Facts) -> tuple[Addition, ...]:
        """The steps that the facts add to a route."""
        return tuple(addition for addition, test in self._additions if test(facts) is True)

    def trace(self, facts: Facts) -> Trace:
        """Every rule with what became of it, the gravest tier first."""
        held: list[Entry] = []
        undecided: list[Entry] = []
        not_held: list[Entry] = []
        for rule, test in self._rules:
            truth = test(facts)
            if truth is None:
                undecided.append(Entry(rule, missing_facts(rule.when, facts)))
            elif truth:
                held.append(Entry(rule))
            else:
                not_held.append(Entry(rule, exempted=compiled(rule.when)(facts) is True))
        return Trace(tuple(held), tuple(undecided), tuple(not_held))

    def _judged(self, facts: Facts) -> Verdict:
        tier = ceiling = 1
        held: list[str] = []
        undecided: list[str] = []
        for rule, test in self._rules:
            truth = test(facts)
            if truth is False:
                continue
            ceiling = max(ceiling, rule.tier)
            if truth is True:
                tier = max(tier, rule.tier)
            (held if truth else undecided).append(rule.id)
        return Verdict(tier, ceiling, tuple(held), tuple(undecided))


def _key(facts: Facts, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(_hashable(facts.get(name)) for name in names)


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def evaluator(policy: Policy) -> Evaluator:
    """The policy's evaluator, kept with the policy."""
    if "evaluator" not in policy.memo:
        policy.memo["evaluator"] = Evaluator(policy)
    known: Evaluator = policy.memo["evaluator"]
    return known


def evaluate(policy: Policy, facts: Facts) -> Tiering:
    """What POLICY says about a use case with these FACTS (canonical values; absent means unknown)."""
    judge = evaluator(policy)
    verdict = judge.verdict(facts)
    route, additions = routed(policy, verdict.tier, judge.additions(facts))
    return Tiering(
        verdict.tier, verdict.ceiling, verdict.provisional, verdict.known, judge.trace(facts),
        judge.controls(verdict.tier, facts), route, additions, route.days,
    )  # fmt: skip


def route_to_take(
    policy: Policy, tier: int, provisional: bool, additions: Iterable[Addition]
) -> tuple[Route, tuple[Addition, ...]]:
    """The route of a review.

    What somebody has to examine, or what an unknown fact could make graver, is never cleared automatically: it
    takes the lightest route that people decide.
    """
    wanted = tuple(additions)
    route, found = routed(policy, tier, wanted)
    if route.decision is not DecisionKind.STANDING or not (provisional or found):
        return route, found
    automatic = (DecisionKind.STANDING, DecisionKind.REFUSED)
    lightest = next(each.number for each in policy.tiers if policy.route(each.number).decision not in automatic)
    return routed(policy, lightest, wanted)


def routed(policy: Policy, tier: int, additions: Iterable[Addition]) -> tuple[Route, tuple[Addition, ...]]:
    """The route of a tier with the steps that facts add to it, and which additions those were."""
    route = policy.route(tier)
    found = tuple(additions)
    if not route.steps or not found:
        return route, ()
    if route.decision is DecisionKind.STANDING:  # somebody must look, so it no longer clears by itself
        route = policy.route(tier + 1)
    return _extended(route, found), found


def _extended(route: Route, additions: tuple[Addition, ...]) -> Route:
    steps = list(route.steps)
    for step in (addition.step for addition in additions):
        same = next((n for n, known in enumerate(steps) if known.kind is step.kind), None)
        if same is None:
            steps.append(step)
            continue
        functions = tuple(dict.fromkeys(steps[same].functions + step.functions))
        steps[same] = steps[same].model_copy(update={"functions": functions, "days": max(steps[same].days, step.days)})
    steps.sort(key=lambda step: _ORDER[step.kind])
    signed = any(step.kind is StepKind.ACCEPT_RISK for step in steps)
    decision = DecisionKind.EXECUTIVE if signed else route.decision
    return route.model_copy(update={"steps": tuple(steps), "decision": decision})


_ORDER = {
    StepKind.CLEAR: 0, StepKind.EXAMINE: 1, StepKind.APPROVE: 2, StepKind.VOTE: 3, StepKind.ACCEPT_RISK: 4,
}  # fmt: skip


def _held(rule: Rule) -> Test:
    """Whether a rule holds. An exception counts only when it is stated: until then the rule does not wait for it."""
    when = compiled(rule.when)
    if rule.unless is None:
        return when
    unless = compiled(rule.unless)
    return lambda facts: False if unless(facts) is True else when(facts)


def _required(
    control: Control, needs: list[tuple[Requirement, Test | None]], tier: int, facts: Facts
) -> RequiredControl | None:
    found: dict[bool, Stage] = {}
    for need, test in needs:
        if tier < need.from_tier:
            continue
        truth = True if test is None else test(facts)
        if truth is not False:
            certain = truth is True
            found[certain] = min(found.get(certain, need.by), need.by, key=rank)
    if not found:
        return None
    certain = True in found
    return RequiredControl(control, found[certain], certain)
