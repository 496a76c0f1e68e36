"""The charts of KPIs: functions from what was read to a Chart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate

from caio_portal.common.charts import Axis, Chart, Mark, Series
from kpis import words
from kpis.catalogue import Kpi
from kpis.models import KpiNote
from kpis.selectors.budget import Budget
from kpis.selectors.readings import Point, Reading

SERIES_NAMES = {
    "claimed": "Claimed",
    "control": "Control group",
    "red_team": "Red-team tests",
    "opinions": "Promoters and detractors",
    "still_open": "Still going on",
    "judge": "Graded by a model",
}


def series_name(series: str) -> str:
    """What a series is called; those of the office's own by their key."""
    return SERIES_NAMES.get(series) or series.replace("_", " ").capitalize()


def trend(reading: Reading, others: Sequence[tuple[str, Sequence[Point]]] = (), notes: Iterable[KpiNote] = ()) -> Chart:
    """The months of a KPI with its target, its other series beside it, and numbers where something was noted."""
    kpi = reading.kpi
    decimals = max(kpi.decimals, 1)
    now, *earlier = _eras(reading.trend)
    is_alone = not others and not earlier
    lines = [_line(kpi.name if is_alone else "Value", now, "viz-1", decimals=decimals, area=is_alone)]
    lines += [
        _line(name, points, "viz-6", decimals=decimals)
        for name, points in zip(("On an earlier golden set", "On older ones"), earlier, strict=False)
    ]
    lines += [
        _line(series_name(series), points, f"viz-{number}", decimals=decimals, dashed=True)
        for number, (series, points) in enumerate(others, start=2)
    ]
    return Chart(
        id=f"kpi-{kpi.key}", kind="line", title="Trend", summary=_summary(reading), series=lines, y=axis(kpi),
        target=reading.goal, target_label=f"Target {reading.target_words}", band=_band(reading, lines),
        band_label="on track", source=kpi.feed, row_head="Month", marks=_marks(reading, notes),
    )  # fmt: skip


def _eras(trend: Sequence[Point]) -> list[list[Point]]:
    """The trend since its newest series began, and what is before: lines of their own, so that nothing joins them.

    Older series take turns in two lines, each with gaps where the other one is.
    """
    eras = list(accumulate(point.begins for point in trend))
    newest = eras[-1] if eras else 0

    def only(wanted: Callable[[int], bool]) -> list[Point]:
        pairs = zip(trend, eras, strict=True)
        return [point if wanted(era) else replace(point, value=None) for point, era in pairs]

    found = [only(lambda era: era == newest)]
    found += [
        only(lambda era, before=before: era < newest and (newest - era) % 2 == before % 2)  # type: ignore[misc]
        for before in (1, 2)
        if newest >= before
    ]
    return found


def note_numbers(months: Iterable[date]) -> Mapping[date, str]:
    """Each month that was noted on gets a number, the oldest the first."""
    return {month: str(number) for number, month in enumerate(sorted(set(months)), start=1)}


def _marks(reading: Reading, notes: Iterable[KpiNote]) -> list[Mark]:
    words: dict[date, list[str]] = {}
    for note in notes:
        words.setdefault(note.month, []).append(note.text)
    numbers = note_numbers(words)
    return [
        Mark(place, numbers[point.month], f"{point.month:%B %Y}: {' · '.join(words[point.month])}")
        for place, point in enumerate(reading.trend)
        if point.month in words
    ]


def axis(kpi: Kpi) -> Axis:
    if kpi.uom == "percent":
        return Axis(unit="%")
    if kpi.uom == "money":
        return Axis(prefix="$")
    return Axis(title=words.unit(kpi))


def spending(budget: Budget) -> Chart:
    """Planned and actual spending of a year, month by month."""
    names = [f"{month.month:%b %y}" for month in budget.year]
    planned = Series("Planned", names, [float(month.planned) for month in budget.year], color="viz-6", dashed=True)
    actual = Series(
        "Actual", names, [None if month.actual is None else float(month.actual) for month in budget.year], area=True
    )
    known = f"{words.value_of_money(budget.actual)} of {words.value_of_money(budget.planned)} spent"
    return Chart(
        id="budget", kind="line", title="Planned and actual cost", summary=f"{known} in {budget.quarter}.",
        series=[actual, planned], y=Axis(prefix="$", low=0), source="Cost files (FOCUS) and the budget",
        row_head="Month", height=280,
    )  # fmt: skip


def _line(
    name: str, points: Sequence[Point], color: str, *, decimals: int = 4, area: bool = False, dashed: bool = False
) -> Series:
    return Series(
        name, [f"{point.month:%b %y}" for point in points],
        [None if point.value is None else round(float(point.value), decimals) for point in points],
        color=color, area=area, dashed=dashed,
    )  # fmt: skip


def _summary(reading: Reading) -> str:
    known = [point for point in reading.comparable if point.value is not None]
    if not known:
        return "Nothing has been measured yet."
    first, last = known[0], known[-1]
    if reading.since:
        return (
            f"{words.value(reading.kpi, last.value)} in {last.month:%B %Y}. {reading.series_words}: another golden set."
        )
    moved = words.change(reading.kpi, first.value, last.value)
    now = f"{words.value(reading.kpi, last.value)} in {last.month:%B %Y}, target {reading.target_words}"
    if len(known) == 1 or moved == "No change":
        return f"{now}."
    return f"{now}: {moved} since {first.month:%B %Y}."


def _band(reading: Reading, lines: Sequence[Series]) -> tuple[float, float] | None:
    """The values that are on track, as far as the picture reaches."""
    values = [value for line in lines for value in line.y if value is not None]
    low, high = reading.bands.low, reading.bands.high
    bottom = float(low) if low is not None else min([0.0, *values])
    if high is not None:
        return bottom, float(high)
    top = 100.0 if reading.kpi.uom == "percent" and reading.kpi.formula == "ratio" else max([bottom * 1.05, *values])
    return (bottom, top) if top > bottom else None


def netting(budget: Budget) -> str:
    """What adding units up hides: too much here and too little there cancel out."""
    if budget.absolute_variance is None:
        return ""
    return f"Without signs, the units' variances add up to {budget.absolute_variance:.1f}% of the budget."
