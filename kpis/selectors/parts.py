"""What a KPI is made of: by unit, tier, stage, use case and vendor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import NullIf

from caio_portal.accounts.models import OrgUnit, User
from kpis import words
from kpis.catalogue import INVITED, MAIN, Kpi
from kpis.selectors.discretion import Discretion
from kpis.selectors.readings import LOW_RESPONSE, judge, response
from kpis.selectors.sums import UnitIds, told
from kpis.selectors.window import told_hist
from kpis.status import Bands, Direction, Status
from kpis.values import Formula, Histogram, Sums, histogram, total
from portfolio.models import UseCase
from portfolio.stages import Stage
from vendors.models import Vendor

RECORDS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a value: of a unit, a tier, a use case or a vendor."""

    kpi: Kpi
    name: str
    value: Decimal | None
    sums: Sums
    status: Status
    url: str = ""
    ref: str = ""
    tier: int | None = None
    tier_provisional: bool = False
    stage: str = ""
    hidden: bool = False  # too few people to show
    response: Decimal | None = None  # 0 to 1: how many of those invited answered

    @property
    def response_words(self) -> str:
        return "–" if self.response is None else words.share(self.response)

    @property
    def is_low_response(self) -> bool:
        return self.response is not None and self.response < LOW_RESPONSE

    @property
    def words(self) -> str:
        return words.value(self.kpi, self.value)

    @property
    def made_of(self) -> str:
        return words.made_of(self.kpi, self.sums)


def by_unit(kpi: Kpi, bands: Bands, window: QuerySet[Any], discretion: Discretion, month: date) -> tuple[Part, ...]:
    """Every unit by itself, without those below it."""
    by_unit: dict[int, dict[str, list[Sums]]] = {}
    rows = window.filter(use_case_id=None, vendor_id=None)
    told = rows.values_list("unit_id", "month", "series", "told_num", "told_den", "told_n", "hist", "before")
    hidden = set[int]()
    for unit, each, series, num, den, n, hist, before in told:
        sums = by_unit.setdefault(unit, {})
        until = discretion.until_alone(kpi, unit, month)
        if until is None or each > until:
            hidden |= {unit} if n else set()
        else:
            sums.setdefault(series, []).append(Sums(num, den, n, told_hist(hist, before)))
    names = OrgUnit.objects.in_bulk(by_unit)
    found = (
        (
            unit,
            replace(
                _part(
                    kpi, bands, str(names[unit]), total(series.get(MAIN, [])), control=total(series.get("control", []))
                ),
                response=response(total(series.get(INVITED, []))),
            ),
        )
        for unit, series in by_unit.items()
        if unit in names
    )
    return _sorted(kpi, (_discreet(part) if unit in hidden and not part.sums.n else part for unit, part in found))


# By what use cases were at the end of each month; where nothing of that is recorded, by what they are.
_FIELDS = """
SELECT was.tier, was.stage, grouping(was.stage), sum({num}), sum({den}), sum({n})::bigint,
  array_agg(({hist})::text) FILTER (WHERE ({hist}) IS NOT NULL)
FROM kpi_value AS value JOIN use_case ON use_case.id = value.use_case_id
{as_known}
LEFT JOIN LATERAL (
  SELECT CASE WHEN jsonb_array_length(trace->'held') > 0 OR ceiling = tier THEN tier END AS tier, true AS is_recorded
  FROM tiering
  WHERE use_case_id = use_case.id AND at < (value.month + interval '1 month') AT TIME ZONE 'UTC'
  ORDER BY at DESC, id DESC LIMIT 1
) AS tiered ON true
LEFT JOIN LATERAL (
  SELECT after AS stage FROM stage_move
  WHERE use_case_id = use_case.id AND moved_at < (value.month + interval '1 month') AT TIME ZONE 'UTC'
  ORDER BY moved_at DESC, id DESC LIMIT 1
) AS moved ON true
CROSS JOIN LATERAL (
  SELECT CASE WHEN tiered.is_recorded THEN tiered.tier ELSE use_case.tier END AS tier,
    coalesce(moved.stage, use_case.stage) AS stage
) AS was
WHERE value.kpi = %(kpi)s AND value.number = %(number)s AND value.series = '' AND value.month = ANY(%(months)s)
  AND value.use_case_id IS NOT NULL AND {there} {recorded}
  AND (%(units)s::bigint[] IS NULL OR value.unit_id = ANY(%(units)s))
GROUP BY GROUPING SETS ((was.tier), (was.stage)) ORDER BY was.tier DESC NULLS FIRST
"""


