"""What the larger components show: a selector or view fills these, a tag of ui.py draws them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Tile:
    """A KPI tile. `value`, `target` and `change` are words (words.money, words.percent, ...)."""

    label: str
    value: str
    status: str = ""  # on_track, watch, off_track, no_data, not_applicable
    status_text: str = ""  # instead of the status's own words
    target: str = ""
    change: str = ""
    direction: str = "flat"  # up, down or flat: of the arrow, not a judgement
    trend: Sequence[float] = ()
    goal: float | None = None  # the dashed line of the sparkline
    url: str = ""
    unit: str = ""  # small words behind the value: business days


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a fact list; the value may be markup made by a tag or function of ui."""

    label: str
    value: Any
    url: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a stepper; state is done, current, todo, skipped or blocked."""

    label: str
    state: str = "todo"
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a timeline. The sentence may hold links made with format_html."""

    at: datetime | date
    sentence: str
    by: str = ""
    detail: str = ""
    icon: str = ""
    tone: str = "neutral"
    recorded_at: datetime | None = None  # shown when it differs by more than a day


@dataclass(frozen=True, slots=True)
class Ask:
    """A decision that somebody is asked for."""

    title: str
    why: str
    tone: str = "info"
    mark: str = ""
    who: str = ""
    by: date | str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ageing:
    """Something that waits, against the days it may take."""

    title: str
    url: str
    detail: str
    days: float
    limit: float
    tone: str
    mark: str
    tier: int | None = None
    tier_words: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """A value against a target on one scale: a line of a bullet list."""

    label: str
    value: float
    target: float | None
    words: str  # of 85%
    status: str = ""
    status_text: str = ""
    scale: float = 100
    url: str = ""
    achieved: str = ""  # bold before the words: 78%
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of a heat table: band 1 (worst) to 5 (best), or 0 without a value."""

    text: str
    band: int = 0
    below: bool = False


@dataclass(frozen=True, slots=True)
class HeatRow:
    title: str
    cells: Sequence[HeatCell]
    url: str = ""
    detail: str = ""
    total: str = ""
    tone: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat table: a score per row and column, with its key."""

    caption: str
    rows_head: str
    columns: Sequence[str]
    rows: Sequence[HeatRow]
    total_head: str = ""
    mark_head: str = ""
    keys: Sequence[str] = field(default_factory=tuple)  # words for bands 1 to 5
    below: str = ""  # what the flag means: "below the bar of 65"


@dataclass(frozen=True, slots=True)
class PaperDocument:
    """What templates/pdf/base.html puts on the cover, into the running heads and on the last page of a PDF."""

    title: str
    made_at: datetime
    organisation: str
    author: str  # the office that answers for it
    subtitle: str = ""
    description: str = ""
    classification: str = ""
    language: str = "en"
    facts: Sequence[Fact] = ()  # on the cover: for whom, data as of, classification
    contents: Sequence[tuple[str, str]] = ()  # id and title of the parts
    record: Sequence[Fact] = ()  # on the last page: snapshot, audit sequence number and head
