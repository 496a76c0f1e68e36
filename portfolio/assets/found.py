"""What a model card or an ML-BOM says, whatever its format; every text is cut to what our tables hold."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from caio_portal.common.records import Record
from caio_portal.common.uploads.limits import MB, Refused
from portfolio.assets.agents import Tool

CARD_BYTES = 2 * MB
BOM_BYTES = 10 * MB
_MOST = 200  # entries of one list
_LINKS = re.compile(r"^https?://\S{3,480}$", re.IGNORECASE)


class Metric(Record):
    """A figure that its publisher states about a model."""

    metric: str
    value: str
    data: str = ""
    task: str = ""


class FoundData(Record):
    name: str
    part: str = "training"  # what the model uses it for
    licence: str = ""
    about: str = ""
    link: str = ""
    origin: str = ""
    sensitive: tuple[str, ...] = ()


class FoundModel(Record):
    name: str
    version: str = ""
    publisher: str = ""
    licence: str = ""
    base_model: str = ""
    task: str = ""
    about: str = ""
    limitations: str = ""
    link: str = ""
    tags: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    data: tuple[FoundData, ...] = ()


class Named(Record):
    """A model as another thing names it."""

    name: str
    version: str = ""


class FoundSystem(Record):
    name: str
    about: str = ""
    link: str = ""
    models: tuple[Named, ...] = ()


class FoundAgent(Record):
    name: str
    about: str = ""
    link: str = ""
    autonomy: str = ""
    tools: tuple[Tool, ...] = ()
    spend_limit: Decimal | None = None
    spend_per: str = ""
    currency: str = ""
    stopped_by: str = ""
    model: Named | None = None
    reads: tuple[str, ...] = ()  # names of data sets
    writes: tuple[str, ...] = ()


class Findings(Record):
    """All that a file describes, and what its reader should know."""

    source: str  # "CycloneDX 1.6", "Model card"
    models: tuple[FoundModel, ...] = ()
    data: tuple[FoundData, ...] = ()  # described by themselves, not only named by a model
    systems: tuple[FoundSystem, ...] = ()
    agents: tuple[FoundAgent, ...] = ()
    notes: tuple[str, ...] = ()


def text_of(value: Any, limit: int = 200) -> str:
    """A text on one line, cut; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join(value.replace("\x00", " ").split())[:limit]


def prose_of(value: Any, limit: int = 5_000) -> str:
    """A text with its lines, cut."""
    return value.replace("\x00", " ").replace("\r\n", "\n").strip()[:limit] if isinstance(value, str) else ""


def texts_of(value: Any, limit: int = 100) -> tuple[str, ...]:
    """The texts of a list, or of the only one, each once."""
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    found = dict.fromkeys(text for one in values if (text := text_of(one, limit)))
    return tuple(found)[:_MOST]


def list_of(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def link_of(value: Any) -> str:
    """An address of the web; anything else, such as javascript:, is left out."""
    text = text_of(value, 500)
    return text if _LINKS.match(text) else ""


def decoded(content: bytes, limit: int, what: str) -> str:
    """The text of a file; raises Refused when it is too large, no UTF-8 or holds NUL."""
    if len(content) > limit:
        raise Refused(f"The file is larger than {limit // MB} MB, which no {what} is.", "too_large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"The file is no UTF-8 text (byte {error.start + 1:,}).", "encoding") from None
    if "\x00" in text:
        raise Refused(f"The file holds a NUL character, which no {what} does.")
    return text
