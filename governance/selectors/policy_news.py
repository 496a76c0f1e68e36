"""What another policy changes for one use case that waits for its decision, in a few words."""

from collections.abc import Iterable, Mapping
from typing import Any

from governance.policy import Policy
from governance.policy.trial import Comparison
from portfolio.facts import CATALOGUE

_NAMED = 2


def news(comparison: Comparison, facts: Mapping[str, Any]) -> list[str]:
    """Sentences about tier, controls and questions; none if nothing changes for these facts."""
    before, after = comparison.before, comparison.after
    pair = comparison.pair(facts)
    said = []
    if pair.moved:
        said.append(f"{_tier(after, pair.after.tier)} instead of {_tier(before, pair.before.tier)}")
    known = set(pair.before.controls)
    if added := [after.control(key).title for key in pair.after.controls if key not in known]:
        said.append(f"new controls: {_some(added)}")
    read = set(before.rule_facts)
    if asked := [CATALOGUE[name].label for name in after.rule_facts if name not in read and name not in facts]:
        said.append(f"it also asks: {_some(asked)}")
    return said


def _tier(policy: Policy, number: int | None) -> str:
    return f"tier {number} ({policy.tier(number).name.lower()})" if number else "a tier not yet known"


def _some(names: Iterable[str]) -> str:
    all_of_them = list(names)
    more = len(all_of_them) - _NAMED
    return ", ".join(all_of_them[:_NAMED]) + (f" and {more} more" if more > 0 else "")
