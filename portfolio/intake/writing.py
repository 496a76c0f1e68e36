"""The questionnaire as text: the TOML that the editor shows of a version whose own text nobody kept."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from portfolio.intake.questionnaire import Questionnaire


def to_toml(questionnaire: Questionnaire) -> str:
    """QUESTIONNAIRE as TOML; reading it gives an equal one."""
    document = questionnaire.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from _assigned(document, without="sections")
    for section in document["sections"]:
        yield from ("", "[[sections]]", *_assigned(section, without="questions"))
        for question in section["questions"]:
            yield from ("", "[[sections.questions]]", *_assigned(question))


def _assigned(table: Mapping[str, Any], without: str = "") -> Iterator[str]:
    return (f"{name} = {_value(value)}" for name, value in table.items() if name != without)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
