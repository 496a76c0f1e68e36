"""What a review knows about whom it asks: who examined the use case before, on what, and what was decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from caio_portal.common import clock
from governance.asking import Asked, Look, Occasion, asked
from governance.decisions import FAVOURABLE
from governance.models import (
    Approval,
    Decision,
    EndReason,
    Finding,
    IncidentUseCase,
    Review,
    ReviewStep,
    Severity,
    StepKind,
)
from governance.policy import Route
from governance.selectors.policies import policy_of
from governance.snapshots import Snapshot, thaw

MINDED = (Severity.MAJOR, Severity.BLOCKING)


@dataclass(frozen=True)
class AskedLine:
    """An examination, and whose it is."""

    step: ReviewStep
    function: str


def asked_lines(steps: Iterable[ReviewStep], functions: Mapping[str, str]) -> list[AskedLine]:
    """Whom an examination asks and whom not; nothing if everybody is asked as a matter of course."""
    examining = [step for step in steps if step.kind == StepKind.EXAMINE]
    if not any(step.is_spared or step.asked_because for step in examining):
        return []
    return [AskedLine(step, functions.get(step.function, step.function)) for step in examining]


def asked_in(review: Review, route: Route, snapshot: Snapshot) -> dict[str, Asked]:
    """For each function that examines on ROUTE, whether REVIEW asks it."""
    functions = [name for step in route.steps if step.kind == StepKind.EXAMINE for name in step.functions]
    policy = policy_of(review.policy)
    return asked(policy, functions, _looks(review, functions), _occasion(review, snapshot))


def _occasion(review: Review, snapshot: Snapshot) -> Occasion:
    last = Decision.objects.filter(review__use_case=review.use_case_id).exclude(review=review).order_by("-decided_at")
    decision = last.only("outcome", "decided_at").first()
    approved = decision is not None and decision.outcome in FAVOURABLE and _stands(decision)
    grave = policy_of(review.policy).rereview.incident_severity
    incidents = IncidentUseCase.objects.filter(use_case=review.use_case_id, incident__severity__lte=grave)
    since = decision.decided_at if decision else clock.now() - timedelta(days=1)
    return Occasion(
        review.cause, snapshot, clock.today(), approved, incidents.filter(incident__reported_at__gt=since).exists()
    )


def _stands(decision: Decision) -> bool:
    return not Approval.objects.filter(decision=decision, end_reason=EndReason.REVOKED).exists()


def _looks(review: Review, functions: list[str]) -> dict[str, Look]:
    """The last decided review in which each function examined the use case."""
    steps = _examined(review).filter(function__in=functions)
    last = {step.function: step for step in steps}  # the newest overwrites
    snapshots = {step.review_id: thaw(step.review.snapshot) for step in last.values()}
    minded = set(
        Finding.objects.filter(review__in=snapshots, severity__in=MINDED).values_list(
            "review", "function", "snapshot_hash"
        )
    )
    return {
        name: Look(
            step.review_id, snapshots[step.review_id], timezone.localdate(step.finished_at),
            (step.review_id, name, step.review.snapshot_hash) in minded,
        )
        for name, step in last.items()
    }  # fmt: skip


def _examined(review: Review) -> "QuerySet[ReviewStep]":
    done = ReviewStep.objects.filter(
        review__use_case=review.use_case_id, review__state="decided", kind=StepKind.EXAMINE, finished_at__isnull=False
    )
    return done.exclude(review=review).select_related("review").order_by("review__closed_at", "pk")
