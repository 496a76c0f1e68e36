"""Reading the portfolio for a trial: only the facts that either policy reads, each combination judged once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, JSONField, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

from governance.models import Approval, Review
from governance.policy import Policy
from governance.policy.trial import Comparison, Pair, Trial
from portfolio.facts import CATALOGUE
from portfolio.models import UseCase

CHUNK = 5_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Move:
    """One use case that another policy treats otherwise."""

    use_case: int
    pair: Pair
    opens_review: bool


def try_policy(
    before: Policy, after: Policy, progress: Progress | None = None, among: "QuerySet[UseCase] | None" = None
) -> tuple[Trial, list[Move]]:
    """What AFTER would change for every use case (or those AMONG), and which of them move tier or need a review.

    Progress is told (done, total) after each chunk.
    """
    rows = UseCase.objects.active() if among is None else among
    total = rows.count() if progress else 0
    comparison, moves = Comparison(before, after), []
    for done, (key, pair, stage, approved, in_review) in enumerate(_cases(rows, comparison), 1):
        opens = comparison.see(pair, stage, approved, in_review=in_review)
        if pair.moved or opens:
            moves.append(Move(key, pair, opens))
        if progress and done % CHUNK == 0:
            progress(done, total)
    return comparison.result(), moves


def approved_tiers(keys: list[int] | None = None) -> dict[int, int]:
    """By use case: the tier of the route on which its approval was given."""
    approvals = Approval.objects.filter(ended_at=None)
    if keys is not None:
        approvals = approvals.filter(use_case__in=keys)
    return dict(approvals.values_list("use_case_id", "decision__review__tier"))


def _cases(
    rows: "QuerySet[UseCase]", comparison: Comparison
) -> Iterator[tuple[int, Pair, str | None, int | None, bool]]:
    approved = approved_tiers()
    reviewed = set(Review.objects.open().values_list("use_case_id", flat=True))
    pairs: dict[str, Pair] = {}
    for key, stage, text in material_facts_of(rows, comparison.before, comparison.after):
        if (pair := pairs.get(text)) is None:
            pair = pairs[text] = comparison.pair(json.loads(text))
        yield key, pair, stage, approved.get(key), key in reviewed


def material_facts_of(rows: "QuerySet[UseCase]", *policies: Policy) -> Iterator[tuple[int, str | None, str]]:
    """Key, stage and the facts that count, as the one text that PostgreSQL writes for equal facts."""
    read = {name for policy in policies for name in policy.material_facts}
    others = Value([name for name in CATALOGUE if name not in read], output_field=ArrayField(TextField()))
    facts: Any = CombinedExpression(F("facts"), "-", others, output_field=JSONField())
    return rows.order_by().values_list("pk", "stage", Cast(facts, TextField())).iterator(chunk_size=CHUNK)
