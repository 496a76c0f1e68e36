"""The import of an inventory: all rows or none, in one transaction, under one batch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection, transaction
from django.db.models import Count

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from caio_portal.common.models import StoredFile
from portfolio.facts import is_same
from portfolio.inventory import profiles
from portfolio.inventory.differences import changes_of, columns_of
from portfolio.inventory.joining import recognise, write_joined
from portfolio.inventory.mapping import Row
from portfolio.inventory.matching import Known, Matches, Readers, match
from portfolio.inventory.reading import Delivery, Progress, read
from portfolio.inventory.reports import KEPT_ALIKE, NOT_KNOWN, NOT_STATED, Report
from portfolio.inventory.units import Units, source_of
from portfolio.models import BatchState, ExternalRow, ImportBatch, UseCase
from portfolio.services import bulk
from portfolio.stages import Stage


@dataclass(frozen=True)
class Order:
    """What somebody wants imported, and how."""

    profile: str
    unit: str = ""  # the name of the unit that the rows go under; the profile names the usual one
    encoding: str = ""
    version: int = 0  # of the profile; 0 is the newest
    same: Sequence[Sequence[int]] = ()  # line of a row and key of the use case that somebody recognised in it
    skip_invalid: bool = False
    dry_run: bool = False


class Rejected(Invalid):
    """Rows have errors and nothing was imported; the report tells which."""

    def __init__(self, report: Report) -> None:
        rows = "1 row has an error" if report.rejected == 1 else f"{report.rejected:,} rows have errors"
        super().__init__(f"{rows}; nothing was imported.")
        self.report = report


def examine(file: IO[bytes], order: Order, progress: Progress | None = None) -> Delivery:
    """Read a file; raises Refused if it is no table that the profile can read."""
    return read(file, profiles.load(order.profile, order.version), encoding=order.encoding, progress=progress)


def import_delivery(delivery: Delivery, order: Order, stored: StoredFile | None, *, by: User | None) -> Report:
    """Write what was read. A dry run does all of it and rolls back. Raises Rejected unless invalid rows are skipped.

    STORED is the file as it came; only a dry run needs none.
    """
    report = _about(delivery, order, stored)
    if report.rejected and not order.skip_invalid and not order.dry_run:
        raise Rejected(report)
    with transaction.atomic():
        _one_at_a_time()
        _import(delivery, order, stored, report, by)
        if order.dry_run:
            report.batch = None
            transaction.set_rollback(True)
    return report


def _import(delivery: Delivery, order: Order, stored: StoredFile | None, report: Report, by: User | None) -> None:
    units = Units(order.unit or delivery.profile.unit, by=by)
    source = source_of(delivery.profile, units.root)
    readers = Readers(delivery.mapper)
    matches = match([row for row in delivery.rows if not row.rejected], _known(source), readers)
    pairs = [(line, use_case) for line, use_case in order.same]
    alike = recognise(matches, pairs, delivery.profile, units.root, source, search=order.dry_run)
    batch = _open_batch(delivery, units.root, stored, by)
    written = _write(_Writing(delivery, units, batch, source, readers, by), matches)
    report.unit = units.root.name
    report.changes = changes_of(matches.changed, delivery.mapper.keys)
    report.alike = [one.as_dict() for one in alike[:KEPT_ALIKE]]
    _count(report, matches, written)
    _close_batch(batch, report, by)


@dataclass(frozen=True)
class _Writing:
    delivery: Delivery
    units: Units
    batch: ImportBatch
    source: str
    readers: Readers
    by: User | None


def _write(writing: _Writing, matches: Matches) -> list[int]:
    """Write all that is new or changed; returns the keys of the use cases of all rows."""
    writing.units.ensure({row.unit for row, _ in [*matches.new, *_altered(matches)]})
    new = _write_new(writing, matches.new)
    _write_altered(writing, matches)
    joined = write_joined(matches, writing.source, writing.batch, writing.by)
    return [*new, *joined, *(known.use_case_id for _, known in [*matches.same, *_altered(matches)])]


def _altered(matches: Matches) -> list[tuple[Row, Known]]:
    return [*matches.restored, *matches.changed]


def _write_new(writing: _Writing, new: Sequence[tuple[Row, int]]) -> list[int]:
    if not new:
        return []
    use_cases = bulk.register_all(
        [bulk.NewUseCase(row.title, writing.units.key(row.unit), row.facts, row.stage) for row, _ in new],
        batch=writing.batch,
        by=writing.by,
    )
    bulk.keep_rows(
        ExternalRow(
            use_case_id=use_case.pk,
            source=writing.source,
            key=row.key,
            occurrence=occurrence,
            cells=row.cells,
            batch=writing.batch,
        )
        for use_case, (row, occurrence) in zip(use_cases, new, strict=True)
    )
    return [use_case.pk for use_case in use_cases]


def _write_altered(writing: _Writing, matches: Matches) -> None:
    altered = _altered(matches)
    if not altered:
        return
    keys = [known.use_case_id for _, known in altered]
    UseCase.objects.filter(pk__in=keys).exclude(voided_at=None).update(voided_at=None)
    use_cases = UseCase.objects.select_for_update().in_bulk(keys)
    rows, rewrites = [], []
    for row, known in altered:
        use_case = use_cases[known.use_case_id]
        facts, rewrite = _rewrite(writing, row, known, use_case)
        kept = _kept(writing, row, known, use_case, facts)
        kept.key, kept.occurrence = matches.renamed.get(known.id, (known.key, known.occurrence))
        rows.append(kept)
        rewrites.append(rewrite)
        use_case.unit_id = writing.units.key(row.unit)
    UseCase.objects.bulk_update(list(use_cases.values()), ["unit"], batch_size=500)
    bulk.rewrite_all(rewrites, batch=writing.batch, by=writing.by)
    ExternalRow.objects.bulk_update(rows, ["key", "occurrence", "cells", "before", "batch"], batch_size=500)


def _rewrite(writing: _Writing, row: Row, known: Known, use_case: UseCase) -> tuple[dict[str, Any], bulk.Rewrite]:
    """What changes from the old row to the new one: people may have changed other facts meanwhile, and keep them."""
    old = writing.readers.of(known).read(0, known.cells)
    if known.voided:
        facts: dict[str, Any] = {**dict.fromkeys(use_case.facts), **row.facts}
        return facts, bulk.Rewrite(use_case, facts, row.title, row.stage)
    facts = {
        name: row.facts.get(name)
        for name in {*old.facts, *row.facts}
        if row.facts.get(name) != old.facts.get(name)
        and not is_same(name, use_case.facts.get(name), row.facts.get(name))
    }
    title = row.title if row.title != old.title else None
    stage = row.stage if row.stage != old.stage else None
    return facts, bulk.Rewrite(use_case, facts, title, stage)


def _kept(writing: _Writing, row: Row, known: Known, use_case: UseCase, facts: dict[str, Any]) -> ExternalRow:
    """The row with its new cells; `before` is all that the withdrawal of this batch brings back."""
    before = None
    if not known.voided:
        before = {
            "batch": known.batch_id,
            "key": known.key,
            "occurrence": known.occurrence,
            "cells": known.cells,
            "before": known.before,
            "title": use_case.title,
            "unit": use_case.unit_id,
            "stage": use_case.stage,
            "facts": {name: use_case.facts.get(name) for name in facts},
        }
    return ExternalRow(pk=known.id, cells=row.cells, before=before, batch=writing.batch)


def _one_at_a_time() -> None:
    """Imports wait for each other: two first deliveries of one inventory would both find nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('inventory.import', 0))")


