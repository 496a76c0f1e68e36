"""The executive page: the sections of a briefing, live, for the unit that the reader chose."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString

from caio_portal.accounts.models import OrgUnit
from caio_portal.briefings import pictures, presentation
from caio_portal.briefings.presentation import DIMENSIONS
from caio_portal.briefings.snapshot.cases import Cases
from caio_portal.briefings.snapshot.cases import read as read_cases
from caio_portal.briefings.snapshot.live import live
from caio_portal.briefings.snapshot.schema import KpiLine, Snapshot, VendorLine
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common import clock, words
from caio_portal.common.charts import Axis, Chart, Series
from caio_portal.common.parts import Ageing, Ask, Heat, Progress, Tile
from caio_portal.common.quarters import Quarter
from governance.models import ReviewStep
from governance.selectors.approvals import approval_states
from governance.selectors.calendars import Calendars, in_passing, known_from

TILES = ("ai_portfolio_roi", "high_risk_approved", "regulatory_readiness", "time_to_decision", "incident_rate")
ASSURANCE = {"regulatory_readiness": "Ready", "high_risk_approved": "Approved"}  # and their names beside a line
WAITING = 6
ASKS = 4
STATUS_OF = {"good": "on_track", "warn": "watch", "bad": "off_track", "neutral": "no_data"}
OF_STEPS = ("position", "phase", "kind", "days", "due_on", "started_at", "finished_at")
OF_REVIEWS = ("ref", "use_case", "opened_at", "returned_at", "waited_days", "state", "tier")
ARROWS = {"+": "up", "−": "down", "-": "down"}


@dataclass(frozen=True)
class Lapsed:
    """Approvals that open no gate as they stand, and the list of their use cases."""

    tone: str
    words: str
    url: str


@dataclass(frozen=True)
class ExecutivePage:
    """Everything that the page shows, in a constant number of queries."""

    unit: OrgUnit
    month: date
    lede: SafeString
    tiles: tuple[Tile, ...]
    value_and_risk: Chart
    asks: tuple[Ask, ...]
    asked: int
    tiers: Chart
    assurance: Chart
    ages: tuple[Ageing, ...]
    open_reviews: int
    lapsed: tuple[Lapsed, ...]
    readiness: tuple[Progress, ...]
    heat: Heat
    vendors: str
    snapshot: Snapshot


def executive_page(unit: OrgUnit, unit_ids: frozenset[int]) -> ExecutivePage:
    """The state of UNIT, with the units below it (UNIT_IDS), KPIs as of its last month."""
    now = clock.now().astimezone(UTC).replace(microsecond=0)
    scope = Scope(unit, unit_ids, Quarter.of(now.date()), now)
    cases = read_cases(scope)
    reviews = _open_reviews(cases)
    known = known_from(vars(reviews[0][0])["calendars"] if reviews else ())  # without a review, no clock runs
    running = [step for steps in reviews for step in steps if step.is_running]
    snapshot = live(scope, cases, running, {*TILES, *ASSURANCE})
    by_key = {line.key: line for line in snapshot.kpis}
    words_of = {count.tier: count.label for count in snapshot.portfolio.tiers}
    ages = sorted((_age(steps, cases, known, scope.today, words_of) for steps in reviews), key=_urgency)
    return ExecutivePage(
        unit=unit, month=max(line.months[-1] for line in snapshot.kpis), lede=_lede(snapshot), snapshot=snapshot,
        tiles=tuple(_tile(by_key[key]) for key in TILES if key in by_key),
        value_and_risk=replace(pictures.value_and_risk(snapshot), height=_beside(len(snapshot.requests))),
        asks=tuple(Ask(r.title, r.why, r.tone, r.mark, r.who, r.by, r.link) for r in snapshot.requests[:ASKS]),
        asked=len(snapshot.requests), tiers=pictures.tiers_over_time(snapshot),
        assurance=_assurance([by_key[key] for key in ASSURANCE if key in by_key]), ages=tuple(ages[:WAITING]),
        open_reviews=len(ages), lapsed=tuple(_lapsed(unit, cases)),
        readiness=tuple(_readiness(snapshot)), heat=presentation.heat(snapshot), vendors=_vendors(snapshot),
    )  # fmt: skip


def _lapsed(unit: OrgUnit, cases: Cases) -> Iterable[Lapsed]:
    for how, number in sorted(cases.lapsed.items(), key=lambda pair: -pair[1]):
        state = approval_states().of(how)
        assert state
        yield Lapsed(state.tone, f"{number} {state.label.lower()}", f"/use-cases/?approval={how}&unit={unit.path}")


def _beside(asks: int) -> int:
    """A height at which the chart fills its card beside so many decisions."""
    return {0: 340, 1: 340, 2: 360}.get(asks, 410 if asks == 3 else 540)


def _lede(snapshot: Snapshot) -> SafeString:
    """How much there is, what it brings against what was planned, and what is asked for."""
    figures = {figure.key: figure for figure in snapshot.figures()}
    cases, running, attained = figures["use_cases"], figures["in_production"], figures["attained"]
    registered = words.plural(int(cases.value or 0), "use case")
    first = f"{registered} on the register, {running.words} in production."
    if attained.value is not None:
        first += f" They bring {figures['value'].words} a year, {attained.words} of what was planned."
    wanted = len(snapshot.requests)
    if not wanted:
        return format_html("{} No decision is needed now.", first)
    asked = f"{words.small(wanted)} {'decision is' if wanted == 1 else 'decisions are'} needed"
    days = [request.by for request in snapshot.requests if request.by]
    by = f", the first by {words.day(min(days), short=False)}" if days else ""
    return format_html("{} <b>{}</b>{}.", first, asked.capitalize(), by)


def _tile(line: KpiLine) -> Tile:
    known = tuple(float(value) for value in line.trend if value is not None)
    return Tile(
        label=line.name, value=line.number or line.words, unit=line.unit, status=line.status, target=line.target,
        change=line.change, direction=ARROWS.get(line.change[:1], "flat"), trend=known,
        goal=None if line.goal is None else float(line.goal), url=f"/kpis/{line.key}/",
    )  # fmt: skip


def _assurance(lines: list[KpiLine]) -> Chart:
    """Measures in percent over a year, against the target of the first."""
    goal = lines[0].goal if lines else None
    return Chart(
        id="assurance", kind="line", title="Assurance of what runs",
        summary=" ".join(_course(line) for line in lines) or "No month has been computed yet.",
        series=[
            Series(
                name=ASSURANCE[line.key], x=[f"{month:%b}" for month in line.months],
                y=[None if value is None else round(float(value), 1) for value in line.trend], color=f"viz-{place}",
                marker="circle" if place == 1 else "square", dashed=place > 1, area=place == 1,
            )
            for place, line in enumerate(lines, 1)
        ],
        y=Axis(low=0, high=100, unit="%"), target=None if goal is None else float(goal), row_head="Month", height=270,
        source="KPI values, by month",
    )  # fmt: skip


def _course(line: KpiLine) -> str:
    """From what to what a measure went in the months that are known, and its target."""
    known = [(month, value) for month, value in zip(line.months, line.trend, strict=True) if value is not None]
    if not known:
        return f"{line.name}: not known yet."
    (first, before), (last, after) = known[0], known[-1]
    aim = f", against a target of {line.target}" if line.target else ""
    if f"{before:.1f}" == f"{after:.1f}":
        return f"{line.name} stayed at {line.words}{aim}."
    went = "rose" if after > before else "fell"
    return f"{line.name} {went} from {before:.1f}% in {first:%B} to {line.words} in {last:%B}{aim}."


def _vendors(snapshot: Snapshot) -> str:
    """Which vendor is weakest, and which dimensions are."""
    lines, bar = snapshot.vendors.vendors, snapshot.vendors.bar
    low = {line.name: _below(line, bar) for line in lines}
    if not any(low.values()):
        return f"No vendor scores below the bar of {bar}." if lines else ""
    worst = max(lines, key=lambda line: (len(low[line.name]), -(line.total or 0)))
    used, count = worst.use_cases or 0, words.small(len(low[worst.name]))
    relies = f", and {words.plural(used, 'use case relies', 'use cases rely')} on it" if used else ""
    commonest = Counter(key for keys in low.values() for key in keys).most_common(2)
    return (
        f"{worst.name} scores below the bar of {bar} on {count} of {words.small(len(DIMENSIONS))} dimensions{relies}. "
        f"Most often below it: {' and '.join(DIMENSIONS[key].lower() for key, _ in commonest)}."
    )


def _below(line: VendorLine, bar: int) -> list[str]:
    return [key for key in DIMENSIONS if (score := getattr(line, key)) is not None and score < bar]


def _readiness(snapshot: Snapshot) -> Iterable[Progress]:
    for row in snapshot.risk.readiness:
        yield Progress(
            label=row.framework, value=float(row.achieved or 0), target=float(row.target or 100),
            achieved=f"{row.achieved or 0:.0f}%", words=f"of {row.target:.0f}%" if row.target is not None else "",
            detail=f"{row.met:,} of {row.required:,}", status=STATUS_OF.get(row.tone, ""), status_text=row.words,
        )  # fmt: skip


def _open_reviews(cases: Cases) -> list[list[ReviewStep]]:
    """The steps, in order, of each open review of a use case that is not confidential."""
    use_cases = {case.row.pk: case.row for case in cases.all if not case.row.confidential}
    rows = ReviewStep.objects.filter(review__closed_at=None, review__use_case__in=use_cases.keys())
    rows = rows.select_related("review").only(*OF_STEPS, *(f"review__{name}" for name in OF_REVIEWS))
    rows = rows.order_by("review", "position").annotate(calendars=in_passing())
    for step in rows:
        step.review.use_case = use_cases[step.review.use_case_id]
    return [list(steps) for _, steps in groupby(rows, key=lambda step: step.review_id)]


def _urgency(age: Ageing) -> tuple[bool, float]:
    """The latest first; what is with its team waits for nobody here."""
    return age.tone == "info", age.limit - age.days


def _age(steps: list[ReviewStep], cases: Cases, known: Calendars, today: date, words_of: dict[int, str]) -> Ageing:
    """Business days since the opening of a review, against those of all its steps."""
    review = steps[0].review
    limit = sum({step.phase: step.days for step in steps}.values()) or 1
    case = cases.by_key[review.use_case_id]
    days = max(0, known.at(case.unit_path).between(review.opened_at.date(), today) - review.waited_days)
    late = days - limit
    if review.returned_at:
        tone, mark = "info", "With its team"
    elif late > 0:
        tone, mark = "bad", f"{words.plural(late, 'day')} over"
    else:
        tone, mark = ("warn" if late > -3 else "good"), f"{words.plural(-late, 'day')} left"
    running = next((step for step in steps if step.is_running), None)
    step = running.get_kind_display() if running else review.get_state_display()
    detail = f"{step} · {case.owner}"
    return Ageing(
        title=review.use_case.title, url=review.get_absolute_url(), detail=detail, days=days, limit=limit, tone=tone,
        mark=mark, tier=review.tier, tier_words=words_of.get(review.tier, ""),
    )  # fmt: skip
