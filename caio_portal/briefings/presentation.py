"""From a briefing's content to what its template shows. Nothing here reads the database or the clock."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from caio_portal.briefings import pictures
from caio_portal.briefings.content import Content
from caio_portal.briefings.difference import Difference, change_of, difference
from caio_portal.briefings.models import Audience
from caio_portal.briefings.snapshot.schema import Figure, KpiLine, Snapshot, UseCaseLine, VendorLine
from caio_portal.common import words
from caio_portal.common.marks import STATUSES
from caio_portal.common.parts import Fact, Heat, HeatCell, HeatRow, PaperDocument
from caio_portal.common.quarters import Quarter

CONTENTS = (
    ("summary", "Summary: what changed"),
    ("requests", "Decisions requested"),
    ("portfolio", "Portfolio and value"),
    ("risk", "Risk posture"),
    ("decisions", "High-risk decisions"),
    ("incidents", "Incidents"),
    ("budget", "Investments and budget"),
    ("vendors", "Vendors"),
    ("obligations", "Regulatory calendar"),
    ("kpis", "KPI scorecard"),
    ("appendix", "Definitions and sources"),
)
HEADLINE = 6
BOARD_KEYS = (
    "high_risk_approved",
    "measured_outcomes",
    "ai_portfolio_roi",
    "time_to_decision",
    "incident_rate",
    "budget_variance",
    "regulatory_readiness",
)
DIFFERENCES = 12
RENEWALS = 6
FIGURES = 8  # of a section, in two rows
TOP = 8
DIMENSIONS = {"performance": "Performance", "security": "Security", "roadmap": "Roadmap", "cost": "Cost"}
_MATRIX_BANDS = ((15, 1), (10, 2), (5, 3), (3, 4), (0, 5))  # residual risk from which a cell has its colour
PERSPECTIVES = {
    "value": "Value",
    "delivery": "Delivery and service",
    "adoption": "Adoption",
    "risk": "Risk and trust",
    "cost": "Cost",
    "people": "People",
}


def context(content: Content) -> dict[str, Any]:
    """Everything that templates/pdf/briefing.html asks for."""
    snapshot = content.snapshot
    kpis = [_kpi(line) for line in snapshot.kpis]
    return {
        "document": document(content), "s": snapshot, "n": content.narrative, "as_of_day": snapshot.as_of.date(),
        "headline": _headline(kpis), "differences": _halves(difference(snapshot)[:DIFFERENCES]),
        "figures": _figures(snapshot), "charts": _charts(snapshot), "matrix": _matrix(snapshot), "fives": range(1, 6),
        "top": [_line(snapshot, line) for line in snapshot.portfolio.top[:TOP]], "budget": _budget(snapshot),
        "heat": heat(snapshot), "renewals": _renewals(snapshot),
        "vendors_with_reason": [line for line in snapshot.vendors.vendors if line.tone != "good"],
        "kpis": _by_perspective(kpis),
        "all_figures": snapshot.figures()[len(snapshot.headline) :],  # the measures tell of themselves
    }  # fmt: skip


def document(content: Content) -> PaperDocument:
    """The cover, the running heads and the last page."""
    snapshot, audience = content.snapshot, Audience(content.snapshot.audience).label
    state = "Draft, not approved" if content.draft else f"Approved by {content.approved_by}"
    if content.approved_at:
        state += f", {words.day(content.approved_at.date(), short=False)}"
    quarter = Quarter(snapshot.quarter)
    return PaperDocument(
        title=f"AI portfolio and risk: {audience.lower()} briefing", made_at=snapshot.as_of,
        organisation=snapshot.organisation, author="Office of the Chief AI Officer",
        subtitle=f"{quarter.label}. {content.narrative.get('headline', '')}".strip(),
        description=f"The AI portfolio, its value, its risks and the decisions requested, {quarter.label.lower()}.",
        classification=f"{audience} confidential" + (", draft" if content.draft else ""),
        facts=(
            Fact("For", audience), Fact("Data as of", words.day(snapshot.as_of.date(), short=False)),
            Fact("State", state), Fact("Classification", f"{audience} confidential"),
        ),
        contents=CONTENTS,
        record=(
            Fact("Briefing", f"{snapshot.quarter}, {audience.lower()}, number {snapshot.number}"),
            Fact("Snapshot taken", f"{snapshot.as_of:%Y-%m-%d %H:%M} UTC"),
            Fact("Snapshot, SHA-256", content.snapshot_hash), Fact("Audit sequence number", str(snapshot.audit_seq)),
            Fact("Audit head", snapshot.audit_head or "none yet"), Fact("Policy in force", snapshot.policy or "none"),
        ),
    )  # fmt: skip


def heat(snapshot: Snapshot) -> Heat:
    """The vendors' scorecard as a heat table."""
    return Heat(
        caption="Vendors by dimension, from 0 to 100", rows_head="Vendor", columns=tuple(DIMENSIONS.values()),
        rows=[_vendor(snapshot, line) for line in snapshot.vendors.vendors], total_head="Total",
        mark_head="Recommendation", keys=_keys(snapshot.vendors.heat), below=f"below the bar of {snapshot.vendors.bar}",
    )  # fmt: skip


def _keys(starts: Sequence[int]) -> tuple[str, ...]:
    """Words for the bands of a heat table, from where each begins."""
    between = [f"{low}–{high - 1}" for low, high in pairwise(starts)]
    return (f"under {starts[0]}", *between, f"{starts[-1]} and over")


