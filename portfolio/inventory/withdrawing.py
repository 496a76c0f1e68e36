"""A batch is taken back: what it created is voided, what it changed is as it was before."""

from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import require
from portfolio.inventory import profiles
from portfolio.inventory.mapping import Mapper, Row
from portfolio.inventory.rules import objection_to_withdraw
from portfolio.models import BatchState, ExternalRow, ImportBatch, UseCase
from portfolio.services import bulk


@transaction.atomic
def withdraw_batch(batch_id: int, *, by: User) -> ImportBatch:
    """Void what the batch created and bring back what it changed, but for facts that people have changed since."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("unit").get(pk=batch_id)
    require(objection_to_withdraw(by, batch))
    rows = list(ExternalRow.objects.filter(batch=batch))
    voided = bulk.void_all([row.use_case_id for row in rows if row.before is None])
    changed = [row for row in rows if row.before is not None and not row.before.get("is_own")]
    _return(changed, batch, by)
    # Rows that were joined to use cases go: those were there before the batch, and stay.
    ExternalRow.objects.filter(batch=batch, before__joined=True).delete()
    batch.state, batch.withdrawn_at = BatchState.WITHDRAWN, clock.now()
    batch.save(update_fields=["state", "withdrawn_at"])
    record("inventory.withdrawn", batch, by=by, unit=batch.unit, voided=voided, returned=len(changed))
    return batch


def _return(rows: list[ExternalRow], batch: ImportBatch, by: User) -> None:
    if not rows:
        return
    profile = profiles.load(batch.profile, batch.profile_version)
    mapper = Mapper.for_cells(profile)
    use_cases = UseCase.objects.select_for_update().in_bulk([row.use_case_id for row in rows])
    rewrites = [_rewrite(use_cases[row.use_case_id], row.before or {}, mapper.read(0, row.cells)) for row in rows]
    kept = [_as_before(row) for row in rows if not (row.before or {}).get("joined")]
    UseCase.objects.bulk_update(list(use_cases.values()), ["unit", "stage", "stage_since"], batch_size=500)
    bulk.rewrite_all(rewrites, batch=batch, by=by)
    ExternalRow.objects.bulk_update(kept, ["key", "occurrence", "cells", "before", "batch"], batch_size=500)


def _as_before(row: ExternalRow) -> ExternalRow:
    before: dict[str, Any] = row.before or {}
    row.key, row.occurrence = before.get("key", row.key), before.get("occurrence", row.occurrence)
    row.cells, row.batch_id, row.before = before["cells"], before["batch"], before["before"]
    return row


def _rewrite(use_case: UseCase, before: dict[str, Any], imported: Row) -> bulk.Rewrite:
    facts = {
        name: value for name, value in before["facts"].items() if use_case.facts.get(name) == imported.facts.get(name)
    }
    use_case.unit_id = before["unit"]
    stage = before["stage"] if use_case.stage == imported.stage else None
    if use_case.stage == imported.stage and before["stage"] is None:
        use_case.stage = use_case.stage_since = None  # no stage was stated: there is no move to none
    title = before["title"] if use_case.title == imported.title else None
    return bulk.Rewrite(use_case, facts, title, stage)
