"""Thousands of use cases at once, for imports: each table is written in one COPY or one UPDATE.

The importer has asked whether its person may import; these functions ask nothing, and write no audit events of their
own, because the batch is the act.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from caio_portal.accounts.models import User
from caio_portal.common import clock
from portfolio import ports, references
from portfolio.models import ChangeSource, ExternalRow, ImportBatch, MoveKind, Source, UseCase
from portfolio.services.editing import with_changes

Row = Sequence[Any]


@dataclass(frozen=True)
class NewUseCase:
    """What an import knows of a use case that it meets for the first time."""

    title: str
    unit_id: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    stage: str | None = None
    stage_since: datetime | None = None


@dataclass(frozen=True)
class Rewrite:
    """A known use case with what an import changes of it. A fact that becomes None is unknown again."""

    use_case: UseCase
    facts: Mapping[str, Any] = field(default_factory=dict)
    title: str | None = None
    stage: str | None = None  # None: leave the stage as it is


@transaction.atomic
def register_all(new: Sequence[NewUseCase], *, batch: ImportBatch, by: User | None) -> list[UseCase]:
    """Register imported use cases in the order given; what runs already is recorded as moved, never as approved."""
    now = clock.now()
    refs = references.take("UC", now.year, len(new)) if new else []
    keys = _take_keys("use_case", len(new))
    use_cases = [
        UseCase(
            pk=key,
            ref=ref,
            title=row.title,
            unit_id=row.unit_id,
            stage=row.stage,
            stage_since=(row.stage_since or now) if row.stage else None,
            source=Source.IMPORT,
            facts=dict(row.facts),
            registered_at=now,
            changed_at=now,
        )
        for key, ref, row in zip(keys, refs, new, strict=True)
    ]
    _copy("use_case", _USE_CASE, (_use_case_row(use_case) for use_case in use_cases))
    for use_case in use_cases:
        use_case._state.adding, use_case._state.db = False, connection.alias
    _copy("stage_move", _MOVE, (_move_row(each, None, by) for each in use_cases if each.stage))
    _note_facts(((each, each.facts) for each in use_cases), batch, by)
    ports.facts_changed.ask_all(use_cases, by)
    return use_cases


@transaction.atomic
def rewrite_all(rewrites: Sequence[Rewrite], *, batch: ImportBatch, by: User | None) -> list[UseCase]:
    """Give known use cases what an import, or its withdrawal, says of them; the caller holds their locks."""
    now = clock.now()
    moved: list[tuple[UseCase, str | None]] = []
    for rewrite in rewrites:
        use_case = rewrite.use_case
        use_case.facts = with_changes(use_case.facts, rewrite.facts)
        use_case.title = rewrite.title or use_case.title
        use_case.revision, use_case.changed_at = use_case.revision + 1, now
        if rewrite.stage and rewrite.stage != use_case.stage:
            moved.append((use_case, use_case.stage))
            use_case.stage, use_case.stage_since = rewrite.stage, now
    use_cases = [rewrite.use_case for rewrite in rewrites]
    UseCase.objects.bulk_update(
        use_cases, ["facts", "title", "revision", "changed_at", "stage", "stage_since"], batch_size=500
    )
    _copy("stage_move", _MOVE, (_move_row(use_case, before, by) for use_case, before in moved))
    _note_facts(((rewrite.use_case, rewrite.facts) for rewrite in rewrites), batch, by)
    ports.facts_changed.ask_all(use_cases, by)
    return use_cases


def keep_rows(rows: Iterable[ExternalRow]) -> None:
    """Keep new rows of an inventory, every cell (unsaved ExternalRow objects; they get no keys)."""
    _copy("external_row", _EXTERNAL, (_external_row(row) for row in rows))


@transaction.atomic
def void_all(use_case_ids: Sequence[int]) -> int:
    """Hide the use cases that a withdrawn batch had created: kept, and counted nowhere."""
    now = clock.now()
    return UseCase.objects.active().filter(pk__in=use_case_ids).update(voided_at=now, changed_at=now)


_USE_CASE = [
    "id", "ref", "title", "unit_id", "stage", "stage_since", "confidential", "source", "facts", "material_hash",
    "tier_provisional", "revision", "registered_at", "changed_at",
]  # fmt: skip
_MOVE = ["use_case_id", "before", "after", "kind", "by_id", "reason", "moved_at"]
_FACT = ["use_case_id", "fact", "value", "source", "by_id", "batch_id", "recorded_at"]
_EXTERNAL = ["use_case_id", "source", "key", "occurrence", "cells", "before", "batch_id"]


def _use_case_row(row: UseCase) -> Row:
    return (
        row.pk, row.ref, row.title, row.unit_id, row.stage, row.stage_since, row.confidential, row.source,
        _json(row.facts), "", True, 1, row.registered_at, row.changed_at,
    )  # fmt: skip


def _move_row(use_case: UseCase, before: str | None, by: User | None) -> Row:
    kind, by_id = MoveKind.RECORDED.value, by.pk if by else None
    return use_case.pk, before, use_case.stage, kind, by_id, "As the inventory states.", use_case.stage_since


def _external_row(row: ExternalRow) -> Row:
    before = None if row.before is None else _json(row.before)
    return row.use_case_id, row.source, row.key, row.occurrence, _json(row.cells), before, row.batch_id


def _note_facts(changes: Iterable[tuple[UseCase, Mapping[str, Any]]], batch: ImportBatch, by: User | None) -> None:
    now, by_id, source = clock.now(), by.pk if by else None, ChangeSource.IMPORT.value
    rows = (
        (use_case.pk, name, None if value is None else _json(value), source, by_id, batch.pk, now)
        for use_case, facts in changes
        for name, value in facts.items()
    )
    _copy("fact_change", _FACT, rows)


def _take_keys(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
