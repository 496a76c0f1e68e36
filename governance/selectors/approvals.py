"""Where use cases stand with those who decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Case, Value, When

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.models import Approval, Condition, Review, Suspension
from governance.standing import Standing, is_suspended, standing
from portfolio import ports
from portfolio.models import UseCase
from portfolio.stages import Stage

_TONES: dict[Standing, ports.Tone] = {
    Standing.IN_FORCE: "good", Standing.STALE: "warn", Standing.SUSPENDED: "bad", Standing.EXPIRED: "bad",
    Standing.REVOKED: "bad", Standing.SUPERSEDED: "neutral", Standing.RETIRED: "neutral",
}  # fmt: skip


@dataclass(frozen=True)
class ApprovalView:
    """An approval with how it stands today."""

    approval: Approval
    standing: Standing
    suspensions: list[Suspension]

    @property
    def tone(self) -> ports.Tone:
        return _TONES[self.standing]

    @property
    def stage(self) -> Stage:
        return Stage(self.approval.up_to_stage)


@dataclass(frozen=True)
class Decisions:
    """What the tab *Decisions* of a dossier shows."""

    approvals: list[ApprovalView]
    conditions: list[Condition]
    reviews: list[Review]
    today: date


def approved_ids() -> QuerySet[Approval, int]:
    """The keys of the use cases whose approval is in force today: neither stale, suspended nor over."""
    suspended = Suspension.objects.filter(approval=OuterRef("pk"), restored_at=None)
    in_force = Approval.objects.filter(
        ~Exists(suspended), ended_at=None, valid_until__gte=clock.today(), material_hash=F("use_case__material_hash")
    )
    return in_force.values_list("use_case", flat=True)


def _how_it_stands() -> Case:
    """The rule of `standing`, for approvals that have not ended."""
    lasting = Suspension.objects.filter(approval=OuterRef("pk"), restored_at=None)
    return Case(
        When(valid_until__lt=clock.today(), then=Value(Standing.EXPIRED.value)),
        When(Exists(lasting), then=Value(Standing.SUSPENDED.value)),
        When(~Q(material_hash=F("use_case__material_hash")), then=Value(Standing.STALE.value)),
        default=Value(Standing.IN_FORCE.value),
    )


def state_of_decision() -> Subquery:
    """For each decision, or review, of a query: how the approval that it gave stands; null without one that lasts."""
    approvals = Approval.objects.filter(decision=OuterRef("pk"), ended_at=None).annotate(how=_how_it_stands())
    return Subquery(approvals.values("how")[:1], output_field=CharField(null=True))


def state_word(row: Model) -> str:
    """The same of one row in a word, for files; empty without one."""
    how = vars(row)["approval_state"]
    return Standing(how).label if how else ""


def state_without_force(how: str | None) -> ports.ApprovalState | None:
    """How an approval stands that opens no gate; None for others."""
    return None if how == Standing.IN_FORCE else _STATES.of(how)


def _state_of_row() -> Subquery:
    """For each use case of a query: how its approval stands; null without one."""
    approvals = Approval.objects.filter(use_case=OuterRef("pk"), ended_at=None).annotate(how=_how_it_stands())
    return Subquery(approvals.values("how")[:1], output_field=CharField(null=True))


def _having(keys: Sequence[str]) -> Q:
    approvals = Approval.objects.filter(ended_at=None).annotate(how=_how_it_stands()).filter(how__in=keys)
    return Q(pk__in=approvals.values("use_case"))


LISTED = (Standing.IN_FORCE, Standing.STALE, Standing.SUSPENDED, Standing.EXPIRED)
_STATES = ports.ApprovalStates(
    tuple(ports.ApprovalState(how.value, how.label, _TONES[how]) for how in LISTED), _state_of_row, _having
)


def approval_states() -> ports.ApprovalStates:
    """Answer to portfolio's port, for its lists."""
    return _STATES


def approval_of(use_case: UseCase) -> ApprovalView | None:
    """The approval that has not ended, with how it stands; None if there is none."""
    approval = (
        Approval.objects.filter(use_case=use_case, ended_at=None)
        .select_related("use_case", "decision__review")
        .prefetch_related("suspensions")
        .first()
    )
    return _view(approval) if approval else None


def decisions_of(use_case: UseCase) -> Decisions:
    """Every approval, condition and review of a use case, newest first."""
    approvals = (
        Approval.objects.filter(use_case=use_case)
        .select_related("use_case", "decision__review")
        .prefetch_related("suspensions")
        .order_by("-granted_at")
    )
    conditions = Condition.objects.filter(decision__review__use_case=use_case).select_related(
        "owner", "evidence", "decision__review"
    )
    reviews = Review.objects.filter(use_case=use_case).select_related("decision", "policy").order_by("-opened_at")
    return Decisions([_view(a) for a in approvals], list(conditions), list(reviews), clock.today())


def standings(use_case: UseCase, user: User) -> list[ports.Standing]:
    """Answer to portfolio's port: the open review, the approval, and what runs without one."""
    found: list[ports.Standing] = []
    review = Review.objects.filter(use_case=use_case, closed_at=None).first()
    if review:
        text = f"{review.ref}: {review.get_state_display().lower()}"
        found.append(ports.Standing("Review", text, "info", review.get_absolute_url()))
    view = approval_of(use_case)
    if view:
        until = f"up to {view.stage.label.lower()}, until {view.approval.valid_until:%-d %B %Y}"
        url = view.approval.decision.review.get_absolute_url()
        found.append(ports.Standing("Approval", f"{view.standing.label}, {until}", view.tone, url))
    elif use_case.stage == Stage.PRODUCTION:
        found.append(ports.Standing("Approval", "Running without approval", "bad"))
    return found


def _view(approval: Approval) -> ApprovalView:
    suspensions = list(approval.suspensions.all())
    return ApprovalView(
        approval, standing(approval, suspended=is_suspended(suspensions), today=clock.today()), suspensions
    )
