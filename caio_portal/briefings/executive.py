"""The executive page: the sections of a briefing, live, for the unit that the reader chose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.db.models import Prefetch

from caio_portal.accounts.models import OrgUnit
from caio_portal.briefings import pictures, presentation
from caio_portal.briefings.snapshot.live import live
from caio_portal.briefings.snapshot.schema import KpiLine, Snapshot
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common import clock, words
from caio_portal.common.charts import Axis, Chart, Series
from caio_portal.common.parts import Ageing, Ask, Heat, Progress, Tile
from caio_portal.common.quarters import Quarter
from governance import business_days
from governance.models import Review, ReviewStep
from kpis.selectors.scorecard import default_month

TILES = ("ai_portfolio_roi", "high_risk_approved", "regulatory_readiness", "time_to_decision", "incident_rate")
ASSURANCE = ("regulatory_readiness", "high_risk_approved")
WAITING = 6
STATUS_OF = {"good": "on_track", "warn": "watch", "bad": "off_track", "neutral": "no_data"}
ARROWS = {"+": "up", "−": "down", "-": "down"}


@dataclass(frozen=True)
class ExecutivePage:
    """Everything that the page shows, in a constant number of queries."""

    unit: OrgUnit
    month: date
    lede: str
    tiles: tuple[Tile, ...]
    value_and_risk: Chart
    asks: tuple[Ask, ...]
    tiers: Chart
    assurance: Chart
    ages: tuple[Ageing, ...]
    open_reviews: int
    readiness: tuple[Progress, ...]
    heat: Heat
    snapshot: Snapshot


def executive_page(unit: OrgUnit, unit_ids: frozenset[int]) -> ExecutivePage:
    """The state of UNIT, with the units below it (UNIT_IDS), KPIs as of the last month that is over."""
    month = default_month()
    now = clock.now().astimezone(UTC).replace(microsecond=0)
    scope = Scope(unit, unit_ids, Quarter.of(now.date()), now)
    snapshot = live(scope, month)
    by_key = {line.key: line for line in snapshot.kpis}
    waiting, total = _waiting(scope)
    return ExecutivePage(
        unit=unit, month=month, lede=_lede(snapshot), value_and_risk=pictures.value_and_risk(snapshot),
        tiles=tuple(_tile(by_key[key]) for key in TILES if key in by_key), tiers=pictures.tiers_over_time(snapshot),
        assurance=_assurance([by_key[key] for key in ASSURANCE if key in by_key]), ages=waiting, open_reviews=total,
        asks=tuple(Ask(r.title, r.why, r.tone, r.mark, r.who, r.by, r.link) for r in snapshot.requests[:4]),
        readiness=tuple(_readiness(snapshot)), heat=presentation.heat(snapshot), snapshot=snapshot,
    )  # fmt: skip


def _lede(snapshot: Snapshot) -> str:
    figures = {figure.key: figure for figure in snapshot.figures()}
    cases, running = figures["use_cases"], figures["in_production"]
    wanted = len(snapshot.requests)
    asked = "No decision is needed now." if not wanted else f"{words.plural(wanted, 'decision')} needed."
    return f"{cases.words} use cases on the register, {running.words} in production. {asked}"


def _tile(line: KpiLine) -> Tile:
    known = tuple(float(value) for value in line.trend if value is not None)
    return Tile(
        label=line.name, value=line.words, status=line.status, target=f"Target {line.target}" if line.target else "",
        change=line.change, direction=ARROWS.get(line.change[:1], "flat"), trend=known,
        goal=None if line.goal is None else float(line.goal), url=f"/kpis/{line.key}/",
    )  # fmt: skip


def _assurance(lines: list[KpiLine]) -> Chart:
    latest = "; ".join(f"{line.name.lower()} {line.words}" for line in lines)
    return Chart(
        id="assurance", kind="line", title="Assurance of what runs",
        summary=f"At the end of the last month: {latest}." if latest else "No month has been computed yet.",
        series=[
            Series(
                name=line.name, x=[f"{month:%b}" for month in line.months],
                y=[None if value is None else float(value) for value in line.trend],
                color=f"viz-{place}", dashed=place > 1, area=place == 1,
            )
            for place, line in enumerate(lines, 1)
        ],
        y=Axis(low=0, high=100, unit="%"), row_head="Month", height=260, source="KPI values, by month",
    )  # fmt: skip


def _readiness(snapshot: Snapshot) -> Iterable[Progress]:
    for row in snapshot.risk.readiness:
        yield Progress(
            label=row.framework, value=float(row.achieved or 0), target=float(row.target or 100),
            words=f"{row.met} of {row.required}", status=STATUS_OF.get(row.tone, ""), status_text=row.words,
        )  # fmt: skip


def _waiting(scope: Scope) -> tuple[tuple[Ageing, ...], int]:
    """The open reviews, the most late first: business days since the opening, against those of all steps."""
    steps = Prefetch("steps", ReviewStep.objects.order_by("position"))
    rows = (
        Review.objects.filter(closed_at=None, use_case__unit__in=scope.unit_ids, use_case__confidential=False)
        .select_related("use_case__owner")
        .prefetch_related(steps)
    )
    ages = sorted((_age(review, scope.today) for review in rows), key=lambda age: age.limit - age.days)
    return tuple(ages[:WAITING]), len(ages)


def _age(review: Review, today: date) -> Ageing:
    steps: list[Any] = list(review.steps.all())
    limit = sum({step.phase: step.days for step in steps}.values()) or 1
    days = max(0, business_days.between(review.opened_at.date(), today) - review.waited_days)
    late = days - limit
    if review.returned_at:
        tone, mark = "info", "With its team"
    elif late > 0:
        tone, mark = "bad", f"{words.plural(late, 'day')} over"
    else:
        tone, mark = ("warn" if late > -3 else "good"), f"{words.plural(-late, 'day')} left"
    running = next((step for step in steps if step.is_running), None)
    detail = f"{running.get_kind_display() if running else review.get_state_display()} · {review.use_case.owner or ''}"
    return Ageing(
        title=review.use_case.title, url=review.get_absolute_url(), detail=detail, days=days, limit=limit, tone=tone,
        mark=mark, tier=review.tier,
    )  # fmt: skip
