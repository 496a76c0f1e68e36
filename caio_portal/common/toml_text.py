"""Documents that people write as TOML: every mistake at its line."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from caio_portal.common.errors import Invalid

LONGEST = 400_000  # characters
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ARRAY = re.compile(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(?:#.*)?$")
_ASSIGNED = re.compile(r"\s*([A-Za-z0-9_\"'.-]+?)\s*=")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*")
Path = tuple[int | str, ...]
Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True)
class Mistake:
    line: int | None
    place: str
    message: str

    def __str__(self) -> str:
        where = f"Line {self.line}" if self.line else "Somewhere"
        return f"{where}, {self.place}: {self.message}" if self.place else f"{where}: {self.message}"


class Mistaken(Invalid):
    """A text that is not the document it should be, with every mistake in it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)), "source")
        self.mistakes = mistakes


def read(text: str, model: type[Document], place: Callable[[Path, dict[str, Any]], str]) -> Document:
    """The document that TEXT (TOML) is; PLACE names where in it a path leads. Raises Mistaken."""
    if len(text) > LONGEST:
        raise Mistaken([Mistake(None, "", f"The text is longer than {LONGEST:,} characters.")])
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        message = _AT_LINE.sub("", str(error)).strip().rstrip(".")
        line = int(found[1]) if found else text.count("\n") + 1
        raise Mistaken([Mistake(line, "", f"This is not TOML: {message}.")]) from None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = line_numbers(text)
        raise Mistaken(
            [Mistake(_line(lines, each["loc"]), place(each["loc"], raw), _sentence(each["msg"]))
             for each in error.errors()]
        ) from None  # fmt: skip


def line_numbers(text: str) -> dict[Path, int]:
    """Where each table and key of TEXT begins, by its path (`rules`, 3, `when`)."""
    found: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if depth == 0:
            if header := _ARRAY.match(line) or _HEADER.match(line):
                table = _path(header[1], counts, is_array=header.re is _ARRAY)
                found.setdefault(table, number)
                continue
            if assigned := _ASSIGNED.match(line):
                found[table + tuple(_names(assigned[1]))] = number
        plain = _QUOTED.sub("", line)
        depth = max(0, depth + sum(map(plain.count, "[{")) - sum(map(plain.count, "]}")))
    return found


def _path(header: str, counts: Counter[Path], *, is_array: bool) -> Path:
    """The path of a table; a name that is a list stands for its last entry so far."""
    path: Path = ()
    names = _names(header)
    for position, name in enumerate(names, 1):
        path += (name,)
        if is_array and position == len(names):
            counts[path] += 1
        if counts[path]:
            path += (counts[path] - 1,)
    return path


def _names(dotted: str) -> list[str]:
    return [name.strip(" \"'") for name in dotted.split(".")]


def _line(lines: dict[Path, int], where: Path) -> int | None:
    """The line of the innermost thing that has one."""
    for length in range(len(where), 0, -1):
        if where[:length] in lines:
            return lines[where[:length]]
    return min(lines.values(), default=1)


def _sentence(message: str) -> str:
    words = message.removeprefix("Value error, ")
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."
