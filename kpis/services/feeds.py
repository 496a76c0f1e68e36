"""Deliveries: a file is looked at, loaded whole or not at all, and can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.models import StoredFile
from kpis import catalogue, months, rules
from kpis.feeds import loading
from kpis.feeds.delivery import Pinned, Report, Scope
from kpis.models import BatchState, DeliveryStyle, Feed, FeedBatch, PinnedRun, UnmatchedSpend
from kpis.services import reading, rollups


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a delivery."""

    feed: Feed
    report: Report
    observations: int
    new: int
    batches: tuple[FeedBatch, ...]
    unchanged: bool = False


@transaction.atomic
def save_feed(feed: Feed, *, by: User | None) -> Feed:
    """Add a feed, or change how it is read."""
    mapping = reading.checked_mapping(feed)
    if mapping.pull and (objection := rules.objection_to_pull(mapping.pull)):
        raise Invalid(objection, field="mapping")
    new = feed.pk is None
    feed.save()
    record("feed.created" if new else "feed.changed", feed, by=by, unit=feed.unit_id)
    return feed


@transaction.atomic
def retire_feed(feed_id: int, reason: str, *, by: User) -> Feed:
    """Stop a feed: no file is taken or fetched any longer, nobody misses one, and no month waits for it."""
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    require(rules.objection_to_feed(by, feed))
    feed.retired_at = clock.now()
    feed.save(update_fields=["retired_at"])
    rollups.mark_settled(f"The feed {feed.name} is retired"[:120])
    record("feed.retired", feed, by=by, unit=feed.unit_id, reason=reason)
    return feed


@transaction.atomic
def resume_feed(feed_id: int, *, by: User) -> Feed:
    """Use a retired feed again; the months after its last delivery wait for it."""
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    require(rules.objection_to_resume_feed(by, feed))
    feed.retired_at = None
    feed.save(update_fields=["retired_at"])
    if feed.watermark:
        _mark_waiting(feed, feed.watermark, clock.today(), f"The feed {feed.name} is used again"[:120])
    record("feed.resumed", feed, by=by, unit=feed.unit_id)
    return feed


def try_file(feed: Feed, file: StoredFile, *, encoding: str = "") -> Report:
    """Read a file as `load_file` would, and write nothing."""
    with reading.delivery(feed, file, encoding) as delivery:
        for _ in delivery.staged():
            pass
    return delivery.report


@transaction.atomic
def load_file(
    feed_id: int,
    file: StoredFile,
    *,
    by: User | None,
    encoding: str = "",
    skip_invalid: bool = False,
    again: bool = False,
) -> Loaded:
    """Load a file into a feed; the same file once more changes nothing, unless `again` reads it by the rules of now.

    Raises Invalid, and loads nothing, when a row cannot be used, unless `skip_invalid`.
    """
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    if feed.retired_at:  # meanwhile: the file had been taken before
        raise Invalid("This feed is retired.", field="file")
    with reading.delivery(feed, file, encoding) as delivery:
        observations = loading.stage(delivery)
    _require_rows(delivery.report, skip_invalid)
    scopes = [scope for scope in delivery.scopes.values() if _is_loaded(feed, scope, file) is again]
    if not scopes:
        return Loaded(feed, delivery.report, observations, 0, (), unchanged=True)
    report = delivery.report.as_dict() | {"encoding": encoding}
    replaced = _replace(feed, scopes, file if again else None)
    batches = [(scope, _batch(feed, scope, file, report, by)) for scope in scopes]
    _keep_unmatched(batches, delivery.report)
    _keep_pinned(feed, batches, delivery.pinned)
    touched = loading.staged_measures()
    loading.make_months(month for months in touched.values() for month in months)
    if feed.style != DeliveryStyle.REPLACEMENT and catalogue.current().stocks & touched.keys():
        loading.replace_stocks(feed)  # what a replacing file covers is gone already
    new = loading.publish(feed, batches)
    _note_repeated(feed, batches, delivery.report, new)
    _note_delivery(feed, touched)
    _mark(touched, batches, replaced)
    record("batch.loaded", feed, by=by, feed=feed.name, file=file.name, rows=delivery.report.rows, sha256=file.sha256)
    return Loaded(feed, delivery.report, observations, new, tuple(batch for _, batch in batches))


