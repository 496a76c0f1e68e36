"""Rollups: each family of KPIs is computed again for the months in which something about it changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min

from caio_portal.common import clock, jobs
from kpis import catalogue, months, published, rollup_sql
from kpis.catalogue import Catalogue, Kpi
from kpis.models import DeliveryStyle, DirtyMonth, Feed, FeedBatch, KpiValue, KpiVersion, PinnedRun, Rollup

KIND = "kpis.rollup"
LONGEST = 60  # months of history at most
NEW_VERSION = "A definition has a new version"  # why the past is counted again


@dataclass(frozen=True, slots=True)
class Rolled:
    """What computing a family for a month came to."""

    family: str
    month: date
    values: int
    written: int
    revised: int


def mark_dirty(measures: Mapping[int, Iterable[date]], cause: str, *, batch: FeedBatch | None = None) -> None:
    """Note that observations of these measures changed in these months, for the definitions of now.

    Whoever publishes one waits until this transaction ends, and counts what it brings.
    """
    book = published.settled()
    keys = {measure.id: key for key, measure in book.measures.items()}
    wanted = {
        (family, month)
        for measure, touched in measures.items()
        for family in book.families_of(keys[measure])
        for month in touched
    }
    mark_families(wanted, cause, batch=batch)


def mark_families(
    wanted: Iterable[tuple[str, date]], cause: str, *, batch: FeedBatch | None = None, ask: bool = True
) -> None:
    """Note families to compute again, and ask for it unless the caller will `roll_up_due`, or the clock is moved."""
    now = clock.now()
    rows = DirtyMonth.objects.bulk_create(
        DirtyMonth(family=family, month=month, cause=cause, batch=batch, marked_at=now)
        for family, month in sorted(wanted)
    )
    if ask and clock.is_present():
        for row in rows:
            payload = {"family": row.family, "month": row.month.isoformat()}
            jobs.request(KIND, f"{row.family}:{row.month:%Y-%m}:{row.pk}", payload)


def roll_up(family: str, month: date, *, as_of: datetime | None = None) -> Rolled:
    """Compute a family for a month and write what changed; see `roll_up_month`."""
    (rolled,) = roll_up_month([family], month, as_of=as_of)
    return rolled


@transaction.atomic
def roll_up_month(families: Iterable[str], month: date, *, as_of: datetime | None = None) -> list[Rolled]:
    """Compute families for a month in one pass over its observations, and write what changed.

    Doing it twice changes nothing; two at once wait in line.
    """
    names = sorted(set(families))
    for family in names:  # always in the same order: nobody waits for one who waits for him
        _take_turn(family, month)
    seen = list(DirtyMonth.objects.filter(family__in=names, month=month).order_by("pk"))
    book = published.latest()  # after the marks: whatever made them is known
    kpis = tuple(kpi for family in names for kpi in _computed(book, family))
    parameters = parameters_of(book, kpis, month, as_of, seen)
    counts: dict[str, tuple[int, int, int]] = {}
    if kpis:
        with connection.cursor() as cursor:
            later = bool(parameters["stocks"] or parameters["pinned"])
            cursor.execute(rollup_sql.statement(kpis, later=later), parameters)
            counts = {family: tuple(numbers) for family, *numbers in cursor.fetchall()}
    # Only those seen: what was marked meanwhile is for the next run.
    DirtyMonth.objects.filter(pk__in=[row.pk for row in seen]).delete()
    done = [Rolled(family, month, *counts.get(family, (0, 0, 0))) for family in names]
    _note_rollups(done, parameters["as_of"])
    return done


def _note_rollups(done: Iterable[Rolled], as_of: datetime) -> None:
    Rollup.objects.bulk_create(
        [
            Rollup(family=one.family, month=one.month, as_of=as_of, computed_at=clock.now(), values=one.values,
                   changed=one.written)
            for one in done
        ],
        update_conflicts=True, unique_fields=["family", "month"],
        update_fields=["as_of", "computed_at", "values", "changed"],
    )  # fmt: skip


def due() -> list[tuple[str, date]]:
    """What is marked and not yet computed, oldest month first."""
    return list(DirtyMonth.objects.order_by("month", "family").values_list("family", "month").distinct())


def roll_up_due(progress: Any = None) -> list[Rolled]:
    """Compute everything that is marked."""
    waiting = groupby(due(), key=lambda marked: marked[1])
    by_month = [(month, [family for family, _ in marked]) for month, marked in waiting]
    done: list[Rolled] = []
    for number, (month, families) in enumerate(by_month, start=1):
        done += roll_up_month(families, month)
        if progress:
            progress(number, len(by_month))
    return done


def mark_records(last: int | None = None, cause: str = "Scheduled") -> None:
    """Mark the families made of the portal's own records: the last so many months, or all."""
    families = sorted({kpi.family for kpi in catalogue.current().kpis if kpi.source == "records"})
    mark_families(_months_times(families, last), cause, ask=False)


