"""The tools that an agent declares: one a line, as people write them."""

from typing import Literal

from caio_portal.common.records import Record

_PARTS = 4
_MOST = 60
ACCESS = {"reads": "Reads", "writes": "Writes", "acts": "Acts outside"}


class Tool(Record):
    name: str
    purpose: str = ""
    access: Literal["reads", "writes", "acts"] = "reads"
    asks: bool = False  # a person confirms each call

    @property
    def access_label(self) -> str:
        return ACCESS[self.access]

    def __str__(self) -> str:
        parts = [self.name, self.purpose, self.access, "asks first" if self.asks else ""]
        return " | ".join(parts).rstrip(" |")


class Unreadable(ValueError):
    """A line that names no tool; the message says which and why."""


def tools_in(text: str) -> list[Tool]:
    """One tool of each line `name | what for | reads, writes or acts | asks first`; only the name is needed."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST:
        raise Unreadable(f"An agent has at most {_MOST} tools here.")
    return [_tool(number, line) for number, line in lines]


def _tool(number: int, line: str) -> Tool:
    parts = [" ".join(part.split()) for part in line.split("|")]
    name, purpose, access, asks = (*parts, "", "", "")[:_PARTS] if len(parts) <= _PARTS else ("", "", "", "")
    if not name:
        raise Unreadable(f"Line {number}: write the tool as “Send mail | answers suppliers | acts | asks first”.")
    if (access or "reads").lower() not in ACCESS:
        raise Unreadable(f"Line {number}: a tool reads, writes or acts, not “{access[:40]}”.")
    return Tool.model_validate(
        {"name": name[:120], "purpose": purpose[:300], "access": (access or "reads").lower(), "asks": bool(asks)}
    )
