"""Tiers of use cases: one or thousands, in a constant number of statements."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json
from governance import notices
from governance.models import Approval, PolicyVersion
from governance.policy.evaluation import Verdict, evaluator
from governance.selectors.people import concerned
from governance.selectors.policies import policy_of, version_in_force
from portfolio.facts import material_hash
from portfolio.models import UseCase
from portfolio.services.tiering import write_tiers

# Beyond so many at once the trail tells of the whole act and not of each use case.
ONE_BY_ONE = 50

_LATEST = """
SELECT DISTINCT ON (use_case_id) use_case_id, policy_id, facts_hash FROM tiering
WHERE use_case_id = ANY(%s) ORDER BY use_case_id, id DESC
"""
_COPY = "COPY tiering (use_case_id, policy_id, facts_hash, tier, ceiling, trace, at) FROM STDIN"


def tier_changed_facts(use_cases: Sequence[UseCase], by: User | None) -> None:
    """Answer to portfolio's port: tier use cases whose facts were just written, and tell whose approval is stale."""
    before = {use_case.pk: use_case.material_hash for use_case in use_cases}
    tier_use_cases(use_cases, by=by)
    moved = [use_case.pk for use_case in use_cases if use_case.material_hash != before[use_case.pk]]
    if moved:
        _tell_stale(moved, before)


@transaction.atomic
def tier_use_cases(use_cases: Sequence[UseCase], *, by: User | None = None) -> int:
    """Tier use cases (whose facts are those of the object) under the policy in force; returns how many changed.

    The objects and their rows get tier, tier_provisional and material_hash. The caller has locked the rows.
    """
    version = version_in_force()
    policy = policy_of(version)
    judge = evaluator(policy)
    latest = _latest([use_case.pk for use_case in use_cases])
    changed: list[UseCase] = []
    rows: list[tuple[UseCase, str, Verdict]] = []
    for use_case in use_cases:
        verdict = judge.verdict(use_case.facts)
        digest = material_hash(use_case.facts, policy.material_facts)
        if latest.get(use_case.pk) != (version.pk, digest):
            rows.append((use_case, digest, verdict))
        if _take(use_case, verdict, digest):
            changed.append(use_case)
    _keep(version, rows)
    write_tiers(changed)
    _tell(version, changed, by)
    return len(changed)


@transaction.atomic
def tier_everything(*, by: User | None = None) -> int:
    """Tier all use cases again, as after the publication of a policy; returns how many changed."""
    use_cases = list(UseCase.objects.active().select_for_update(of=("self",)).order_by("pk"))
    return tier_use_cases(use_cases, by=by)


def _tell_stale(moved: list[int], before: dict[int, str]) -> None:
    """Tell of the approvals that rested on what has just changed; those that were stale already are known."""
    approvals = Approval.objects.filter(use_case__in=moved, ended_at=None)
    for approval in approvals.select_related("decision__review__use_case__unit").defer("decision__receipt"):
        if approval.material_hash == before[approval.use_case_id]:
            notices.approval_stale(concerned(approval.decision.review), approval.decision.review)


def _latest(keys: list[int]) -> dict[int, tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [keys])
        return {key: (policy, digest) for key, policy, digest in cursor.fetchall()}


def _take(use_case: UseCase, verdict: Verdict, digest: str) -> bool:
    """Give the object what was found; whether anything is new."""
    found = (verdict.tier if verdict.known else None, verdict.provisional, digest)
    if (use_case.tier, use_case.tier_provisional, use_case.material_hash) == found:
        return False
    use_case.tier, use_case.tier_provisional, use_case.material_hash = found
    return True


def _keep(version: PolicyVersion, rows: Iterable[tuple[UseCase, str, Verdict]]) -> None:
    now: datetime = clock.now()
    traces: dict[Verdict, str] = {}
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for use_case, digest, verdict in rows:
            if (trace := traces.get(verdict)) is None:
                trace = traces[verdict] = canonical_json({"held": verdict.held, "undecided": verdict.undecided})
            copy.write_row((use_case.pk, version.pk, digest, verdict.tier, verdict.ceiling, trace, now))


def _tell(version: PolicyVersion, changed: list[UseCase], by: User | None) -> None:
    if len(changed) > ONE_BY_ONE:
        by_tier = Counter(str(use_case.tier or "unknown") for use_case in changed)
        record("policy.applied", version, by=by, count=len(changed), by_tier=dict(by_tier))
        return
    for use_case in changed:
        record(
            "use_case.tiered", use_case, by=by, tier=use_case.tier or "not yet known",
            provisional=use_case.tier_provisional, policy=version.number,
        )  # fmt: skip
