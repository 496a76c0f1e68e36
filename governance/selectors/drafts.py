"""What the editor of a policy shows while somebody writes it: mistakes at their lines, and what each rule catches."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.models import PolicyVersion
from governance.policy import SHIPPED, Policy, Rule, shipped
from governance.policy.differences import Difference, differences
from governance.policy.evaluation import Evaluator, Verdict
from governance.policy.mistakes import Mistake, Mistaken, read
from governance.policy.writing import to_toml
from governance.selectors.policies import policy_in_force, policy_of
from governance.selectors.trials import material_facts_of
from portfolio.conditions import described
from portfolio.models import UseCase

EXAMPLES = 5


@dataclass(frozen=True)
class Caught:
    """A rule that is new or different, and the use cases that it catches."""

    rule: Rule
    kind: str  # new or changed
    when: str
    held: int
    undecided: int
    examples: tuple[UseCase, ...]


@dataclass(frozen=True)
class DraftCheck:
    """A text as it stands: its mistakes, or what it would catch."""

    mistakes: tuple[Mistake, ...] = ()
    policy: Policy | None = None
    caught: tuple[Caught, ...] = ()
    differences: tuple[Difference, ...] = ()
    use_cases: int = 0


def check_source(source: str, user: User) -> DraftCheck:
    """What is to be said of a text that may not be a policy yet, against the policy in force."""
    try:
        policy = read(source)
    except Mistaken as mistaken:
        return DraftCheck(mistakes=tuple(mistaken.mistakes))
    current = policy_in_force()
    rules = _new_rules(current, policy)
    seen, caught = _caught(policy, rules, user) if rules else (0, ())
    return DraftCheck(
        policy=policy, caught=caught, differences=differences(current, policy), use_cases=seen,
    )  # fmt: skip


def source_of(version: PolicyVersion) -> str:
    """The text of a version, as it was typed; written anew where nobody typed it."""
    if version.source:
        return version.source
    policy = policy_of(version)
    return SHIPPED.read_text(encoding="utf-8") if policy == shipped() else to_toml(policy)


def next_source(version: PolicyVersion) -> str:
    """The text of a version under the next free number: where a new draft begins."""
    taken = set(PolicyVersion.objects.values_list("number", flat=True))
    month = f"{clock.today():%Y-%m}"
    free = next(
        name for name in (month, *(f"{month}.{n}" for n in range(2, len(taken) + 3))) if name not in taken
    )  # fmt: skip
    return source_of(version).replace(f'number = "{version.number}"', f'number = "{free}"', 1)


def _new_rules(before: Policy, after: Policy) -> dict[str, str]:
    known = {rule.id: rule for rule in before.rules}
    return {rule.id: "new" if rule.id not in known else "changed" for rule in after.rules if known.get(rule.id) != rule}


def _caught(policy: Policy, rules: dict[str, str], user: User) -> tuple[int, tuple[Caught, ...]]:
    judge = Evaluator(policy)
    held, undecided = Counter[str](), Counter[str]()
    keys: dict[str, list[int]] = defaultdict(list)
    seen = 0
    verdicts: dict[str, Verdict] = {}
    for key, _, text in material_facts_of(UseCase.objects.active().visible_to(user), policy):
        seen += 1
        if (verdict := verdicts.get(text)) is None:
            verdict = verdicts[text] = judge.verdict(json.loads(text))
        held.update(verdict.held)
        undecided.update(verdict.undecided)
        for rule in verdict.held:
            if rule in rules and len(keys[rule]) < EXAMPLES:
                keys[rule].append(key)
    named = UseCase.objects.only("ref", "title").in_bulk({key for some in keys.values() for key in some})
    return seen, tuple(
        Caught(
            rule, rules[rule.id], described(rule.when), held[rule.id], undecided[rule.id],
            tuple(named[key] for key in keys[rule.id]),
        )
        for rule in policy.rules
        if rule.id in rules
    )  # fmt: skip
