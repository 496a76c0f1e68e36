"""Reusable filters over use cases, in the words of the pages."""

import re
from collections.abc import Sequence
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.db.models.expressions import RawSQL

from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock

if TYPE_CHECKING:
    from caio_portal.accounts.models import User
    from portfolio.models import UseCase  # noqa: F401

# Any role shows what is not confidential in its units; these also show what is.
TRUSTED = (Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.AUDITOR, Role.COUNCIL_MEMBER, Role.REVIEWER)
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_RANK = "ts_rank(use_case.search, to_tsquery('english', %s))"
_MATCHES = "SELECT id FROM use_case WHERE search @@ to_tsquery('english', %s)"
_YEARS = 10  # how far back a bare number is looked for among the references


class _HasWords(Func):
    """Whether the words of a use case match a text query; a query of nothing but "the" and "of" asks for nothing."""

    template = "({alias}.search @@ to_tsquery('english', %s) OR numnode(to_tsquery('english', %s)) = 0)"
    output_field = BooleanField()

    def __init__(self, query: str, *sources: Any) -> None:
        self.query = query
        super().__init__(*(sources or (F("pk"),)))

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[str]]:  # type: ignore[override]
        (key,) = self.source_expressions
        alias = compiler.quote_name_unless_alias(key.alias)  # type: ignore[attr-defined]
        return self.template.format(alias=alias), [self.query, self.query]


def words_of(text: str) -> Q:
    """The condition that every word of TEXT begins a word of the title or purpose, or is a reference or its number."""
    parts = text.split()
    plain = " ".join(part for part in parts if not _DIGIT.search(part))
    condition = _has_words(plain)
    for part in parts:
        if _DIGIT.search(part):
            condition &= _has_words(part) | _has_reference(part)
    return condition


def _has_words(text: str) -> Q:
    words = _WORD.findall(text)
    return Q(_HasWords(" & ".join(f"{word}:*" for word in words))) if words else Q()


def _has_reference(part: str) -> Q:
    """By what a reference begins with, or by its number in any of the last years: both are in its index."""
    if not part.isascii() or not part.isdigit():
        return Q(ref__startswith=part.upper())
    this_year = clock.today().year
    return Q(ref__in=[f"UC-{year}-{part:0>4}" for year in range(this_year - _YEARS, this_year + 1)])


class UseCaseQuerySet(models.QuerySet["UseCase"]):
    def active(self) -> Self:
        """All that count: not those whose batch was withdrawn, nor discarded drafts."""
        return self.filter(voided_at=None)

    def visible_to(self, user: "User") -> Self:
        """Role × unit × confidentiality; whoever is named in a use case sees it."""
        roles = roles_of(user)
        people = apps.get_model("portfolio", "UseCasePerson")
        named = people.objects.filter(use_case=OuterRef("pk"), user=user.pk, ended_at=None)
        everyday, trusted = roles.unit_ids(*Role), roles.unit_ids(*TRUSTED)
        seen = Q(unit__in=trusted) | Q(owner=user.pk) | Q(sponsor=user.pk) | Q(requester=user.pk) | Exists(named)
        if everyday <= trusted:
            return self.filter(seen)
        return self.filter(seen | Q(confidential=False, unit__in=everyday))

    def matching(self, text: str) -> Self:
        """Every word of TEXT begins a word of the title or purpose, or TEXT is part of a reference."""
        return self.filter(words_of(text))

    def sharing_words(self, *sets: Sequence[str]) -> Self:
        """Title or purpose have two words of one of SETS; one word is enough of a set of one or two."""
        asked = [each if len(each) < 3 else [f"({a} & {b})" for a, b in combinations(each, 2)] for each in sets]
        return self.filter(pk__in=RawSQL(_MATCHES, [" | ".join(chain(*asked))]))  # noqa: S611

    def by_closeness(self, text: str) -> Self:
        """What fits the words of TEXT best first: a word of the title weighs more than one of the purpose."""
        rank = RawSQL(_RANK, [" | ".join(_WORD.findall(text))])  # noqa: S611
        return self.annotate(closeness=rank).order_by("-closeness", "-pk")

    def for_page(self) -> Self:
        people = self.select_related("unit", "owner", "sponsor", "requester").prefetch_related("people__user")
        return people.with_questionnaire()

    def with_questionnaire(self) -> Self:
        """Together with the version that each began with, but for its text."""
        return self.select_related("questionnaire").defer("questionnaire__document", "questionnaire__source")
