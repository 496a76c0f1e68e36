"""What a briefing says, frozen: every figure with its source. Texts are plain; nothing here is markup."""

from datetime import datetime
from typing import Literal

from caio_portal.briefings.snapshot.schema.lines import (
    Breach,
    BudgetLine,
    BudgetMonth,
    Change,
    CouncilDecision,
    Count,
    Definition,
    Figure,
    IncidentLine,
    KpiLine,
    MonthCounts,
    Obligation,
    Previous,
    Readiness,
    Renewal,
    Request,
    RiskCell,
    SeatVote,
    TierCount,
    TiersAt,
    Tone,
    Unapproved,
    UseCaseLine,
    VendorLine,
)
from caio_portal.common.records import Record

__all__ = [
    "Breach",
    "Budget",
    "BudgetLine",
    "BudgetMonth",
    "Change",
    "CouncilDecision",
    "Count",
    "Decisions",
    "Definition",
    "Figure",
    "IncidentLine",
    "Incidents",
    "KpiLine",
    "MonthCounts",
    "Obligation",
    "Portfolio",
    "Previous",
    "Readiness",
    "Renewal",
    "Request",
    "Risk",
    "RiskCell",
    "SeatVote",
    "Snapshot",
    "TierCount",
    "TiersAt",
    "Tone",
    "Unapproved",
    "UseCaseLine",
    "VendorLine",
    "Vendors",
]


class Portfolio(Record):
    figures: tuple[Figure, ...] = ()
    stages: tuple[Count, ...] = ()
    tiers: tuple[TierCount, ...] = ()
    history: tuple[TiersAt, ...] = ()
    points: tuple[UseCaseLine, ...] = ()  # those in production with value and residual risk
    top: tuple[UseCaseLine, ...] = ()
    benefits: tuple[Count, ...] = ()
    source: str = ""


class Risk(Record):
    figures: tuple[Figure, ...] = ()
    breaches: tuple[Breach, ...] = ()
    cells: tuple[RiskCell, ...] = ()
    readiness: tuple[Readiness, ...] = ()
    unapproved: tuple[Unapproved, ...] = ()
    unapproved_total: int = 0
    appetites: dict[int, int] = {}
    source: str = ""


class Decisions(Record):
    figures: tuple[Figure, ...] = ()
    decisions: tuple[CouncilDecision, ...] = ()
    source: str = ""


class Incidents(Record):
    figures: tuple[Figure, ...] = ()
    incidents: tuple[IncidentLine, ...] = ()
    months: tuple[MonthCounts, ...] = ()
    source: str = ""


class Budget(Record):
    figures: tuple[Figure, ...] = ()
    lines: tuple[BudgetLine, ...] = ()
    months: tuple[BudgetMonth, ...] = ()
    source: str = ""


class Vendors(Record):
    figures: tuple[Figure, ...] = ()
    vendors: tuple[VendorLine, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    bar: int = 65
    heat: tuple[int, int, int, int] = (45, 65, 75, 85)
    source: str = ""


class Snapshot(Record):
    """The whole document without its narrative."""

    format: Literal[1] = 1
    quarter: str
    audience: str
    number: int
    organisation: str
    unit: str
    as_of: datetime
    currency: str
    audit_seq: int
    audit_head: str
    policy: str  # the policy in force: its name or number
    previous: Previous | None = None
    headline: tuple[Figure, ...]
    changes: tuple[Change, ...]
    requests: tuple[Request, ...]
    portfolio: Portfolio
    risk: Risk
    decisions: Decisions
    incidents: Incidents
    budget: Budget
    vendors: Vendors
    obligations: tuple[Obligation, ...]
    kpis: tuple[KpiLine, ...]
    definitions: tuple[Definition, ...]

    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the document."""
        sections = (self.portfolio, self.risk, self.decisions, self.incidents, self.budget, self.vendors)
        return (*self.headline, *(figure for section in sections for figure in section.figures))
