"""A use case moves, pauses, ends."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import ports, rules
from portfolio.models import DutyState, MoveKind, RetirementDuty, StageMove, UseCase
from portfolio.retirement import duties
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
def retire_use_case(
    use_case_id: int, *, by: User, reason: str, settled: Mapping[str, DutyState] | None = None
) -> UseCase:
    """End the use case for good. Retiring passes no gate; what is not SETTLED of its checklist stays to be done."""
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
    states = {key: (settled or {}).get(key, DutyState.OPEN) for key in duties()}
    RetirementDuty.objects.bulk_create(
        RetirementDuty(use_case=use_case, duty=key, state=state, by=by, at=now) for key, state in states.items()
    )
    record("use_case.retired", use_case, by=by, before=before, reason=reason, checklist=states)
    ports.retired.ask_all(use_case_id, by)
    return use_case


@transaction.atomic
def settle_retirement_duty(duty_id: int, state: DutyState, *, by: User) -> RetirementDuty:
    """Say that a line of the checklist is done, or does not apply."""
    duty = RetirementDuty.objects.select_for_update(of=("self",)).select_related("use_case__unit").get(pk=duty_id)
    require(rules.objection_to_settle_duty(by, duty.use_case))
    if state == duty.state:
        return duty
    duty.state, duty.by, duty.at = state, by, clock.now()
    duty.save(update_fields=["state", "by", "at"])
    text = duties()[duty.duty].text if duty.duty in duties() else duty.duty
    record("use_case.retirement_settled", duty.use_case, by=by, duty=text, state=DutyState(state).label.lower())
    return duty


@transaction.atomic
def discard_use_case(use_case_id: int, *, by: User) -> UseCase:
    """Take back a draft that was never submitted: it is kept, hidden, and counted nowhere."""
    use_case = lock(use_case_id)
    require(rules.objection_to_discard(by, use_case, use_case.submissions.count()))
    use_case.voided_at = clock.now()
    touch(use_case, "voided_at")
    record("use_case.discarded", use_case, by=by)
    return use_case
