"""Which answers make the difference: what would have to be otherwise for the tier to be lower."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from portfolio.facts import Fact, Kind
from portfolio.intake.questionnaire import Question, Questionnaire
from portfolio.ports import Preview

Facts = Mapping[str, Any]
_MOST_PAIRS = 60  # combinations of two answers that are tried when no single one lowers the tier
_MOST_TOGETHER = 4  # more answers than this at once would be another use case


@dataclass(frozen=True)
class Otherwise:
    """One answer that would have to be different: what it is now, and what it would be."""

    question: Question
    now: Any
    then: tuple[Any, ...]

    @property
    def about(self) -> Fact:
        return self.question.about

    @property
    def now_words(self) -> str:
        return self.about.label_of(self.now)

    @property
    def then_words(self) -> str:
        return " or ".join(self.about.label_of(value) for value in self.then)


@dataclass(frozen=True)
class Lever:
    """One change, or two together, that would lead to a lower tier."""

    changes: tuple[Otherwise, ...]
    tier: int


@dataclass(frozen=True)
class _Try:
    question: Question
    value: Any
    tier: int
    gravest: int  # how many reasons for the present tier are left


def what_would_lower(facts: Facts, questionnaire: Questionnaire, look: Callable[[Facts], Preview]) -> list[Lever]:
    """The answers that, given otherwise, would lead to a lower tier; the lowest first.

    LOOK tells what the policy makes of facts. Where no single answer is enough, two together are looked for among
    those that each take away a reason. Answers that are open are not guessed.
    """
    before = look(facts)
    if before.tier is None or before.tier == 1:
        return []
    tries = [
        _tried(question, value, facts, questionnaire, look, before) for question, value in _others(facts, questionnaire)
    ]
    singles = [each for each in tries if each.tier < before.tier]
    if singles:
        return _merged(singles, facts)
    return _pairs(tries, facts, questionnaire, look, before)


def _others(facts: Facts, questionnaire: Questionnaire) -> Iterator[tuple[Question, Any]]:
    """Every other answer to every question that is shown and answered with one of some choices."""
    for question in questionnaire.questions():
        if question.is_shown(facts) and question.is_answered(facts):
            for value in _other_values(question.about, facts[question.fact]):
                yield question, value


def _other_values(fact: Fact, value: Any) -> list[Any]:
    if fact.kind is Kind.YES_NO:
        return [not value]
    if fact.kind is Kind.CHOICE:
        return [key for key in fact.choices if key != value]
    if fact.kind is Kind.CHOICES and "none" in fact.choices and value != ["none"]:
        fewer = [[key for key in value if key != gone] for gone in value] if len(value) > 1 else []
        return [*fewer, ["none"]]
    return []


def _tried(
    question: Question, value: Any, facts: Facts, questionnaire: Questionnaire, look: Callable[[Facts], Preview],
    before: Preview,
) -> _Try:  # fmt: skip
    after = look(_with(facts, {question.fact: value}, questionnaire))
    return _Try(question, value, _reached(after, before), _count(after, before.tier or 0))


def _reached(after: Preview, before: Preview) -> int:
    """The tier that a change leads to; one that would be open to rise counts as high as it could, unless it is now."""
    tier = after.tier or before.tier or 0
    return tier if before.provisional else max(tier, after.ceiling or 0)


def _count(preview: Preview, tier: int) -> int:
    return sum(reason.tier >= tier for reason in preview.reasons)


def _with(facts: Facts, changes: Facts, questionnaire: Questionnaire) -> dict[str, Any]:
    """FACTS as they would be; what nobody would be asked any more is gone."""
    told = questionnaire.without_hidden(facts, changes)
    told = {**facts, **told, **questionnaire.implied(facts, told)}
    return {name: value for name, value in told.items() if value is not None}


def _merged(singles: Sequence[_Try], facts: Facts) -> list[Lever]:
    """One lever for each question and tier, with all answers that lead there."""
    found: dict[tuple[str, int], list[_Try]] = {}
    for each in singles:
        found.setdefault((each.question.fact, each.tier), []).append(each)
    levers = [
        Lever((Otherwise(same[0].question, facts[fact], tuple(each.value for each in same)),), tier)
        for (fact, tier), same in found.items()
    ]
    return sorted(levers, key=lambda lever: lever.tier)


def _pairs(
    tries: Sequence[_Try], facts: Facts, questionnaire: Questionnaire, look: Callable[[Facts], Preview], before: Preview
) -> list[Lever]:
    tier, gravest = before.tier or 0, _count(before, before.tier or 0)
    helpful: dict[str, _Try] = {}
    for each in tries:
        if each.gravest < gravest:
            helpful.setdefault(each.question.fact, each)
    levers = []
    for one, other in list(combinations(helpful.values(), 2))[:_MOST_PAIRS]:
        changes = {one.question.fact: one.value, other.question.fact: other.value}
        after = look(_with(facts, changes, questionnaire))
        if _reached(after, before) < tier:
            pair = tuple(Otherwise(each.question, facts[each.question.fact], (each.value,)) for each in (one, other))
            levers.append(Lever(pair, _reached(after, before)))
    return sorted(levers, key=lambda lever: lever.tier)[:5] or _together(
        list(helpful.values()), facts, questionnaire, look
    )


def _together(
    helpful: Sequence[_Try], facts: Facts, questionnaire: Questionnaire, look: Callable[[Facts], Preview]
) -> list[Lever]:
    """The fewest answers in a row, the most helpful first, that lower the tier together; none if they are too many."""
    before, chosen = look(facts), sorted(helpful, key=lambda each: each.gravest)[:_MOST_TOGETHER]
    for number in range(3, len(chosen) + 1):
        changes = {each.question.fact: each.value for each in chosen[:number]}
        reached = _reached(look(_with(facts, changes, questionnaire)), before)
        if reached < (before.tier or 0):
            same = tuple(Otherwise(each.question, facts[each.question.fact], (each.value,)) for each in chosen[:number])
            return [Lever(same, reached)]
    return []
