"""Conditions over facts: structured, typed and three-valued (an unknown fact is not a *no*).

There is no condition that asks whether a fact is known: learning a fact could then take back what was decided.
"""

from portfolio.conditions.schema import Condition
from portfolio.conditions.truth import Test, Truth, compiled, fact_names, missing_facts
from portfolio.conditions.words import described

__all__ = ["Condition", "Test", "Truth", "compiled", "described", "fact_names", "missing_facts"]
