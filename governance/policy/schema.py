"""What a policy document holds, and what must be true of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, field_validator, model_validator

from caio_portal.common.records import Record
from portfolio.catalogue import NoSuchFact
from portfolio.conditions import Condition, fact_names
from portfolio.facts import CATALOGUE
from portfolio.stages import Stage

DRIFT_KPIS = ("drift_response", "model_quality", "hallucination_rate", "safety_violation_rate")
CAUSES = (
    "submission", "material_change", "incident", "interval", "policy_change", "evidence", "vendor", "drift", "gate",
    "appeal",
)  # fmt: skip
NOTE = "Mappings from controls to frameworks are illustrative, and nothing here is legal advice."


class StepKind(StrEnum):
    CLEAR = "clear"
    APPROVE = "approve"
    EXAMINE = "examine"
    VOTE = "vote"
    ACCEPT_RISK = "accept_risk"


class DecisionKind(StrEnum):
    STANDING = "standing"
    SINGLE = "single"
    COUNCIL = "council"
    EXECUTIVE = "executive"
    REFUSED = "refused"


class Tier(Record):
    """How strictly a use case is governed; only the number means anything to code."""

    number: int = Field(ge=1, le=5)
    name: str
    summary: str
    appetite: int = Field(ge=0, le=25)  # highest residual risk, likelihood times impact
    approval_from: Stage  # the earliest stage that needs an approval
    approval_days: int = Field(ge=0)  # how long an approval is valid
    review_months: int = Field(ge=0)  # how often it is reviewed again
    forbidden: bool = False


class Rule(Record):
    """A condition that puts a use case in at least one tier, unless an exception is stated."""

    id: str = Field(pattern=r"^[a-z0-9_.-]+$")
    tier: int = Field(ge=1, le=5)
    when: Condition
    unless: Condition | None = None
    because: str
    reference: str
    framework: str


class Requirement(Record):
    """When a control is required: from a tier on, perhaps under a condition, and by which stage."""

    from_tier: int = Field(default=1, ge=1, le=5)
    by: Stage
    when: Condition | None = None


class Control(Record):
    """A safeguard, the evidence that counts for it, and what it answers in the frameworks."""

    id: str = Field(pattern=r"^C\d\d$")
    title: str
    summary: str
    evidence: tuple[str, ...] = Field(min_length=1)
    valid_days: int | None = Field(default=None, ge=1)  # None: evidence does not expire
    required: tuple[Requirement, ...] = ()
    frameworks: dict[str, str] = {}  # framework -> references, in its own numbering


class Step(Record):
    """One step of a route; the functions of one step work at the same time."""

    kind: StepKind
    functions: tuple[str, ...] = ()
    days: int = Field(ge=0)  # business days


class Addition(Record):
    """A step that a condition adds to every route that is not a refusal."""

    when: Condition
    because: str
    step: Step


class Council(Record):
    """What a vote needs (charter values; the council's own charter may be stricter)."""

    quorum: int = Field(ge=2)  # besides more than half of the eligible seats
    mandatory: tuple[str, ...] = ()  # functions whose seats must approve
    personal: tuple[str, ...] = ()  # functions whose seats are not delegated: their holders vote, or the alternates
    clock_days: int = Field(ge=1)


class Route(Record):
    """The steps that a review of one tier takes, and what closes it."""

    tier: int = Field(ge=1, le=5)
    decision: DecisionKind
    steps: tuple[Step, ...] = ()
    council: Council | None = None

    @property
    def days(self) -> int:
        """Business days until a decision, when every clock runs out."""
        return sum(step.days for step in self.steps)

    @model_validator(mode="after")
    def _vote_has_a_council(self) -> Self:
        votes = any(step.kind is StepKind.VOTE for step in self.steps)
        if votes != (self.council is not None):
            raise ValueError(f"the route of tier {self.tier} needs a council exactly if it has a vote")
        if self.decision is DecisionKind.REFUSED and self.steps:
            raise ValueError(f"the route of tier {self.tier} refuses, so it has no steps")
        return self


class Concern(Record):
    """What is one function's field: of what differs in it, a review of what was decided before asks this function."""

    function: str
    facts: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    about: tuple[Literal["parties", "risks", "title", "unit"], ...] = ()

    def of(self, about: str) -> tuple[str, ...]:
        """The keys of one kind that are in this field."""
        return {"fact": self.facts, "control": self.controls}.get(about, self.about)


class Rereview(Record):
    """What opens a review again, besides the interval of the tier."""

    incident_severity: int = Field(ge=1, le=4)  # this one or graver (1 is the gravest)
    triggers: tuple[str, ...]
    drift_kpis: tuple[str, ...] = DRIFT_KPIS  # off track for a use case, they open a review of it
    second_look_percent: int = Field(default=10, ge=0, le=100)  # of what clears under the standing approval
    # The causes for which only those are asked in whose field something is new, each with the functions in whose field
    # the cause itself is. For any other cause, all functions of the route look at everything again.
    asks: dict[str, tuple[str, ...]] = {}

    @field_validator("asks")
    @classmethod
    def _causes_exist(cls, asks: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := sorted(asks.keys() - set(CAUSES)):
            raise ValueError(f"no such causes: {', '.join(unknown)}")
        return asks


class Policy(Record):
    """One version of the rules, tiers, controls and routes."""

    number: str = Field(pattern=r"^\d{4}-\d\d(\.\d+)?$")
    title: str
    summary: str
    valid_from: date
    functions: dict[str, str]
    tiers: tuple[Tier, ...] = Field(min_length=2, max_length=5)
    rules: tuple[Rule, ...]
    controls: tuple[Control, ...]
    routes: tuple[Route, ...]
    additions: tuple[Addition, ...] = ()
    rereview: Rereview
    concerns: tuple[Concern, ...] = ()  # where nothing says whose field something is in, all are asked
    material_facts: tuple[str, ...]

    def tier(self, number: int) -> Tier:
        return self._tiers[number]

    def control(self, control_id: str) -> Control:
        """The control with this id; raises KeyError."""
        return self._controls[control_id]

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; raises KeyError."""
        return self._rules[rule_id]

    def route(self, tier: int) -> Route:
        """The route of a tier, without the steps that facts add."""
        return self._routes[tier]

    @cached_property
    def rule_facts(self) -> tuple[str, ...]:
        """The facts that any rule reads, in the catalogue's order."""
        conditions = [condition for rule in self.rules for condition in (rule.when, rule.unless) if condition]
        read = {name for condition in conditions for name in fact_names(condition)}
        return tuple(name for name in CATALOGUE if name in read)

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What is made of the policy once, such as its compiled conditions."""
        return {}

    @cached_property
    def _tiers(self) -> dict[int, Tier]:
        return {tier.number: tier for tier in self.tiers}

    @cached_property
    def _controls(self) -> dict[str, Control]:
        return {control.id: control for control in self.controls}

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _routes(self) -> dict[int, Route]:
        return {route.tier: route for route in self.routes}

    @model_validator(mode="wrap")
    @classmethod
    def _of_facts_declared_meanwhile(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A fact that this process does not know may have been declared in another one."""
        try:
            return handler(raw)
        except ValidationError as mistakes:
            causes = (mistake.get("ctx", {}).get("error") for mistake in mistakes.errors())
            if any(isinstance(cause, NoSuchFact) for cause in causes) and CATALOGUE.refresh():
                return handler(raw)
            raise

    @field_validator("material_facts")
    @classmethod
    def _facts_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in CATALOGUE]:
            raise NoSuchFact(f"no such facts: {', '.join(unknown)}")
        return names

    @model_validator(mode="after")
    def _names_exist_once(self) -> Self:
        _once("tier", (tier.number for tier in self.tiers))
        _once("rule", (rule.id for rule in self.rules))
        _once("control", (control.id for control in self.controls))
        _once("route", (route.tier for route in self.routes))
        numbers = [tier.number for tier in self.tiers]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError("tiers are numbered from 1 upwards")
        if {route.tier for route in self.routes} != set(numbers):
            raise ValueError("every tier has exactly one route")
        named = {rule.tier for rule in self.rules} | {r.from_tier for c in self.controls for r in c.required}
        if strange := named - set(numbers):
            raise ValueError(f"no such tier: {', '.join(map(str, sorted(strange)))}")
        return self

    @model_validator(mode="after")
    def _functions_exist(self) -> Self:
        steps = [step for route in self.routes for step in route.steps] + [a.step for a in self.additions]
        seats = [(*route.council.mandatory, *route.council.personal) for route in self.routes if route.council]
        named = {name for step in steps for name in step.functions} | {name for names in seats for name in names}
        named |= {concern.function for concern in self.concerns} | {
            n for names in self.rereview.asks.values() for n in names
        }
        if strange := named - self.functions.keys():
            raise ValueError(f"no such functions: {', '.join(sorted(strange))}")
        return self

    @model_validator(mode="after")
    def _concerns_exist(self) -> Self:
        _once("field of", (concern.function for concern in self.concerns))
        facts = {name for concern in self.concerns for name in concern.facts} - CATALOGUE.keys()
        controls = {name for concern in self.concerns for name in concern.controls} - self._controls.keys()
        if strange := facts | controls:
            raise NoSuchFact(f"no such facts or controls: {', '.join(sorted(strange))}")
        return self

    @model_validator(mode="after")
    def _conditions_read_material_facts(self) -> Self:
        others = [need.when for control in self.controls for need in control.required if need.when]
        others += [addition.when for addition in self.additions]
        read = {*self.rule_facts}.union(*(fact_names(condition) for condition in others))
        if hidden := read - set(self.material_facts):
            raise ValueError(f"conditions read facts that are not material: {', '.join(sorted(hidden))}")
        return self


def _once(thing: str, names: Iterable[object]) -> None:
    if doubled := [name for name, n in Counter(names).items() if n > 1]:
        raise ValueError(f"the {thing} {doubled[0]} is there twice")
