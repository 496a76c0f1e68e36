"""A policy as its page shows it."""

from collections import Counter
from dataclasses import dataclass

from caio_portal.accounts.models import User
from governance.models import Cause
from governance.policy import Control, Policy, Route, Rule, Tier
from governance.policy.evaluation import evaluator
from governance.policy.schema import Concern
from governance.selectors.previews import steps_of
from portfolio.conditions import described
from portfolio.facts import CATALOGUE
from portfolio.models import UseCase
from portfolio.ports import RouteStep


@dataclass(frozen=True)
class RuleLine:
    """A rule in words, and how many use cases it catches or could catch."""

    rule: Rule
    when: str
    unless: str
    held: int
    undecided: int


@dataclass(frozen=True)
class ControlNeed:
    """When a control is required, in words."""

    tier: Tier
    by: str
    when: str


@dataclass(frozen=True)
class ControlEntry:
    control: Control
    needs: tuple[ControlNeed, ...]


@dataclass(frozen=True)
class RouteEntry:
    tier: Tier
    route: Route
    steps: tuple[RouteStep, ...]
    mandatory: str


@dataclass(frozen=True)
class ConcernEntry:
    """What is in the field of one function, in words."""

    function: str
    facts: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True)
class PolicyPage:
    """A version as its page shows it."""

    policy: Policy
    use_cases: int
    rules: tuple[tuple[Tier, tuple[RuleLine, ...]], ...]  # by tier, the gravest first
    controls: tuple[ControlEntry, ...]
    routes: tuple[RouteEntry, ...]
    additions: tuple[tuple[str, str], ...]  # condition, sentence
    concerns: tuple[ConcernEntry, ...]
    asks: str  # the causes for which only those in whose field something is new are asked


def policy_page(policy: Policy, user: User) -> PolicyPage:
    """What a policy says, with what each rule catches among the use cases that a person may see: one query."""
    facts = list(UseCase.objects.active().visible_to(user).values_list("facts", flat=True))
    judge = evaluator(policy)
    verdicts = Counter(map(judge.verdict, facts))
    held, undecided = Counter[str](), Counter[str]()
    for verdict, count in verdicts.items():
        held.update(dict.fromkeys(verdict.held, count))
        undecided.update(dict.fromkeys(verdict.undecided, count))
    by_tier: dict[int, list[RuleLine]] = {}
    for rule in policy.rules:
        line = RuleLine(
            rule, described(rule.when), described(rule.unless) if rule.unless else "", held[rule.id], undecided[rule.id]
        )
        by_tier.setdefault(rule.tier, []).append(line)
    return PolicyPage(
        policy=policy,
        use_cases=len(facts),
        rules=tuple((policy.tier(tier), tuple(by_tier[tier])) for tier in sorted(by_tier, reverse=True)),
        controls=tuple(ControlEntry(control, _needs(policy, control)) for control in policy.controls),
        routes=tuple(_route(policy, route) for route in policy.routes),
        additions=tuple((described(addition.when), addition.because) for addition in policy.additions),
        concerns=tuple(_concern(policy, each) for each in policy.concerns),
        asks=", ".join(sorted(Cause(cause).label.lower() for cause in policy.rereview.asks)),
    )


def _concern(policy: Policy, concern: Concern) -> ConcernEntry:
    return ConcernEntry(
        policy.functions[concern.function],
        tuple(CATALOGUE[name].label for name in concern.facts),
        tuple(f"{name} {policy.control(name).title}" for name in concern.controls),
    )


def _needs(policy: Policy, control: Control) -> tuple[ControlNeed, ...]:
    return tuple(
        ControlNeed(policy.tier(need.from_tier), need.by.label, described(need.when) if need.when else "")
        for need in control.required
    )


def _route(policy: Policy, route: Route) -> RouteEntry:
    mandatory = ", ".join(policy.functions[name] for name in route.council.mandatory) if route.council else ""
    return RouteEntry(policy.tier(route.tier), route, steps_of(route, policy.functions), mandatory)
