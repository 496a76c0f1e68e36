"""Targets that are missed, and those that will be if things go on as they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from caio_portal.accounts.models import OrgUnit
from kpis import catalogue, months
from kpis.catalogue import Kpi
from kpis.models import AlertKind, Target
from kpis.months import Window
from kpis.selectors.concerns.concern import Concern
from kpis.selectors.readings import Reading, headline
from kpis.selectors.scorecard import default_month
from kpis.status import Bands, Direction, Status

KNOWN_MONTHS = 6  # that a line is laid through
IN_A_ROW = 3  # changes for the worse before anything is said of a trend
AHEAD = 3  # months that the line is followed


@dataclass(frozen=True, slots=True)
class _Scope:
    """A unit whose KPIs are watched: the top of a tree, or one with targets of its own."""

    unit: OrgUnit
    unit_ids: frozenset[int]
    keys: tuple[str, ...]


def judged() -> Iterator[Concern]:
    """Breaches and trends, in a few queries for each watched unit."""
    owners = _owners()
    for scope in _scopes():
        for reading in _readings(scope):
            found = _breach(reading) or _trend(reading)
            if found is None:
                continue
            kind, text, grave = found
            owner = owners.get((reading.kpi.key, scope.unit.pk)) or owners.get((reading.kpi.key, None))
            yield Concern(kind, reading.kpi.key, reading.month, text, grave, unit_id=scope.unit.pk, owner_id=owner)


def _scopes() -> list[_Scope]:
    units = list(OrgUnit.objects.order_by("path"))
    own: dict[int, set[str]] = {}
    for unit_id, key in Target.objects.filter(unit__isnull=False).values_list("unit_id", "kpi"):
        own.setdefault(unit_id or 0, set()).add(key)
    known = catalogue.current().in_force
    scopes = []
    for unit in units:
        keys = tuple(known) if unit.parent_id is None else tuple(sorted(own.get(unit.pk, set()) & known.keys()))
        if keys:
            below = frozenset(other.pk for other in units if other.path.startswith(unit.path))
            scopes.append(_Scope(unit, below, keys))
    return scopes


def _readings(scope: _Scope) -> Iterator[Reading]:
    """What the portal records itself is read as of today, everything else of the month that is over."""
    known = catalogue.current().in_force
    today = [key for key in scope.keys if _is_live(known[key])]
    over = [key for key in scope.keys if not _is_live(known[key])]
    last = default_month()
    for keys, month in ((today, months.add(last, 1)), (over, last)):
        if keys:
            yield from headline(scope.unit_ids, month, keys, length=KNOWN_MONTHS, top=scope.unit.path)


def _is_live(kpi: Kpi) -> bool:
    return kpi.source == "records" and kpi.window is Window.SNAPSHOT


def _owners() -> dict[tuple[str, int | None], int]:
    """Who answers for a target, by KPI and unit; of several periods, the latest that was set."""
    rows = Target.objects.filter(owner__isnull=False).order_by("set_at")
    return {(key, unit): owner for key, unit, owner in rows.values_list("kpi", "unit_id", "owner_id") if owner}


def _breach(reading: Reading) -> tuple[AlertKind, str, bool] | None:
    if reading.status is not Status.OFF_TRACK:
        return None
    since = _off_track_since(reading)
    text = f"{reading.kpi.name} is {reading.value_words}, target {reading.target_words}, in {reading.month:%B %Y}"
    lasting = f"; off track since {since:%B %Y}" if since != reading.month else ""
    return AlertKind.BREACH, f"{text}{lasting}{' (provisional)' if reading.provisional else ''}.", True


def _off_track_since(reading: Reading) -> date:
    """The first month of the row of months that are off track, as far as the trend reaches."""
    since = reading.month
    for point in reversed(reading.comparable):
        if point.value is None or reading.bands.distance(point.value) <= reading.bands.tolerance:
            break
        since = point.month
    return since


def _trend(reading: Reading) -> tuple[AlertKind, str, bool] | None:
    """Three changes for the worse in a row, and a straight line that leaves the target within three months."""
    limit = _limit(reading)
    values = [point.value for point in reading.comparable if point.value is not None]
    if limit is None or reading.value is None or len(values) <= IN_A_ROW:
        return None
    sign = 1 if reading.kpi.direction is Direction.UP else -1
    changes = [
        sign * (after - before) for before, after in zip(values[-IN_A_ROW - 1 :], values[-IN_A_ROW:], strict=False)
    ]
    if max(changes) >= 0:
        return None
    slope = _slope(values)
    ahead = next((n for n in range(1, AHEAD + 1) if sign * (values[-1] + n * slope - limit) < 0), None)
    if ahead is None:
        return None
    when = months.add(reading.month, ahead)
    becomes = "leave its target" if reading.status is Status.ON_TRACK else "be off track"
    text = (
        f"{reading.kpi.name} got worse three months in a row, to {reading.value_words} in {reading.month:%B %Y}; "
        f"at this pace it will {becomes} ({reading.target_words}) in {when:%B %Y}."
    )
    return AlertKind.TREND, text, False


def _limit(reading: Reading) -> Decimal | None:
    """The bound that must not be crossed: of the target, or of what is still worth a watch only."""
    if reading.status not in (Status.ON_TRACK, Status.WATCH):
        return None
    bands: Bands = reading.bands
    slack = bands.tolerance if reading.status is Status.WATCH else Decimal(0)
    if reading.kpi.direction is Direction.UP and bands.low is not None:
        return bands.low - slack
    if reading.kpi.direction is Direction.DOWN and bands.high is not None:
        return bands.high + slack
    return None


def _slope(values: Sequence[Decimal]) -> Decimal:
    """How much a straight line through the values changes from one to the next (least squares)."""
    n = len(values)
    middle, mean = Decimal(n - 1) / 2, sum(values, Decimal(0)) / n
    spread = sum(((place - middle) ** 2 for place in range(n)), Decimal(0))
    return sum(((place - middle) * (value - mean) for place, value in enumerate(values)), Decimal(0)) / spread
