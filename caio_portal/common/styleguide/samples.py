"""What the style guide shows: an invented company, the same at every visit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import format_html

from caio_portal.common.charts import Axis, Chart, Series
from caio_portal.common.charts.spec import Marker
from caio_portal.common.marks import mark, stage, tier
from caio_portal.common.parts import (
    Ageing,
    Ask,
    Fact,
    Happening,
    Heat,
    HeatCell,
    HeatRow,
    PaperDocument,
    Progress,
    Step,
    Tab,
    Tile,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRONG_ANSWERS = {"wrong-title": "", "wrong-spend": "-5", "wrong-starts_on": "soon", "wrong-human": "x"}

TILES = (
    Tile("Value realised, year to date", "$61.4M", "watch", "", "$63.9M plan to date", "$5.3M more than October", "up",
         (38, 41, 44, 46, 51, 56, 61.4), 63.9),
    Tile("High-risk use cases with formal approval", "9 of 11", "off_track", "", "11 of 11", "+2 since last quarter",
         "up", (3, 4, 5, 5, 6, 8, 9), 11, "#tiles"),
    Tile("EU AI Act readiness", "78%", "on_track", "", "75% by 31 December", "+6 points this quarter", "up",
         (54, 58, 61, 66, 70, 72, 78), 75),
    Tile("Median time to decision", "11 days", "no_data", "Provisional", "14 days or fewer", "3 days faster", "down",
         (19, 18, 16, 15, 14, 14, 11), 14),
    Tile("Incidents with agents", "–", "not_applicable"),
)  # fmt: skip

_POINTS: tuple[tuple[str, str, Marker, list[tuple[float, float, float, str]]], ...] = (
    ("Minimal", "tier-1", "circle", [(7, 0.6, 0.2, "Spend classifier"), (9, 1.5, 0.5, "Meeting notes"),
        (11, 2.6, 0.6, "Invoice matching"), (14, 3.8, 0.9, "Document summariser"), (19, 3.4, 2.4, "Code assistant"),
        (22, 0.8, 0.3, "Room booking")]),
    ("Limited", "tier-2", "square", [(27, 1.7, 1.0, "Letter drafting"), (31, 2.3, 0.8, "Translation"),
        (35, 1.2, 0.4, "Call routing"), (38, 7.1, 2.9, "Contact-centre copilot"), (41, 1.0, 0.5, "Lead scoring"),
        (44, 9.6, 3.6, "Claims triage"), (46, 2.9, 1.9, "Repair photo estimate")]),
    ("High", "tier-3", "diamond", [(55, 3.1, 0.8, "KYC match"), (58, 5.2, 1.4, "Underwriting assist"),
        (61, 8.8, 2.6, "Fraud graph"), (67, 4.6, 0.9, "Pricing optimiser"), (73, 6.4, 1.2, "Credit scoring v4")]),
    ("Critical", "tier-4", "triangle", [(70, 1.9, 0.7, "Voice authentication"), (82, 0.9, 0.4, "CV screening")]),
)  # fmt: skip
_QUARTERS = ("Q3 25", "Q4 25", "Q1 26", "Q2 26", "Q3 26", "Q4 26")
_MONTHS = ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
_EVIDENCE = (54, 57, 60, 61, 66, 70, 72, 75, 79, 81, 84, 86)
_MONITORING = (38, 40, 41, 47, 50, 52, 58, 60, None, 66, 69, 71)


def bubble() -> Chart:
    return Chart(
        "value", "bubble", "Value against residual risk",
        "20 use cases in production. Five lie outside the risk appetite; together they return $22.6M a year.",
        [Series(name, [p[0] for p in ps], [p[1] for p in ps], [p[2] for p in ps], [p[3] for p in ps], color, marker)
         for name, color, marker, ps in _POINTS],
        x=Axis("Residual risk", 0, 100), y=Axis("Annual value", prefix="$", unit="M"),
        size=Axis("Annual cost", prefix="$", unit="M"), source="Use cases; finance ledger, October 2026",
        zone_from=60, zone_label="Outside risk appetite", row_head="Use case",
    )  # fmt: skip


def stack() -> Chart:
    counts = {"Minimal": (20, 23, 25, 27, 29, 31), "Limited": (14, 15, 17, 19, 21, 22), "High": (4, 5, 7, 8, 9, 9),
              "Critical": (1, 1, 1, 1, 1, 2), "Prohibited": (0, 0, 2, 2, 1, 0)}  # fmt: skip
    return Chart(
        "tiers", "stack", "Use cases by tier",
        "The portfolio grew from 39 to 64 use cases in six quarters. The prohibited use found in Q1 2026 is retired.",
        [Series(name, _QUARTERS, values, color=f"tier-{number}")
         for number, (name, values) in enumerate(counts.items(), start=1)],
        source="Use cases", row_head="Quarter",
    )  # fmt: skip


def line() -> Chart:
    return Chart(
        "controls", "line", "Control coverage, high-risk use cases",
        "Controls with valid evidence rose from 54% in December to 86% in November. Monitoring lags at 71%.",
        [Series("Evidence", _MONTHS, _EVIDENCE, area=True),
         Series("Monitoring", _MONTHS, _MONITORING, color="viz-2", marker="square", dashed=True)],
        y=Axis(low=20, high=100, unit="%"), target=95, band=(85, 100), band_label="On track",
        source="Control library", row_head="Month",
    )  # fmt: skip


def bars() -> Chart:
    names = ("Claims", "Underwriting", "Customer service", "People", "Finance")
    return Chart(
        "units", "bars", "Use cases by unit", "Claims runs a third of all use cases.",
        [Series("Use cases", names, (22, 15, 14, 8, 5), color="viz-1")],
        source="Use cases", row_head="Unit", height=190,
    )  # fmt: skip


def bars_target() -> Chart:
    return Chart(
        "ready", "bars", "Readiness by unit", "Two of five units reach 80%.",
        [Series("Readiness", ("Claims", "Underwriting", "Customer service", "People", "Finance"),
                (91, 84, 77, 62, 40), color="viz-3")],
        x=Axis(low=0, high=100, unit="%"), target=80, source="Controls and evidence", row_head="Unit", height=190,
    )  # fmt: skip


def nothing() -> Chart:
    return Chart("none", "line", "Time to production", "Nothing has reached production yet.", [Series("Days")])


def heat() -> Heat:
    rows = [
        ("Quanta Cloud", "Platform", (95, 81, 77, 92), "good", "Keep"),
        ("Tern Data", "Fraud graph", (88, 79, 66, 81), "warn", "Renegotiate"),
        ("Sable Labs", "CV screening", (74, 61, 42, 39), "bad", "Replace"),
    ]
    unknown = HeatRow(
        "Brightline", [HeatCell("–")] * 4, detail="Not assessed", total="–", tone="neutral", mark="No data"
    )
    return Heat(
        "Vendor scores out of 100 by dimension", "Vendor",
        ("Performance", "Security posture", "Roadmap alignment", "Cost"),
        [HeatRow(name, [HeatCell(str(score), _band(score), score < 65) for score in scores], "#heat", use,
                 str(sum(scores) // 4), tone, advice) for name, use, scores, tone, advice in rows]
        + [unknown],
        "Total", "Advice", ("under 50", "50–64", "65–74", "75–84", "85 and over"), "below the bar of 65",
    )  # fmt: skip


ASKS = (
    Ask("Suspend CV screening until its bias audit passes",
        "Four-fifths rule not met for two groups. Value at stake: $0.9M a year.", "bad", "Decision due",
        "Chief People Officer", date(2026, 11, 27), "#asks"),
    Ask("Fund monitoring for the six high-risk use cases without it",
        "$0.42M once and $0.18M a year take monitoring from 71% to 95% by March.", "warn", "Recommended",
        "Chief Financial Officer", date(2026, 12, 11)),
    Ask("Accept the residual risk of Fraud graph for two quarters",
        "Risk 16 against an appetite of 12, with a dated plan to reach 9.", "info", "For acceptance",
        "Board Risk Committee", date(2026, 12, 11)),
)  # fmt: skip

AGEING = (
    Ageing("CV screening: renewal", "#ageing", "Bias audit · H. Brandt", 41, 21, "bad", "20 days over", 4),
    Ageing("Pricing optimiser: new region", "#ageing", "Legal · S. Novak", 26, 21, "bad", "5 days over", 3),
    Ageing(
        "Repair photo estimate: launch",
        "#ageing",
        "Privacy · A. Okafor",
        12,
        14,
        "warn",
        "2 days left",
        2,
        provisional=True,
    ),
    Ageing("Spend classifier: retrain", "#ageing", "CAIO office · R. Mbeki", 2, 7, "good", "5 days left", 1),
)

BULLETS = (
    Progress("EU AI Act, high-risk duties", 78, 85, "78% of 85%", "watch"),
    Progress("ISO/IEC 42001", 84, 80, "84% of 80%", "on_track"),
    Progress("NIST AI RMF", 69, 90, "69% of 90%", "off_track"),
    Progress("M-25-21", 40, None, "40%, no target", "no_data"),
)

STEPS = (
    Step("Describe", "done", "Answered by L. Hart"),
    Step("Examine", "done", "Security, privacy"),
    Step("Vote", "current", "3 of 5 seats, due 4 December"),
    Step("Accept risk", "todo", "Executive sponsor"),
)
BLOCKED = (Step("Registered", "done"), Step("Approved", "blocked", "No approval in force"), Step("Production"))

TABS = (
    Tab("Summary", "#tabs", True),
    Tab("Controls", "#tabs", count=12),
    Tab("Reviews", "#tabs", count=2),
    Tab("History", "#tabs"),
)


@dataclass(frozen=True)
class Page:
    tiles: Sequence[Tile]
    asks: Sequence[Ask]
    ageing: Sequence[Ageing]
    bullets: Sequence[Progress]
    steps: Sequence[Step]
    blocked: Sequence[Step]
    tabs: Sequence[Tab]
    icons: list[str]
    tiers: Sequence[int]
    facts: list[Fact]
    happenings: list[Happening]
    charts: dict[str, Chart]
    heat: Heat
    moments: dict[str, Any]


def paper() -> PaperDocument:
    """A board briefing of one page a part, as the PDF machinery gets it."""
    return PaperDocument(
        "AI portfolio and risk: board briefing", NOON, "Northfield Mutual", "Office of the Chief AI Officer",
        "Fourth quarter 2026. Value is close to plan, and three decisions are requested.", "A sample.",
        "Board confidential",
        facts=(Fact("For", "Board Risk Committee, 11 December 2026"), Fact("Data as of", "20 November 2026"),
               Fact("Classification", "Board confidential")),
        contents=(("summary", "Summary and decisions"), ("portfolio", "Portfolio: value and risk"),
                  ("vendors", "Vendors"), ("record", "Record")),
        record=(Fact("Snapshot (SHA-256)", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                Fact("Audit trail", "event 48,213"),
                Fact("Head", "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")),
    )  # fmt: skip


def page() -> Page:
    """What cannot be a constant: markup made by marks, which asks for the address of the icons."""
    return Page(
        TILES, ASKS, AGEING, BULLETS, STEPS, BLOCKED, TABS, _icons(), (3, 1, 2, 4, 5),
        [
            Fact("Tier", tier(3, "High")), Fact("Stage", stage("pilot")), Fact("Owner", "A. Okafor", "#facts"),
            Fact("Sponsor", None), Fact("Residual risk", "16 of 25", help="Appetite 12"),
            Fact("Approval", mark("good", "In force until 30 Jun 2027")),
        ],
        [
            Happening(NOON, format_html('The council approved <a href="#t">{}</a>.', "Fraud graph"),
                      "C. Duval", "Approve, if drift is watched weekly.", tone="good"),
            Happening(NOON - timedelta(days=2), "Legal asked for a change.", "S. Novak", icon="edit", tone="warn"),
            Happening(NOON - timedelta(days=9), "Imported from the inventory.", recorded_at=NOON, icon="upload"),
        ],
        {"bubble": bubble(), "stack": stack(), "line": line(), "bars": bars(), "bars_target": bars_target(),
         "nothing": nothing()},
        heat(),
        {"then": NOON, "day": date(2026, 11, 3)},
    )  # fmt: skip


def _icons() -> list[str]:
    sprite = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text()
    return re.findall(r'symbol id="([\w-]+)"', sprite)


def _band(score: int) -> int:
    return 1 + sum(score >= bound for bound in (50, 65, 75, 85))
