"""A use case moves on through its gate: move and passage are one transaction, or neither happens."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common.errors import NotAllowed, require
from governance.models import Approval, EndReason, GatePassage, Review
from governance.refusals import explained
from governance.services.deciding import end_approval
from governance.services.locking import locked
from governance.services.reviews import close_withdrawn
from portfolio import ports, rules
from portfolio import services as portfolio
from portfolio.models import MoveKind, StageMove, UseCase
from portfolio.stages import Stage, is_forward


@explained
@transaction.atomic
def move_use_case(use_case_id: int, to: Stage, *, by: User, reason: str = "") -> StageMove:
    """Move a use case to another stage if its gate lets it through; going back passes no gate."""
    use_case = UseCase.objects.select_for_update(of=("self",)).select_related("unit").get(pk=use_case_id)
    require(rules.objection_to_move(by, use_case, to))
    if not is_forward(use_case.stage, to):
        move = portfolio.record_move(use_case_id, to, by=by, kind=MoveKind.RECORDED, reason=reason)
        if to == Stage.RETIRED:
            on_retired(use_case_id, by)
        return move
    checklist = ports.checklist(use_case, to)
    if not checklist.passed:
        unmet = "; ".join(line.why or line.text for line in checklist.requirements if not line.met)
        raise NotAllowed(f"The gate to {to.label.lower()} is not met: {unmet}")
    move = portfolio.record_move(use_case_id, to, by=by, kind=MoveKind.GATED, reason=reason)
    lines = [{"key": line.key, "text": line.text, "met": line.met, "why": line.why} for line in checklist.requirements]
    approval = Approval.objects.filter(use_case_id=use_case_id, ended_at=None).first()
    GatePassage.objects.create(stage_move=move, checklist=lines, approval=approval)
    record(
        "gate.passed", use_case, by=by, to=to.label, requirements=[line["text"] for line in lines],
        approval=approval.pk if approval else None,
    )  # fmt: skip
    return move


@transaction.atomic
def on_retired(use_case_id: int, by: User) -> None:
    """Answer to portfolio's port: with the use case ends its review, if one is open, and its approval."""
    for review_id in Review.objects.open().filter(use_case=use_case_id).values_list("pk", flat=True):
        close_withdrawn(locked(review_id), by, "The use case is retired.")
    end_approval(use_case_id, EndReason.RETIRED, by=by)


def on_move(use_case_id: int, to: Stage, by: User, reason: str) -> StageMove:
    """Answer to portfolio's port."""
    return move_use_case(use_case_id, to, by=by, reason=reason)
