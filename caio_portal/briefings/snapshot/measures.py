"""The KPI scorecard."""

from caio_portal.briefings.snapshot.schema import Figure, KpiLine
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common.words import inner
from kpis import selectors
from kpis.selectors import Reading

HEADLINE = ("high_risk_approved", "measured_outcomes", "time_to_decision", "incident_rate", "budget_variance")


def measures(scope: Scope) -> tuple[KpiLine, ...]:
    """Every KPI of the catalogue for the last month of the quarter, with a year of trend."""
    return tuple(line_of(reading) for reading in selectors.scorecard(scope.unit_ids, scope.month).readings)


def headline(scope: Scope, lines: tuple[KpiLine, ...]) -> tuple[Figure, ...]:
    """The measures that every briefing remembers for the next one."""
    by_key = {line.key: line for line in lines}
    return tuple(
        Figure(
            key=f"kpi_{key}", label=by_key[key].name, value=by_key[key].value, words=by_key[key].words,
            source=by_key[key].formula, link=f"/kpis/{key}/", as_of=scope.last_day, quality=by_key[key].coverage,
        )
        for key in HEADLINE
        if key in by_key
    )  # fmt: skip


def line_of(reading: Reading) -> KpiLine:
    kpi = reading.kpi
    return KpiLine(
        key=kpi.key, name=kpi.name, question=kpi.question, perspective=kpi.perspective, words=reading.value_words,
        number=reading.short_words, unit=reading.unit_words,
        value=None if reading.value is None else round(reading.value, 6), target=reading.target_words,
        goal=reading.bands.low if reading.bands.low is not None else reading.bands.high, status=reading.status.value,
        change=reading.change_words, months=tuple(point.month for point in reading.trend),
        trend=tuple(None if point.value is None else round(point.value, 6) for point in reading.trend),
        formula=_formula(reading), version=kpi.version, coverage=_coverage(reading), owner=kpi.owner,
    )  # fmt: skip


def _formula(reading: Reading) -> str:
    kpi = reading.kpi
    window = kpi.window.label
    return f"{kpi.numerator} ÷ {inner(kpi.denominator)}, {window}. Source: {kpi.feed}."


def _coverage(reading: Reading) -> str:
    notes = []
    if reading.is_partial and reading.coverage is not None:
        notes.append(f"partial: {reading.coverage:.0%}")
    if reading.provisional and reading.value is not None:
        notes.append("provisional")
    return ", ".join(notes)
