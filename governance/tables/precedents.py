"""Decided cases to learn from: found by words, facts, tier, outcome and condition."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_
from typing import Any, ClassVar

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Exists, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from caio_portal.accounts.models import User
from caio_portal.common.tables import Choices, Column, Flag, Table
from governance.decisions import Outcome
from governance.models import Condition, Decision, DecisionKind, Finding, Review
from governance.selectors.approvals import state_of_decision, state_word
from governance.selectors.precedents import TELLING
from portfolio.facts import CATALOGUE, Kind

_TIERS = [(number, f"Tier {number}") for number in range(1, 6)]
_PLAIN = ("none", "no", "other")


def decided(user: User) -> QuerySet[Any]:
    """The decisions that people took on what a person may see, with the facts as they were decided on."""
    duties = Condition.objects.filter(decision=OuterRef("pk")).order_by().values("decision")
    return (
        Decision.objects.filter(review__in=Review.objects.visible_to(user))
        .exclude(kind=DecisionKind.STANDING)
        .alias(frozen=Cast("review__snapshot", JSONField()))
        .annotate(duties=Subquery(duties.annotate(all=StringAgg("text", Value("; "))).values("all")))
        .annotate(approval_state=state_of_decision())
        .select_related("review__use_case__unit")
        .defer("receipt", "tally", "review__snapshot", "review__use_case__facts")
    )


def facts() -> list[tuple[str, str]]:
    """What makes one use case like another, as choices: `name:value` and its words."""
    return [pair for name in TELLING if name in CATALOGUE for pair in _choices(name)]


def with_facts(chosen: Sequence[str]) -> Q:
    """The decisions taken on all of these facts."""
    return reduce(and_, (_with_fact(*one.split(":", 1)) for one in chosen), Q())


def _choices(name: str) -> Iterator[tuple[str, str]]:
    fact = CATALOGUE[name]
    if fact.kind is Kind.YES_NO:
        yield f"{name}:", fact.label
    else:
        for key, label in fact.choices.items():
            if key not in _PLAIN:
                yield f"{name}:{key}", f"{fact.label}: {label}"


def _with_fact(name: str, value: str) -> Q:
    kind = CATALOGUE[name].kind
    return Q(
        frozen__facts__contains={name: True if kind is Kind.YES_NO else [value] if kind is Kind.CHOICES else value}
    )


def _told_of(word: str) -> Q:
    found = Finding.objects.filter(review=OuterRef("review"), text__icontains=word)
    asked = Condition.objects.filter(decision=OuterRef("pk"), text__icontains=word)
    case = Q(review__use_case__title__icontains=word) | Q(review__use_case__facts__purpose__icontains=word)
    named = Q(review__ref__icontains=word) | Q(review__use_case__ref__icontains=word)
    return case | named | Q(reason__icontains=word) | Exists(found) | Exists(asked)


class PrecedentTable(Table[Decision]):
    id = "precedents"
    noun = ("decision", "decisions")
    caption = "Decided cases"
    file_name = "precedents"
    search = ("reason__icontains",)
    search_label = "Words of the use case, reason, findings or conditions"
    default_sort = "-decided"
    empty_title = "Nothing has been decided yet"
    empty_text = "What one person or the council decides stands here, with its conditions."
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "Use case", sort="review__use_case__title", value=lambda row: row.review.use_case.title),
        Column("ref", "Review", sort="review__ref", value=lambda row: row.review.ref),
        Column("tier", "Tier", sort="review__tier", down_first=True, value=lambda row: row.review.tier),
        Column("outcome", "Outcome", sort="outcome", value=lambda row: row.get_outcome_display()),
        Column("reason", "Reason and conditions"),
        Column("duties", "Conditions", on_page=False),
        Column("approval", "Approval now", on_page=False, value=state_word),
        Column("kind", "Decided by", on_page=False, value=lambda row: row.get_kind_display()),
        Column("decided", "Decided", sort="decided_at", down_first=True, value=lambda row: row.decided_at),
    )
    filters = (
        Choices("tier", "Tier", _TIERS, lookup="review__tier"),
        Choices("outcome", "Outcome", Outcome.choices),
        Choices("fact", "Facts, all of", facts, where=with_facts, counts=False),
        Flag("conditions", "With conditions", Q(duties__isnull=False)),
    )

    def _search_conditions(self) -> list[Q]:
        return [_told_of(word) for word in self.text.split()]