def _charts(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "value_and_risk": pictures.value_and_risk(snapshot), "tiers": pictures.tiers_over_time(snapshot),
        "incidents": pictures.incidents_over_time(snapshot), "budget": pictures.budget_over_time(snapshot),
        "vendors": pictures.vendors_by_total(snapshot),
    }  # fmt: skip


def _halves(rows: Sequence[Difference]) -> list[Sequence[Difference]]:
    """For two columns beside each other."""
    middle = (len(rows) + 1) // 2
    return [half for half in (rows[:middle], rows[middle:]) if half]


def _figures(snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    sections = ("portfolio", "risk", "decisions", "incidents", "budget", "vendors")
    return {key: [_figure(snapshot, figure) for figure in getattr(snapshot, key).figures[:FIGURES]] for key in sections}


def _figure(snapshot: Snapshot, figure: Figure) -> dict[str, Any]:
    before = snapshot.previous.words.get(figure.key) if snapshot.previous else None
    moved = change_of(snapshot, figure)
    change = f"{before} before" if before and moved else "as before" if moved is not None else ""
    return {"label": figure.label, "words": figure.words, "quality": figure.quality, "change": change}


def _kpi(line: KpiLine) -> dict[str, Any]:
    tone, _, status_words = STATUSES[line.status]
    said = line.model_dump(exclude={"trend", "goal"})
    trend = [None if value is None else float(value) for value in line.trend]
    goal = None if line.goal is None else float(line.goal)
    return said | {"trend": trend, "goal": goal, "tone": tone, "status_words": status_words}


def _headline(kpis: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The measures that the reader should see first: the board's own, then what is off track; the worst lead."""
    order = {"off_track": 0, "watch": 1, "on_track": 2}
    known = [line for line in kpis if line["status"] in order]
    by_want = sorted(known, key=lambda line: (line["key"] not in BOARD_KEYS, order[line["status"]]))
    return sorted(by_want[:HEADLINE], key=lambda line: order[line["status"]])


def _by_perspective(kpis: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    order = list(PERSPECTIVES)
    ordered = sorted(kpis, key=lambda line: order.index(line["perspective"]))
    return [(PERSPECTIVES[key], list(lines)) for key, lines in groupby(ordered, key=lambda line: line["perspective"])]


def _line(snapshot: Snapshot, line: UseCaseLine) -> dict[str, Any]:
    labels = {tier.tier: tier.label for tier in snapshot.portfolio.tiers}
    return {
        "title": line.title, "ref": line.ref, "unit": line.unit,
        "tier_words": labels.get(line.tier or 0, "Not yet known") + (", provisional" if line.provisional else ""),
        "value": words.money(line.value, snapshot.currency, short=True),
        "cost": words.money(line.cost, snapshot.currency, short=True),
        "residual": words.NONE if line.residual is None else line.residual,
    }  # fmt: skip


def _matrix(snapshot: Snapshot) -> list[tuple[int, list[dict[str, int]]]]:
    """Rows of likelihood 5 to 1, cells of impact 1 to 5."""
    counts = {(cell.likelihood, cell.impact): cell.count for cell in snapshot.risk.cells}

    def cell(likelihood: int, impact: int) -> dict[str, int]:
        return {"count": counts.get((likelihood, impact), 0), "band": _band(likelihood * impact)}

    return [(likelihood, [cell(likelihood, impact) for impact in range(1, 6)]) for likelihood in range(5, 0, -1)]


def _band(residual: int) -> int:
    return next(band for least, band in _MATRIX_BANDS if residual >= least)


def _budget(snapshot: Snapshot) -> list[dict[str, Any]]:
    def money(value: Decimal | None) -> str:
        return words.money(value, snapshot.currency, short=True)

    return [
        {
            "category": line.category, "planned": money(line.planned), "committed": money(line.committed),
            "actual": money(line.actual), "forecast": money(line.forecast), "tone": line.tone,
            "variance": "No plan" if line.variance is None else f"{line.variance:+.1f}%".replace("-", "−"),
        }
        for line in snapshot.budget.lines
    ]  # fmt: skip


def _vendor(snapshot: Snapshot, line: VendorLine) -> HeatRow:
    detail = line.criticality
    if line.use_cases:
        detail += f", {words.plural(line.use_cases, 'use case')}"
    return HeatRow(
        title=line.name, detail=detail, total=words.NONE if line.total is None else f"{line.total:.0f}",
        cells=[_cell(snapshot, getattr(line, key)) for key in DIMENSIONS], tone=line.tone, mark=line.advice,
    )  # fmt: skip


def _renewals(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "vendor": row.vendor, "contract": row.contract.removeprefix(f"{row.vendor}, "),
            "notice_by": row.notice_by, "ends_on": row.ends_on,
            "value": words.money(row.value, row.currency, short=True), "advice": row.advice,
            "missing": _few(row.missing),
        }
        for row in snapshot.vendors.renewals[:RENEWALS]
    ]  # fmt: skip


def _few(names: Sequence[str]) -> str:
    return "; ".join(names[:2]) + (f"; {len(names) - 2} more" if len(names) > 2 else "")


def _cell(snapshot: Snapshot, value: Decimal | None) -> HeatCell:
    if value is None:
        return HeatCell(words.NONE)
    band = 1 + sum(value >= start for start in snapshot.vendors.heat)
    return HeatCell(f"{value:.0f}", band, value < snapshot.vendors.bar)
