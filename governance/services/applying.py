"""A policy begins: the portfolio is tiered by it, and what it makes necessary is reviewed again."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

from caio_portal.audit.events import record
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import Approval, Cause, PolicyVersion, Review
from governance.policy import Policy
from governance.policy.trial import Comparison
from governance.selectors.grounds import Ground
from governance.selectors.policies import policy_of
from governance.selectors.trials import approved_tiers
from governance.services.reviews import open_review
from governance.services.tiering import tier_use_cases
from governance.snapshots import thaw
from portfolio.facts import material_hash
from portfolio.models import UseCase

CHUNK = 500


def apply_policy(version_id: int, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Tier every use case under a version that has begun; returns figures. Running it again adds nothing.

    A review opens only where an approval was given on a lighter route than the change now asks for.
    """
    version = PolicyVersion.objects.get(pk=version_id)
    before = PolicyVersion.objects.filter(valid_to=version.valid_from).first() or version
    keys = list(UseCase.objects.active().order_by("pk").values_list("pk", flat=True))
    figures: dict[str, Any] = {"use_cases": len(keys), "changed": 0, "reviews": 0, "unopened": []}
    for start in range(0, len(keys), CHUNK):
        progress(start, len(keys))
        with transaction.atomic():
            changed, opened, unopened = _apply_to(keys[start : start + CHUNK], before, version)
        figures["changed"] += changed
        figures["reviews"] += opened
        figures["unopened"] += unopened
    progress(len(keys), len(keys))
    return figures


def _apply_to(keys: list[int], before: PolicyVersion, version: PolicyVersion) -> tuple[int, int, list[str]]:
    use_cases = list(UseCase.objects.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk"))
    changed = tier_use_cases(use_cases)
    _restate(keys, policy_of(version))
    comparison = Comparison(policy_of(before), policy_of(version))
    wanted = list(_to_review(use_cases, comparison))
    why = Ground(f"{version} asks more of it than what it was approved under.", f"{version.get_absolute_url()}changes/")
    refused = [line for line in (_open(use_case, why) for use_case in wanted) if line]
    for line in refused:
        record("policy.review_unopened", version, by=None, reason=line)
    return changed, len(wanted) - len(refused), refused


def _restate(keys: list[int], policy: Policy) -> None:
    """Say of each approval which facts it rests on in the terms of the policy that begins: none turns stale by that."""
    approvals = Approval.objects.filter(use_case__in=keys, ended_at=None).select_related("decision__review")
    stated = []
    for approval in approvals.order_by("pk"):
        digest = material_hash(thaw(approval.decision.review.snapshot).facts, policy.material_facts)
        if digest != approval.material_hash:
            approval.material_hash = digest
            stated.append(approval)
    if not stated:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL governance.policy_begins = 'on'")
        Approval.objects.bulk_update(stated, ["material_hash"], batch_size=500)
        cursor.execute("SET LOCAL governance.policy_begins = 'off'")


def _to_review(use_cases: Iterable[UseCase], comparison: Comparison) -> Iterable[UseCase]:
    approved = approved_tiers([use_case.pk for use_case in use_cases])
    open_ones = Review.objects.open().filter(use_case__in=approved).values_list("use_case_id", flat=True)
    under_review = set(open_ones)
    for use_case in use_cases:
        tier = approved.get(use_case.pk)
        if tier is not None and use_case.pk not in under_review and comparison.pair(use_case.facts).needs_review(tier):
            yield use_case


def _open(use_case: UseCase, why: Ground) -> str:
    """Open the review; a sentence if that cannot be (a unit without a council), which then waits for the office."""
    up_to = Approval.objects.filter(use_case=use_case, ended_at=None).values_list("up_to_stage", flat=True).get()
    try:
        open_review(use_case.pk, by=None, up_to_stage=up_to, cause=Cause.POLICY_CHANGE, why=why)
    except (NotAllowed, Invalid) as objection:
        return f"{use_case.ref}: {objection}"
    return ""
