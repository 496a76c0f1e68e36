"""What is left to do when a use case ends: the checklist, as its file says it."""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from caio_portal.common.records import Record

SHIPPED = Path(__file__).with_name("retirement.toml")


class Duty(Record):
    """One line of the checklist."""

    text: str
    why: str


@lru_cache(maxsize=1)
def duties() -> dict[str, Duty]:
    """The lines by key, in their order."""
    return TypeAdapter(dict[str, Duty]).validate_python(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))
