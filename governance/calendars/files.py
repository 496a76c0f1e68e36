"""Calendars as text and as files: those that the portal brings along, and what the editor reads."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from caio_portal.common import toml_text
from governance.calendars.schema import CalendarDocument

SHIPPED = Path(__file__).parent


def read(text: str) -> CalendarDocument:
    """The calendar that TEXT (TOML) is; raises Mistaken, with each mistake at its line."""
    return toml_text.read(text, CalendarDocument, _place)


@cache
def shipped() -> Mapping[str, str]:
    """The text of each calendar that the portal brings along, by its name."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.toml"))]
    return {read(text).name: text for text in texts}


def _place(loc: tuple[int | str, ...], raw: Any) -> str:
    """Where a mistake is: the name of the holiday, else the path."""
    if len(loc) > 1 and loc[0] == "holidays" and isinstance(loc[1], int):
        try:
            name = str(raw["holidays"][loc[1]]["name"])
        except (KeyError, IndexError, TypeError):
            name = f"holiday {loc[1] + 1}"
        return ".".join([name, *map(str, loc[2:])])
    return ".".join(map(str, loc))
