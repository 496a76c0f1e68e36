"""Where a value comes from: its inputs, the batches that brought them, and what it was before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from kpis import catalogue, months, words
from kpis.catalogue import Kpi
from kpis.models import Feed, FeedBatch, KpiRevision, Rollup
from kpis.selectors.sums import UnitIds
from kpis.values import Sums

_INPUTS = """
SELECT coalesce(sum(inputs), 0)::bigint FROM kpi_value
WHERE kpi = %(kpi)s AND number = %(number)s AND month BETWEEN %(first)s AND %(last)s
  AND use_case_id IS NULL AND vendor_id IS NULL AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
"""
_BATCHES = """
SELECT batch_id, count(*) FROM observation
WHERE observed_at >= %(start)s AND observed_at < %(end)s AND measure = ANY(%(measures)s)
  AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))
GROUP BY batch_id
"""


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a value of a window is made of."""

    inputs: int  # observations or records
    batches: tuple[FeedBatch, ...]
    rollup: Rollup | None
    revisions: tuple["Restated", ...]  # newest first, at most 20


@dataclass(frozen=True, slots=True)
class Restated:
    """A revision with its sums as they read."""

    revision: KpiRevision
    before: str
    after: str


def lineage(kpi: Kpi, units: UnitIds, month: date, known_on: datetime | None = None) -> Lineage:
    """In five queries at most."""
    window = kpi.window.months(month)
    known = catalogue.current().measures  # an older version may name measures that are gone
    measures = [known[name].id for name in inputs_of(kpi) if name in known]
    parameters: dict[str, Any] = {
        "kpi": kpi.key, "number": kpi.counted_by, "first": window[0], "last": month, "measures": measures,
        "start": months.start(window[0]), "end": months.end(month), "units": None if units is None else sorted(units),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INPUTS, parameters)
        inputs = cursor.fetchone()[0]
        wanted = Q(pk__in=[])
        if measures and known_on:
            wanted = loaded_then(kpi, window, known_on)
        elif measures:
            cursor.execute(_BATCHES, parameters)
            found = dict(cursor.fetchall())
            wanted = Q(pk__in=found)
            if kpi.source == "observations":  # what counts in several series is one observation
                inputs = sum(found.values())
    return Lineage(
        inputs,
        tuple(FeedBatch.objects.filter(wanted).select_related("feed", "file").order_by("-pk")[:50]),
        Rollup.objects.filter(family=kpi.family, month=month).first(),
        revisions(kpi, units, window),
    )


def loaded_then(kpi: Kpi, window: tuple[date, ...], known_on: datetime) -> Q:
    """The batches of these months that were loaded on a day, whatever became of them since.

    Their observations may be gone; so the feed's measures tell, and batches of other units are among them.
    """
    feeds = Feed.objects.filter(measures__overlap=list(inputs_of(kpi))).values("pk")
    return Q(
        Q(ended_at=None) | Q(ended_at__gt=known_on), feed__in=feeds, loaded_at__lte=known_on,
        first_month__lte=window[-1], last_month__gte=window[0],
    )  # fmt: skip


def inputs_of(kpi: Kpi) -> tuple[str, ...]:
    """The measures that a KPI reads."""
    return tuple(sorted({*kpi.measures, *(term.measure for term in kpi.terms)}))


def revisions(kpi: Kpi, units: UnitIds, window: tuple[date, ...]) -> tuple[Restated, ...]:
    """How the values of units changed after they were first recorded."""
    found = KpiRevision.objects.filter(
        value__kpi=kpi.key, value__number=kpi.counted_by, value__month__in=window, value__use_case_id=None,
        value__vendor_id=None,
    )  # fmt: skip
    if units is not None:
        found = found.filter(value__unit_id__in=units)
    return tuple(
        Restated(revision, _words(kpi, revision.before), _words(kpi, revision.after))
        for revision in found.select_related("value", "batch").order_by("-at", "-pk")[:20]
    )


def _words(kpi: Kpi, told: Mapping[str, Any]) -> str:
    if kpi.suppress_below:  # the difference of two could tell of the few who came between them
        return "figures that are not shown"
    return words.made_of(kpi, Sums(Decimal(str(told["num"])), Decimal(str(told["den"])), int(told["n"])))