def mark_business_days(cause: str) -> None:
    """Mark what is counted in business days, all months: other days count now."""
    families = sorted({kpi.family for kpi in catalogue.current().kpis if kpi.uom == "business_days"})
    mark_families(_months_times(families, None), cause, ask=False)


def mark_settled(cause: str = "The month is complete") -> None:
    """Mark what was provisional and is no longer: the month is over, its lag has passed and its feeds are through."""
    now, watermarks, known = clock.now(), _watermarks(), catalogue.current().in_force
    provisional = KpiValue.objects.filter(provisional=True, month__lt=months.first(now.date()))
    rows = provisional.order_by().values_list("kpi", "number", "month").distinct()
    settled = {
        (known[key].family, month)
        for key, number, month in rows
        if key in known and number == known[key].counted_by and not is_provisional(known[key], month, now, watermarks)
    }
    mark_families(settled, cause, ask=False)


def mark_everything(cause: str = "Computed from scratch") -> None:
    mark_all_months(published.latest().families, cause)


def mark_all_months(families: Iterable[str], cause: str, *, ask: bool = False) -> None:
    """Mark families for every month since the first record or observation."""
    mark_families(_months_times(sorted(families), None), cause, ask=ask)


def changes_of_recomputing() -> list[Rolled]:
    """Compute everything from scratch and take it back; returns what would have changed."""
    differing: list[Rolled] = []
    for month in _all_months():
        with transaction.atomic():
            rolled = roll_up_month(published.latest().families, month)
            transaction.set_rollback(True)
        differing += [one for one in rolled if one.written]
    return differing


def record_versions() -> None:
    """Keep the definitions of the catalogue beside the values; a changed definition needs a new version number."""
    known = {(row.kpi, row.number): row for row in KpiVersion.objects.all()}
    missing, changed = [], set[str]()
    for kpi in published.latest().kpis:
        row = known.get((kpi.key, kpi.version))
        if row is None:
            missing.append(version_of(kpi))
            changed |= {kpi.family} if any(key == kpi.key for key, _ in known) else set()
        elif row.document["definition"] != kpi.definition():
            raise ValueError(f"{kpi.key} counts something else than version {kpi.version} did: raise its version.")
    KpiVersion.objects.bulk_create(missing, ignore_conflicts=True)
    if changed:  # the new version counts the past, too, and stands beside what the old one counted
        mark_all_months(changed, NEW_VERSION)


def version_of(kpi: Kpi) -> KpiVersion:
    """The row that keeps a definition beside the values, not saved yet."""
    document = {"definition": kpi.definition(), "text": kpi.model_dump(mode="json")}
    return KpiVersion(kpi=kpi.key, number=kpi.version, document=document, valid_from=clock.today())


def _computed(book: Catalogue, family: str) -> tuple[Kpi, ...]:
    return tuple(kpi for kpi in book.of_family(family) if kpi.source == "observations" or rollup_sql.is_known(kpi.key))