@transaction.atomic
def withdraw_batch(batch_id: int, *, by: User, reason: str) -> FeedBatch:
    """Take a batch back: its observations go, its file and report stay, and what it counted in is computed again.

    What other files of the feed repeat stays, and months that were complete by this batch wait again.
    """
    batch = FeedBatch.objects.select_for_update().select_related("feed").get(pk=batch_id)
    if batch.state != BatchState.LOADED:
        raise NotAllowed("Only a loaded batch can be withdrawn.")
    measures = _measures_of(batch)
    loading.remove([batch])
    _end(batch, BatchState.WITHDRAWN)
    rollups.mark_dirty(measures, f"Batch {batch.pk} was withdrawn", batch=batch)
    feed, complete = batch.feed, batch.feed.watermark
    _set_watermark(feed)
    feed.save(update_fields=["watermark"])
    if complete and complete != feed.watermark:
        _mark_waiting(feed, feed.watermark or batch.first_month, complete, f"Batch {batch.pk} was withdrawn")
    _bring_back(batch, by)
    record("batch.withdrawn", batch, by=by, unit=batch.feed.unit_id, reason=reason)
    return batch


def _require_rows(report: Report, skip_invalid: bool) -> None:
    if report.rows == report.rejected:
        raise Invalid(_first_problem(report) if report.rejected else "The file has no rows.", field="file")
    if report.rejected and not skip_invalid:
        raise Invalid(f"{report.rejected} of {report.rows} rows cannot be used. {_first_problem(report)}", field="file")


def _first_problem(report: Report) -> str:
    problem = report.problems[0]
    return f"Line {problem.line}, {problem.column}: {problem.sentence}"


def _is_loaded(feed: Feed, scope: Scope, file: StoredFile) -> bool:
    return FeedBatch.objects.filter(feed=feed, scope=scope.name, sha256=file.sha256, state=BatchState.LOADED).exists()


def _replace(feed: Feed, scopes: list[Scope], again: StoredFile | None) -> list[tuple[FeedBatch, dict[int, set[date]]]]:
    """Take out what replacing deliveries, or a file read again, replace; refuse one older than what is there."""
    if feed.style != DeliveryStyle.REPLACEMENT and again is None:
        return []
    names = {scope.name: scope for scope in scopes}
    old = list(
        FeedBatch.objects.filter(
            feed=feed, scope__in=names, state=BatchState.LOADED, **({"sha256": again.sha256} if again else {})
        )
    )
    for batch in old:
        exported_at = names[batch.scope].exported_at
        if batch.exported_at and exported_at and exported_at < batch.exported_at:
            raise Invalid(f"The file was exported before the one that is loaded for {batch.scope}.", field="file")
    replaced = [(batch, _measures_of(batch)) for batch in old]
    loading.remove(old)
    for batch in old:
        _end(batch, BatchState.SUPERSEDED)
    return replaced


def _measures_of(batch: FeedBatch) -> dict[int, set[date]]:
    with connection.cursor() as cursor:
        cursor.execute(_MEASURES_OF_BATCH, [batch.pk, batch.first_month, batch.last_month])
        found: dict[int, set[date]] = {}
        for measure, month in cursor.fetchall():
            found.setdefault(measure, set()).add(month)
    return found


_MEASURES_OF_BATCH = """
SELECT DISTINCT measure, date_trunc('month', observed_at, 'UTC')::date FROM observation
WHERE batch_id = %s AND observed_at >= %s::timestamp AT TIME ZONE 'UTC'
  AND observed_at < (%s::date + interval '1 month') AT TIME ZONE 'UTC'
"""


def _batch(feed: Feed, scope: Scope, file: StoredFile, report: Mapping[str, Any], by: User | None) -> FeedBatch:
    return FeedBatch.objects.create(
        feed=feed, scope=scope.name, sha256=file.sha256, file=file, exported_at=scope.exported_at,
        watermark=scope.watermark, first_month=scope.first_month, last_month=scope.last_month, rows=scope.rows,
        report=report, loaded_by=by.pk if by else None,
    )  # fmt: skip


