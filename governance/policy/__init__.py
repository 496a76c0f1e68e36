"""The risk policy: a document of tiers, rules, controls and routes, and what it says about a use case."""

from governance.policy.evaluation import RequiredControl, Tiering, evaluate
from governance.policy.files import SHIPPED, load, shipped
from governance.policy.schema import Control, Policy, Route, Rule, Step, Tier

__all__ = [
    "SHIPPED",
    "Control",
    "Policy",
    "RequiredControl",
    "Route",
    "Rule",
    "Step",
    "Tier",
    "Tiering",
    "evaluate",
    "load",
    "shipped",
]
