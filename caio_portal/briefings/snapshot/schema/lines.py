"""The single things that a briefing says: figures, changes, lines of its tables. Texts are plain, without markup."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from caio_portal.common.records import Record

Tone = Literal["good", "warn", "bad", "info", "neutral"]


class Figure(Record):
    """A number in the document, as printed, and where it comes from."""

    key: str
    label: str
    value: Decimal | None  # None: not known
    words: str
    source: str  # formula and inputs, in a sentence
    link: str = ""  # the page of the portal that shows its lineage
    as_of: date
    quality: str = ""  # provisional, partial, ...
    note: str = ""


class Previous(Record):
    """The figures of the briefing before, for the difference."""

    quarter: str
    number: int
    snapshot_hash: str
    values: dict[str, Decimal | None]
    words: dict[str, str]


class Change(Record):
    """Something that happened in the quarter."""

    title: str
    detail: str
    on: date
    tone: Tone
    link: str = ""


class Request(Record):
    """A decision that the reader is asked for."""

    title: str
    why: str
    who: str
    by: date | None
    mark: str
    tone: Tone
    link: str = ""


class Count(Record):
    key: str
    label: str
    count: int


class TierCount(Record):
    tier: int = Field(ge=0, le=5)  # 0: not yet known
    label: str
    count: int
    provisional: int


class TiersAt(Record):
    """How many use cases there were in each tier at the end of a quarter."""

    quarter: str
    counts: dict[int, int]


class UseCaseLine(Record):
    ref: str
    title: str
    unit: str
    owner: str
    tier: int | None
    provisional: bool
    stage: str
    value: Decimal | None  # a year, in the currency of the snapshot
    cost: Decimal | None
    residual: int | None = Field(ge=1, le=25)


class Breach(Record):
    """A use case whose residual risk is above the appetite of its tier."""

    ref: str
    title: str
    tier: int | None
    owner: str
    residual: int
    appetite: int
    risk: str
    accepted: str  # by whom and until when, or empty
    link: str = ""


class RiskCell(Record):
    likelihood: int
    impact: int
    count: int


class Readiness(Record):
    framework: str
    achieved: Decimal | None  # percent
    target: Decimal | None
    met: int
    required: int
    tone: Tone
    words: str


class Unapproved(Record):
    """A use case in production without an approval in force."""

    ref: str
    title: str
    tier: int | None
    owner: str
    since: date | None
    reason: str


class SeatVote(Record):
    seat: str
    choice: str
    mandatory: bool
    reason: str = ""


class CouncilDecision(Record):
    ref: str
    use_case: str
    title: str
    tier: int | None
    decided_on: date
    kind: str
    outcome: str
    tone: Tone
    tally: str
    votes: tuple[SeatVote, ...]
    conditions: tuple[str, ...]
    reason: str


class IncidentLine(Record):
    ref: str
    title: str
    severity: int
    near_miss: bool
    detected_on: date
    mitigated_hours: Decimal | None
    state: str
    affected: str


class MonthCounts(Record):
    month: date
    incidents: int
    near_misses: int


class BudgetLine(Record):
    category: str
    planned: Decimal
    committed: Decimal
    actual: Decimal
    forecast: Decimal | None
    variance: Decimal | None  # percent of the plan to date
    tone: Tone


class BudgetMonth(Record):
    month: date
    planned: Decimal
    actual: Decimal | None


class VendorLine(Record):
    name: str
    criticality: str
    performance: Decimal | None
    security: Decimal | None
    roadmap: Decimal | None
    cost: Decimal | None
    total: Decimal | None
    before: Decimal | None  # the total of the quarter before
    coverage: Decimal
    advice: str
    tone: Tone
    reason: str
    use_cases: int | None


class Renewal(Record):
    vendor: str
    contract: str
    ends_on: date
    notice_by: date
    value: Decimal
    currency: str
    advice: str
    missing: tuple[str, ...]  # clauses asked for and not agreed


class Obligation(Record):
    """A day on which a rule begins to bind, or something is due."""

    on: date
    title: str
    source: str
    was: date | None = None  # the day before it was moved
    unverified: bool = False


class KpiLine(Record):
    key: str
    name: str
    question: str
    perspective: str
    words: str
    number: str = ""  # the words without the unit, and the unit: for figures set large
    unit: str = ""
    value: Decimal | None
    target: str
    goal: Decimal | None
    status: Literal["on_track", "watch", "off_track", "no_data", "not_applicable"]
    change: str
    trend: tuple[Decimal | None, ...]
    months: tuple[date, ...]
    formula: str
    version: int
    coverage: str
    owner: str


class Definition(Record):
    term: str
    text: str