def by_use_case_field(
    kpi: Kpi, bands: Bands, month: date, units: UnitIds, known_on: datetime | None = None
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """By tier, and by stage; in one query."""
    if "use_case" not in kpi.dimensions or kpi.suppress_below:
        return (), ()
    parameters: dict[str, Any] = {
        "kpi": kpi.key, "number": kpi.counted_by, "months": list(kpi.window.months(month)),
        "units": None if units is None else sorted(units), "known_on": known_on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS.format(**told(known_on)), parameters)
        rows = cursor.fetchall()
    tiers = tuple(
        _part(kpi, bands, f"Tier {tier}" if tier else "Not yet known", Sums(num, den, n, _added(hists)), tier=tier or 0)
        for tier, _, is_tier, num, den, n, hists in rows
        if is_tier
    )
    by_stage = {
        stage: Sums(num, den, n, _added(hists)) for _, stage, is_tier, num, den, n, hists in rows if not is_tier
    }
    stages = tuple(_part(kpi, bands, stage.label, by_stage[stage], stage=stage) for stage in Stage if stage in by_stage)
    return tiers, stages


def _added(hists: list[str] | None) -> Histogram:
    """Histograms in PostgreSQL's notation, {0,1,2}, added up."""
    parts = (histogram(map(int, hist.strip("{}").split(","))) for hist in hists or ())
    return total(Sums(hist=part) for part in parts).hist


def use_cases(kpi: Kpi, bands: Bands, window: QuerySet[Any], user: User) -> tuple[tuple[Part, ...], int]:
    """The use cases that count, the worst first; those that the reader may not see are not named."""
    if "use_case" not in kpi.dimensions or kpi.suppress_below:
        return (), 0
    rows = (
        window.filter(use_case_id__isnull=False, series=MAIN)
        .filter(use_case_id__in=UseCase.objects.visible_to(user).values("pk"))
        .values("use_case_id")
        .annotate(total_num=Sum("told_num"), total_den=Sum("told_den"), total_n=Sum("told_n"))
    )
    share = (
        F("total_num") * 1.0 / NullIf(F("total_den"), Value(0)) if kpi.formula is not Formula.SUM else F("total_num")
    )
    worst = share.asc(nulls_first=True) if kpi.direction is Direction.UP else share.desc(nulls_last=True)
    shown = list(rows.order_by(worst, "use_case_id")[:RECORDS_SHOWN])
    found = UseCase.objects.in_bulk([row["use_case_id"] for row in shown])
    parts = []
    for row in shown:
        use_case = found[row["use_case_id"]]
        sums = Sums(row["total_num"], row["total_den"], row["total_n"])
        amount = sums.num / sums.n if kpi.formula is Formula.PERCENTILE and sums.n else kpi.value(sums)
        status = judge(kpi, amount, bands, Sums(den=sums.den, n=kpi.minimum_sample))  # one record is a sample here
        tier = use_case.tier, use_case.tier_provisional
        parts.append(Part(kpi, use_case.title, amount, sums, status, use_case.get_absolute_url(), use_case.ref, *tier))
    return tuple(parts), rows.count()


def by_vendor(kpi: Kpi, bands: Bands, window: QuerySet[Any]) -> tuple[Part, ...]:
    if "vendor" not in kpi.dimensions or kpi.suppress_below:
        return ()
    rows = (
        window.filter(vendor_id__isnull=False, series=MAIN)
        .values_list("vendor_id")
        .annotate(Sum("told_num"), Sum("told_den"), Sum("told_n"))
    )
    sums: Mapping[int, Sums] = {vendor: Sums(num, den, n) for vendor, num, den, n in rows}
    found = Vendor.objects.in_bulk(sums)
    return _sorted(
        kpi,
        (
            _part(kpi, bands, found[pk].name, each, url=found[pk].get_absolute_url())
            for pk, each in sums.items()
            if pk in found
        ),
    )


def _part(
    kpi: Kpi,
    bands: Bands,
    name: str,
    sums: Sums,
    *,
    control: Sums | None = None,
    url: str = "",
    tier: int | None = None,
    stage: str = "",
) -> Part:
    amount = kpi.value(sums, control)
    return Part(kpi, name, amount, sums, judge(kpi, amount, bands, sums), url, tier=tier, stage=stage)


def _discreet(part: Part) -> Part:
    """What is told by so few people that somebody could be told, here or by subtraction."""
    return replace(part, value=None, sums=Sums(), status=Status.NO_DATA, hidden=True, response=None)


def _sorted(kpi: Kpi, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The worst first, those without a value last."""
    sign = 1 if kpi.direction is Direction.UP else -1
    return tuple(sorted(parts, key=lambda part: (part.value is None, sign * (part.value or 0), part.name)))
