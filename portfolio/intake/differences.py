"""What one version of the questionnaire asks otherwise than another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portfolio.intake.questionnaire import Question, Questionnaire

_SAID = {
    "ask": "the question", "why": "why we ask", "help": "the help", "example": "the example",
    "unit": "the unit of measure",
    "needed": "whether an answer is needed", "needed_if": "of whom an answer is needed",
    "show_if": "when it is asked", "otherwise": "what it is when nobody asks",
    "least": "its least", "most": "its most", "longest": "how long it may be", "pattern": "its form",
    "says": "what is told of another form",
    "lines": "the size of its field", "currencies": "its currencies", "rows_max": "how many rows it takes",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A question that is new, gone, or changed: in what, and its wording on both sides."""

    kind: Literal["new", "gone", "changed"]
    fact: str
    label: str
    section: str
    what: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


def between(old: Questionnaire, new: Questionnaire) -> list[Difference]:
    """The questions of both in the order of NEW, then those that are gone."""
    before, after = _placed(old), _placed(new)
    found = [_compared(fact, before.get(fact), placed) for fact, placed in after.items()]
    gone = [
        Difference("gone", fact, question.about.label, section, before=question.ask)
        for fact, (section, question) in before.items()
        if fact not in after
    ]
    return [*(each for each in found if each), *gone]


def for_facts(differences: Sequence[Difference], new: Questionnaire, facts: Mapping[str, Any]) -> list[Difference]:
    """Those that matter to a use case with FACTS: a question that is not asked of it does not."""
    asked = {question.fact for question in new.questions() if question.is_shown(facts)}
    return [each for each in differences if each.fact in asked or (each.kind == "gone" and each.fact in facts)]


def place(path: tuple[int | str, ...], raw: Mapping[str, Any]) -> str:
    """Where a path into a document leads, in the words of whoever wrote it: a section and a fact."""
    names, here = [], raw
    for step in path:
        try:
            here = here[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(here, Mapping) and (name := here.get("fact") or here.get("key")):
            names.append(str(name))
    return " › ".join(names)


def _placed(questionnaire: Questionnaire) -> dict[str, tuple[str, Question]]:
    return {q.fact: (section.title, q) for section in questionnaire.sections for q in section.questions}


def _compared(fact: str, before: tuple[str, Question] | None, after: tuple[str, Question]) -> Difference | None:
    section, question = after
    if before is None:
        return Difference("new", fact, question.about.label, section, after=question.ask)
    what = [words for name, words in _SAID.items() if getattr(before[1], name) != getattr(question, name)]
    if before[0] != section:
        what.append("its section")
    if not what:
        return None
    return Difference("changed", fact, question.about.label, section, tuple(what), before[1].ask, question.ask)
