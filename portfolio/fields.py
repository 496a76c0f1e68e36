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
from django.db.models.lookups import GreaterThanOrEqual, LessThan, LessThanOrEqual

from caio_portal.common.tables import Choices, Typed
from caio_portal.common.tables.filters import NONE, Filter, Option
from portfolio import buckets, joined
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
    in_force = {name.removesuffix(".from").removesuffix(".to").removesuffix(buckets.SUFFIX) for name in query}
    return frozenset(named | in_force & every.keys())


def filters(keys: Collection[str]) -> list[Filter]:
    """The filters with these keys, in the order in which they are offered."""
    shown = {key: told for key, told in _all().items() if key in keys}
    built = [build() for _, build in shown.values()]
    ranged = ((key, label, _ranged(key)) for key, (label, _) in shown.items())
    return [*built, *(buckets.choices(key, label, *found) for key, label, found in ranged if found)]


def offered(keys: Collection[str]) -> list[Option]:
    return [Option(key, label, None, key in keys) for key, (label, _) in _all().items()]


def is_counted_apart(key: str) -> bool:
    """Whether the choices under this key need a query of their own."""
    return key.startswith(PREFIX) or key.endswith(buckets.SUFFIX) or key == joined.KEY


def expression_of(key: str) -> Any:
    """The value of a choice fact, as text, for counting; of what somebody writes, the bucket of its value."""
    if key == joined.KEY:
        return joined.keys_of_row()
    if key.endswith(buckets.SUFFIX) and (ranged := _ranged(key.removesuffix(buckets.SUFFIX))):
        return buckets.told(*ranged)
    return KeyTextTransform(key.removeprefix(PREFIX), "facts")


def counted(key: str, rows: Iterable[tuple[Any, int]]) -> dict[str, int]:
    """Rows per choice, from rows per value: each of several answers counts."""
    if key == joined.KEY:
        return joined.counted(rows)
    if key.endswith(buckets.SUFFIX):
        found = {str(value): number for value, number in rows}
        return found | {buckets.STATED: sum(found.values()) - found.get(NONE, 0)}
    return _counted_answers(key, rows)


def _counted_answers(key: str, rows: Iterable[tuple[str | None, int]]) -> dict[str, int]:
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


def _ranged(key: str) -> tuple[list[buckets.Bucket], Q | None] | None:
    """What can be chosen below the filter with this key: ranges, and which use cases lack a value; None of choices."""
    if key == joined.KEY:
        return None
    if key in _PEOPLE:
        return [], Q(**{key: None})
    if key in _MOMENTS:
        lookup = _MOMENTS[key]
        lacking = Q(**{lookup: None}) if key == "since" else None  # of the others each use case has one
        return buckets.of_moments(lambda first, last: _days_between(lookup, first, last)), lacking
    fact = CATALOGUE[key.removeprefix(PREFIX)]
    if fact.kind in (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO):
        return None
    return _ranges_of(fact), ~Q(facts__has_key=fact.name)


def _ranges_of(fact: Fact) -> list[buckets.Bucket]:
    if fact.kind is Kind.NUMBER:
        return buckets.of_numbers(lambda low, high: _at_least_below(fact.name, low, high))
    if fact.kind is Kind.MONEY:
        return buckets.of_numbers(lambda low, high: _amount_between(fact.name, low, high, below=True), money=True)
    if fact.kind is Kind.DATE:
        return buckets.of_days(_between(f"facts__{fact.name}", date.isoformat))
    return []


def _at_least_below(name: str, low: int, high: int | None) -> Q:
    condition = Q(**{f"facts__{name}__gte": low})
    return condition if high is None else condition & Q(**{f"facts__{name}__lt": high})


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


def _amount_between(name: str, low: Decimal | None, high: Decimal | None, *, below: bool = False) -> Q:
    """By the amount, in whatever currency; facts from before amounts had one are plain numbers."""
    parts = Coalesce(KeyTextTransform("amount", KeyTransform(name, "facts")), KeyTextTransform(name, "facts"))
    amount = Cast(parts, _AMOUNT)
    condition = Q() if low is None else Q(GreaterThanOrEqual(amount, low))
    return condition if high is None else condition & Q((LessThan if below else LessThanOrEqual)(amount, high))


def _label(fact: Fact) -> str:
    return fact.label


def _person(key: str, label: str) -> tuple[str, Callable[[], Filter]]:
    where = lambda text, _: Q(**{f"{key}__name__icontains": text}) | Q(**{f"{key}__email__iexact": text})  # noqa: E731
    return label, lambda: Typed(key, label, "text", where)


def _moment(key: str, lookup: str, label: str) -> tuple[str, Callable[[], Filter]]:
    return label, lambda: Typed(key, label, "date", lambda first, last: _days_between(lookup, first, last))


def _days_between(lookup: str, first: date | None, last: date | None) -> Q:
    condition = Q(**{f"{lookup}__date__gte": first}) if first else Q()
    return condition & Q(**{f"{lookup}__date__lt": last + timedelta(days=1)}) if last else condition


_PEOPLE = ("owner", "sponsor", "requester")
_MOMENTS = {"since": "stage_since", "registered": "registered_at", "changed": "changed_at"}
_PLACES: dict[str, tuple[str, Callable[[], Filter]]] = {
    joined.KEY: ("Joined by", joined.choices),
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
