"""The population of decisions that an auditor draws from, and what was drawn."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from caio_portal.accounts.models import User
from governance.models import Decision, Review
from governance.sampling import drawn

HEADS = (
    "Review", "Use case", "Title", "Unit", "Tier", "Cause", "Kind", "Outcome", "Decided at", "By", "Policy",
    "Receipt SHA-256", "In the sample",
)  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """What was asked: a period, perhaps a kind, how many, and the seed."""

    since: date
    until: date
    kind: str
    size: int
    seed: str


@dataclass(frozen=True)
class Sample:
    """A drawn sample with the population that it stands for."""

    draw: Draw
    population: list[Decision]

    @cached_property
    def refs(self) -> frozenset[str]:
        return drawn([decision.review.ref for decision in self.population], self.draw.size, self.draw.seed)

    @cached_property
    def decisions(self) -> list[Decision]:
        return [decision for decision in self.population if decision.review.ref in self.refs]

    @property
    def outcomes(self) -> list[tuple[str, int, int]]:
        """By outcome, how many there are and how many of them were drawn."""
        every = Counter(decision.get_outcome_display() for decision in self.population)
        chosen = Counter(decision.get_outcome_display() for decision in self.decisions)
        return [(outcome, count, chosen[outcome]) for outcome, count in every.most_common()]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The whole population for a file, in the columns of HEADS."""
        for decision in self.population:
            review, case = decision.review, decision.review.use_case
            by = decision.decided_by.name if decision.decided_by else ""
            yield (
                review.ref, case.ref, case.title, case.unit.name, review.tier, review.get_cause_display(),
                decision.get_kind_display(), decision.get_outcome_display(), decision.decided_at, by,
                review.policy.number, decision.receipt_hash, review.ref in self.refs,
            )  # fmt: skip


def population(draw: Draw, user: User) -> QuerySet[Decision]:
    """The decisions of the period that USER may see, in the order of their taking; one query."""
    found = Decision.objects.filter(
        review__in=Review.objects.visible_to(user), decided_at__date__range=(draw.since, draw.until)
    )
    if draw.kind:
        found = found.filter(kind=draw.kind)
    return (
        found.select_related("review__use_case__unit", "review__policy", "decided_by")
        .defer("receipt", "signature", "review__snapshot", "review__policy__document", "review__policy__source")
        .order_by("decided_at", "pk")
    )


def sample_of(draw: Draw, user: User) -> Sample:
    return Sample(draw, list(population(draw, user)))
