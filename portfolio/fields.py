"""Filters by any field of a use case: its people and days, and every fact of the catalogue."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import DecimalField, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from caio_portal.common.tables import Choices, Typed
from caio_portal.common.tables.filters import NONE, Filter, Option
from portfolio.facts import CATALOGUE, Fact, Kind

BY = "by"  # the parameter that names the filters to show
PREFIX = "f-"
_YES_NO = (("yes", "Yes"), ("no", "No"))
_AMOUNT = DecimalField(max_digits=30, decimal_places=6)


def key_of(fact: str) -> str:
    """The parameter that filters by a fact."""
    return f"{PREFIX}{fact}"


def wanted(query: Any) -> frozenset[str]:
    """The keys of the filters that an address shows: named, or in force."""
    every = _all()
    named = {name for name in query.getlist(BY) if name in every}
    in_force = {name.removesuffix(".from").removesuffix(".to") for name in query}
    return frozenset(named | in_force & every.keys())


def filters(keys: Collection[str]) -> list[Filter]:
    """The filters with these keys, in the order in which they are offered."""
    return [build() for key, (_, build) in _all().items() if key in keys]


def offered(keys: Collection[str]) -> list[Option]:
    return [Option(key, label, None, key in keys) for key, (label, _) in _all().items()]


def expression_of(key: str) -> KeyTextTransform:
    """The value of a choice fact, as text, for counting."""
    return KeyTextTransform(key.removeprefix(PREFIX), "facts")


def counted(key: str, rows: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Rows per choice, from rows per value: each of several answers counts."""
    kind = CATALOGUE[key.removeprefix(PREFIX)].kind
    found: Counter[str] = Counter()
    for value, number in rows:
        for one in _answers(kind, value):
            found[one] += number
    return dict(found)


def _answers(kind: Kind, value: str | None) -> list[str]:
    if value is None:
        return [NONE]
    if kind is Kind.YES_NO:
        return ["yes" if value == "true" else "no"]
    return [str(one) for one in json.loads(value)] if kind is Kind.CHOICES else [value]


def _of_fact(fact: Fact) -> Filter:
    key, name = key_of(fact.name), fact.name
    if fact.kind in (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO):
        options = _YES_NO if fact.kind is Kind.YES_NO else tuple(fact.choices.items())
        return Choices(key, fact.label, options, none="Not stated", where=_is_one_of(fact), counts=False)
    if fact.kind is Kind.NUMBER:
        return Typed(key, fact.label, "number", _between(f"facts__{name}", float))
    if fact.kind is Kind.MONEY:
        return Typed(key, fact.label, "number", lambda low, high: _amount_between(name, low, high))
    if fact.kind is Kind.DATE:
        return Typed(key, fact.label, "date", _between(f"facts__{name}", date.isoformat))
    return Typed(key, fact.label, "text", lambda text, _: Q(**{f"facts__{name}__icontains": text}))


def _is_one_of(fact: Fact) -> Callable[[list[str]], Q]:
    """By what the facts contain, which their index finds."""

    def where(chosen: list[str]) -> Q:
        condition = ~Q(facts__has_key=fact.name) if NONE in chosen else Q()
        for value in chosen:
            if value != NONE:
                stated: Any = value == "yes" if fact.kind is Kind.YES_NO else value
                condition |= Q(facts__contains={fact.name: [stated] if fact.kind is Kind.CHOICES else stated})
        return condition

    return where


def _between(lookup: str, written: Callable[[Any], Any]) -> Callable[[Any, Any], Q]:
    def where(low: Any, high: Any) -> Q:
        condition = Q() if low is None else Q(**{f"{lookup}__gte": written(low)})
        return condition if high is None else condition & Q(**{f"{lookup}__lte": written(high)})

    return where


def _amount_between(name: str, low: Decimal | None, high: Decimal | None) -> Q:
    """By the amount, in whatever currency; facts from before amounts had one are plain numbers."""
    parts = Coalesce(KeyTextTransform("amount", KeyTransform(name, "facts")), KeyTextTransform(name, "facts"))
    amount = Cast(parts, _AMOUNT)
    condition = Q() if low is None else Q(GreaterThanOrEqual(amount, low))
    return condition if high is None else condition & Q(LessThanOrEqual(amount, high))


def _label(fact: Fact) -> str:
    return fact.label


def _person(key: str, label: str) -> tuple[str, Callable[[], Filter]]:
    where = lambda text, _: Q(**{f"{key}__name__icontains": text}) | Q(**{f"{key}__email__iexact": text})  # noqa: E731
    return label, lambda: Typed(key, label, "text", where)


def _moment(key: str, lookup: str, label: str) -> tuple[str, Callable[[], Filter]]:
    def where(first: date | None, last: date | None) -> Q:
        condition = Q(**{f"{lookup}__date__gte": first}) if first else Q()
        return condition & Q(**{f"{lookup}__date__lt": last + timedelta(days=1)}) if last else condition

    return label, lambda: Typed(key, label, "date", where)


_PLACES: dict[str, tuple[str, Callable[[], Filter]]] = {
    "owner": _person("owner", "Owner"),
    "sponsor": _person("sponsor", "Sponsor"),
    "requester": _person("requester", "Requester"),
    "since": _moment("since", "stage_since", "In stage since"),
    "registered": _moment("registered", "registered_at", "Registered"),
    "changed": _moment("changed", "changed_at", "Changed"),
}


def _all() -> dict[str, tuple[str, Callable[[], Filter]]]:
    """Every filter; what the organisation declares is among them as soon as it is published."""
    facts = sorted(CATALOGUE.values(), key=_label)
    return {**_PLACES, **{key_of(one.name): (one.label, partial(_of_fact, one)) for one in facts}}
