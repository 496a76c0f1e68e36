"""The stored values of a KPI's window, as they are known now or as they were on a day."""

from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, DecimalField, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from kpis.catalogue import Kpi
from kpis.models import KpiRevision, KpiValue
from kpis.selectors.sums import UnitIds
from kpis.values import Histogram, histogram

_AMOUNT = DecimalField(max_digits=24, decimal_places=6)


def window(kpi: Kpi, units: UnitIds, month: date, known_on: datetime | None = None) -> QuerySet[Any]:
    """The values that count, each with `told_num`, `told_den`, `told_n` and, for `told_hist`, `before`."""
    rows = KpiValue.objects.filter(kpi=kpi.key, number=kpi.counted_by, month__in=kpi.window.months(month))
    if units is not None:
        rows = rows.filter(unit_id__in=units)
    if known_on is None:
        return rows.filter(inputs__gt=0).annotate(
            told_num=F("num"), told_den=F("den"), told_n=F("n"), before=Value(None, JSONField())
        )
    later = KpiRevision.objects.filter(value=OuterRef("pk"), at__gt=known_on).order_by("at", "pk")
    was = rows.filter(recorded_at__lte=known_on).annotate(
        before=Subquery(later.values("before")[:1]),
        told_num=_told("num", later, _AMOUNT), told_den=_told("den", later, _AMOUNT),
        told_n=_told("n", later, BigIntegerField()),
    )  # fmt: skip
    # A revision does not keep how many inputs there were; what was nothing then had no sums.
    return was.filter(Q(before=None, inputs__gt=0) | (~Q(before=None) & ~Q(told_num=0, told_den=0, told_n=0)))


def told_hist(hist: list[int] | None, before: dict[str, Any] | None) -> Histogram:
    """The histogram of a value with what it was `before`, if that is known."""
    return histogram((hist if before is None else before.get("hist")) or ())


def _told(field: str, later: QuerySet[KpiRevision], kind: Any) -> Coalesce:
    return Coalesce(Subquery(later.values(told=Cast(KT(f"before__{field}"), kind))[:1]), F(field))