def _take_turn(family: str, month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{KIND}:{family}:{month}"])


def parameters_of(
    book: Catalogue, kpis: tuple[Kpi, ...], month: date, as_of: datetime | None = None, seen: Sequence[DirtyMonth] = ()
) -> dict[str, Any]:
    """What the statements of `rollup_sql` need to know of KPIs and a month."""
    measures = book.measures
    terms = [(kpi, term) for kpi in kpis for term in kpi.terms]
    timed = [(kpi, term) for kpi, term in terms if term.hist]
    now, watermarks, last = clock.now(), _watermarks(), {row.family: row for row in seen}
    wanted = {measures[key].id for kpi in kpis for key in (*kpi.measures, *(term.measure for term in kpi.terms))}
    stocks, pinned = _counted_again(book, kpis, month)
    return {
        "family": [kpi.family for kpi in kpis], "month": month, "last": months.last(month),
        "start": months.start(month), "end": months.end(month), "now": now,
        "as_of": min(as_of or now, now, months.end(month)),
        "cause": [last[kpi.family].cause if kpi.family in last else "Computed again" for kpi in kpis],
        "batch": [last[kpi.family].batch_id if kpi.family in last else None for kpi in kpis],
        "kpi": [kpi.key for kpi in kpis], "number": [kpi.counted_by for kpi in kpis],
        "provisional": [is_provisional(kpi, month, now, watermarks) for kpi in kpis],
        "measures": sorted(wanted - stocks - pinned), "stocks": sorted(wanted & stocks),
        "pinned": sorted(wanted & pinned), "golden_set": measures["golden_set"].id,
        "term_kpi": [kpi.key for kpi, _ in terms], "term_series": [term.series for _, term in terms],
        "term_measure": [measures[term.measure].id for _, term in terms],
        "term_num": [term.num for _, term in terms], "term_den": [term.den for _, term in terms],
        "term_apart": [term.measure in book.distinct for _, term in terms],
        "term_counts": [term.n for _, term in terms], "holidays": sorted(settings.HOLIDAYS),
        "timed": [measures[term.measure].id for _, term in timed], "timed_kpi": [kpi.key for kpi, _ in timed],
        "timed_series": [term.series for _, term in timed], "effective_cost": measures["effective_cost"].id,
    }  # fmt: skip


def _counted_again(book: Catalogue, kpis: tuple[Kpi, ...], month: date) -> tuple[set[int], set[int]]:
    """Stocks of feeds whose files add up, and what was graded on pinned sets: of these the last count stands."""
    adding = Feed.objects.exclude(style=DeliveryStyle.REPLACEMENT).values_list("measures", flat=True)
    stocks = {book.measures[key].id for measures in adding for key in measures if key in book.measures} & book.stocks
    if not any(book.is_pinned(kpi) for kpi in kpis):
        return stocks, set()
    runs = PinnedRun.objects.filter(observed_at__gte=months.start(month), observed_at__lt=months.end(month))
    return stocks, set(runs.values_list("measure", flat=True).distinct())


def _watermarks() -> dict[str, date]:
    """Up to which day each measure is complete: the least of the feeds that bring it."""
    found: dict[str, date] = {}
    for measures, watermark in Feed.objects.filter(retired_at=None).values_list("measures", "watermark"):
        for measure in measures:
            found[measure] = min(found.get(measure, date.max), watermark or date.min)
    return found


def is_provisional(kpi: Kpi, month: date, now: datetime, watermarks: Mapping[str, date]) -> bool:
    """Whether the month may still change: it is not over, or late data are expected, or a feed is not through it."""
    if now < months.end(month) + timedelta(days=kpi.lag_days):
        return True
    needed = {*kpi.measures, *(term.measure for term in kpi.terms)}
    return any(watermarks.get(measure, date.max) < months.last(month) for measure in needed)


def _months_times(families: Iterable[str], last: int | None) -> list[tuple[str, date]]:
    return [(family, month) for month in _all_months(last) for family in families]


def _all_months(last: int | None = None) -> list[date]:
    """The last so many months; without a number, all since the first record or observation."""
    this = months.first(clock.now().date())
    first = months.add(this, 1 - last) if last else max(_first_month(), months.add(this, 1 - LONGEST))
    return months.between(first, this)


def _first_month() -> date:
    """The month of the oldest record or observation."""
    from portfolio.models import StageMove

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(right(relid::text, 6)) FROM pg_partition_tree('observation') WHERE isleaf AND level > 0"
        )
        oldest = cursor.fetchone()[0]
    moved = StageMove.objects.aggregate(first=Min("moved_at"))["first"]
    found = [months.parse(f"{oldest[:4]}-{oldest[4:]}")] if oldest else []
    return min([*found, *([months.first(moved.date())] if moved else [])], default=months.first(clock.now().date()))
