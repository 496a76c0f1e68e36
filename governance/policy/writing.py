"""Policies as text: the TOML that the editor shows of a document whose own file nobody kept."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.policy.schema import Policy

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_FIRST = ("id", "number", "tier", "fact")  # what says which one a table is about


def to_toml(policy: Policy) -> str:
    """POLICY as TOML; reading it gives an equal policy."""
    document = policy.model_dump(mode="python", by_alias=True, exclude_none=True)
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    tables = {key: value for key, value in document.items() if _is_table(value) or _is_list_of_tables(value)}
    for key, value in document.items():
        if key not in tables:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        for each in [value] if isinstance(value, Mapping) else value:
            yield ""
            yield f"[{_key(key)}]" if isinstance(value, Mapping) else f"[[{_key(key)}]]"
            yield from (f"{_key(name)} = {_value(inner)}" for name, inner in _ordered(each))


def _ordered(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return sorted(table.items(), key=lambda pair: pair[0] not in _FIRST)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        if any(isinstance(each, Mapping) for each in value):
            return "[\n" + "".join(f"  {_value(each)},\n" for each in value) + "]"
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value.isoformat())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)