def _keep_unmatched(batches: list[tuple[Scope, FeedBatch]], report: Report) -> None:
    """For the worklist: what no rule allocates."""
    by_scope = {scope.number: batch for scope, batch in batches}
    UnmatchedSpend.objects.bulk_create(
        UnmatchedSpend(batch=by_scope[what.scope], month=what.month, labels=dict(what.labels), amount=amount, rows=rows)
        for what, (amount, rows) in report.unmatched.items()
        if what.scope in by_scope
    )


def _keep_pinned(feed: Feed, batches: list[tuple[Scope, FeedBatch]], pinned: list[Pinned]) -> None:
    """On which sets of questions the batches were graded; a change of set concerns all later months of the suite."""
    by_scope = {scope.number: batch for scope, batch in batches}
    PinnedRun.objects.bulk_create(
        PinnedRun(feed=feed, batch=by_scope[run.scope], **{k: v for k, v in run._asdict().items() if k != "scope"})
        for run in pinned
        if run.scope in by_scope
    )


def _note_repeated(feed: Feed, batches: list[tuple[Scope, FeedBatch]], report: Report, new: int) -> None:
    """Say how much of a file that adds was there already: it counts once, and for which file is seen here."""
    if feed.style == DeliveryStyle.REPLACEMENT:
        return
    if repeated := loading.staged_in(scope for scope, _ in batches) - new:
        report.warnings["What an earlier file of this feed brought, word for word; it counts once."] = repeated
        for _, batch in batches:
            batch.report = batch.report | report.as_dict() | {"repeated": repeated}
            batch.save(update_fields=["report"])


def _bring_back(gone: FeedBatch, by: User) -> None:
    """What a batch brought and another loaded file of the feed repeats was kept once, with the batch: read it again."""
    others = FeedBatch.objects.filter(
        feed=gone.feed, state=BatchState.LOADED, report__repeated__gt=0, file__isnull=False,
        first_month__lte=gone.last_month, last_month__gte=gone.first_month,
    )  # fmt: skip
    files = {batch.file_id: batch for batch in others.select_related("file").order_by("pk")}
    for batch in files.values():
        if batch.file:
            encoding = str(batch.report.get("encoding", ""))
            load_file(gone.feed_id, batch.file, by=by, encoding=encoding, skip_invalid=True, again=True)


def _set_watermark(feed: Feed) -> None:
    """Complete up to the newest day that a loaded batch reaches."""
    loaded = FeedBatch.objects.filter(feed=feed, state=BatchState.LOADED)
    feed.watermark = loaded.aggregate(newest=Max("watermark"))["newest"]


def _mark_waiting(feed: Feed, since: date, until: date, cause: str) -> None:
    """The months between two days are not complete, or no longer, for want of this feed."""
    waiting, book = set(months.between(months.first(since), months.first(until))), catalogue.current().measures
    rollups.mark_dirty({book[key].id: waiting for key in feed.measures if key in book}, cause)


def _note_delivery(feed: Feed, touched: Mapping[int, set[date]]) -> None:
    by_id = {measure.id: key for key, measure in catalogue.current().measures.items()}
    feed.measures = sorted({*feed.measures, *(by_id[measure] for measure in touched)})
    _set_watermark(feed)
    feed.save(update_fields=["measures", "watermark"])


def _mark(
    touched: Mapping[int, set[date]],
    batches: list[tuple[Scope, FeedBatch]],
    replaced: list[tuple[FeedBatch, dict[int, set[date]]]],
) -> None:
    newest = batches[-1][1]
    rollups.mark_dirty(touched, f"Batch {newest.pk} was loaded", batch=newest)
    for batch, measures in replaced:
        rollups.mark_dirty(measures, f"Batch {newest.pk} replaced batch {batch.pk}", batch=newest)


def _end(batch: FeedBatch, state: BatchState) -> None:
    batch.state, batch.ended_at = state, clock.now()
    batch.save(update_fields=["state", "ended_at"])