def _known(source: str) -> list[Known]:
    """The rows of earlier deliveries."""
    rows = ExternalRow.objects.filter(source=source).values_list(
        "pk", "key", "occurrence", "cells", "before", "batch_id", "use_case_id", "use_case__voided_at",
        "batch__profile", "batch__profile_version",
    )  # fmt: skip
    return [Known(*row) for row in rows]


def _open_batch(delivery: Delivery, unit: OrgUnit, stored: StoredFile | None, by: User | None) -> ImportBatch:
    now = clock.now()
    stored = stored or StoredFile.objects.create(
        sha256="", size=0, media_type="", name="dry run", storage_name=f"dry-run-{now.timestamp()}"
    )
    return ImportBatch.objects.create(
        profile=delivery.profile.key,
        profile_version=delivery.profile.version,
        unit=unit,
        file=stored,
        sha256=stored.sha256,
        by=by,
        started_at=now,
    )


def _close_batch(batch: ImportBatch, report: Report, by: User | None) -> None:
    report.batch = batch.pk
    batch.state, batch.finished_at, batch.report = BatchState.DONE, clock.now(), report.as_dict()
    batch.save(update_fields=["state", "finished_at", "report"])
    details = report.figures()
    into, _ = details.pop("unit"), details.pop("batch")
    record("inventory.imported", batch, by=by, unit=batch.unit, into=into, **details)


def _about(delivery: Delivery, order: Order, stored: StoredFile | None) -> Report:
    report = Report(profile=delivery.profile.key, dry_run=order.dry_run, rows=len(delivery.rows))
    if stored:
        report.file, report.sha256 = stored.name, stored.sha256
    report.rejected = sum(row.rejected for row in delivery.rows)
    report.columns = columns_of(delivery.mapper.keys, delivery.rows)
    report.repeated = sum(count for count in Counter(row.key for row in delivery.rows).values() if count > 1)
    report.add(delivery.problems)
    for row in delivery.rows:
        report.add(row.problems)
    return report


def _count(report: Report, matches: Matches, use_case_ids: Sequence[int]) -> None:
    report.created = len(matches.new) + len(matches.restored)
    report.updated, report.unchanged = len(matches.changed) + len(matches.joined), len(matches.same)
    report.absent, report.recognised = len(matches.gone), len(matches.renamed) + len(matches.joined)
    report.by_tier = {str(tier): 0 for tier in range(1, 6)} | {NOT_KNOWN: 0}
    report.by_stage = {stage.value: 0 for stage in Stage} | {NOT_STATED: 0}
    rows = UseCase.objects.filter(pk__in=use_case_ids).order_by().values_list("tier", "tier_provisional", "stage")
    for tier, provisional, stage, count in rows.annotate(count=Count("pk")):
        report.by_tier[str(tier or NOT_KNOWN)] += count
        report.by_stage[stage or NOT_STATED] += count
        report.provisional += count if provisional else 0
