"""A use case moves, pauses, ends."""

from datetime import datetime

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.models import MoveKind, StageMove, UseCase
from portfolio.services.editing import lock, touch
from portfolio.stages import Stage

NOT_STATED = "not stated"


@transaction.atomic
def record_move(
    use_case_id: int, to: Stage, *, by: User | None, kind: MoveKind, reason: str = "", moved_at: datetime | None = None
) -> StageMove:
    """Write a move as it happened; whether it may happen is the caller's to ask (gates belong to governance)."""
    use_case = lock(use_case_id)
    if use_case.stage == to:
        raise Invalid(f"The use case is in {to.label.lower()} already.", "to")
    moved_at = moved_at or clock.now()
    before = use_case.stage
    use_case.stage, use_case.stage_since = to, moved_at
    touch(use_case, "stage", "stage_since")
    move = StageMove.objects.create(
        use_case=use_case, before=before, after=to, kind=kind, by=by, reason=reason, moved_at=moved_at
    )
    labels = {"before": Stage(before).label if before else NOT_STATED, "after": to.label}
    record("use_case.moved", use_case, by=by, occurred_at=moved_at, kind=kind, reason=reason, **labels)
    return move


@transaction.atomic
def pause_use_case(use_case_id: int, *, by: User, reason: str = "") -> UseCase:
    """Mark the use case as paused: it stays in its stage, and nothing of it runs."""
    use_case = lock(use_case_id)
    require(rules.objection_to_pause(by, use_case))
    use_case.paused_at = clock.now()
    touch(use_case, "paused_at")
    record("use_case.paused", use_case, by=by, reason=reason)
    return use_case


@transaction.atomic
def resume_use_case(use_case_id: int, *, by: User, reason: str = "") -> UseCase:
    use_case = lock(use_case_id)
    require(rules.objection_to_resume(by, use_case))
    use_case.paused_at = None
    touch(use_case, "paused_at")
    record("use_case.resumed", use_case, by=by, reason=reason)
    return use_case


@transaction.atomic
def retire_use_case(use_case_id: int, *, by: User, reason: str) -> UseCase:
    """End the use case for good. Retiring passes no gate."""
    use_case = lock(use_case_id)
    require(rules.objection_to_retire(by, use_case))
    if not reason.strip():
        raise Invalid("Say why it is retired.", "reason")
    now, before = clock.now(), use_case.stage
    use_case.stage, use_case.stage_since, use_case.paused_at = Stage.RETIRED, now, None
    touch(use_case, "stage", "stage_since", "paused_at")
    StageMove.objects.create(
        use_case=use_case,
        before=before,
        after=Stage.RETIRED,
        kind=MoveKind.RECORDED,
        by=by,
        reason=reason,
        moved_at=now,
    )
    record("use_case.retired", use_case, by=by, before=before, reason=reason)
    return use_case


@transaction.atomic
def discard_use_case(use_case_id: int, *, by: User) -> UseCase:
    """Take back a draft that was never submitted: it is kept, hidden, and counted nowhere."""
    use_case = lock(use_case_id)
    require(rules.objection_to_discard(by, use_case, use_case.submissions.count()))
    use_case.voided_at = clock.now()
    touch(use_case, "voided_at")
    record("use_case.discarded", use_case, by=by)
    return use_case
