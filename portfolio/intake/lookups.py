"""People, units and products by what somebody types: proposals while typing, and the one that was meant at the end."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from caio_portal.accounts.models import OrgUnit, User, UserKind
from caio_portal.accounts.selectors import units_with_depth
from portfolio.fact_values import Unreadable, reference_words
from portfolio.facts import Fact, Kind
from vendors.models import Product

_PROPOSALS = 20
_ADDRESS = re.compile(r"[^\s()<>]+@[^\s()<>]+")
_INDENT = "\u2003"


@dataclass(frozen=True)
class Asker:
    """Who answers: a guest is told nothing about whom and what the portal knows."""

    is_guest: bool = False
    unit_path: str = ""  # of a guest: the units from here on are theirs to name

    def proposes(self, fact: Fact) -> list[str]:
        """The names to begin with. Products are few; of people, only as many as a list can hold."""
        return [] if self.is_guest else names_like(fact, "")

    def units(self) -> list[tuple[Any, str]]:
        found = OrgUnit.objects.filter(path__startswith=self.unit_path).values_list("pk", flat=True)
        offered = units_with_depth(frozenset(found) if self.unit_path else None)
        return [(unit.pk, f"{_INDENT * unit.depth}{unit.name}") for unit in offered]

    def meant(self, fact: Fact, text: str) -> str | dict[str, Any]:
        """The one whom TEXT names; Unreadable if it could be several, or for a person nobody knows."""
        text = " ".join(text.split())
        if self.is_guest:
            return text if fact.kind is Kind.PRODUCT else _outsider(fact, text)
        return _product(fact, text) if fact.kind is Kind.PRODUCT else _person(fact, text)


def names_like(fact: Fact, text: str) -> list[str]:
    """Up to twenty proposals for what is being typed."""
    return _NAMES[fact.kind](" ".join(text.split()))


def unit_meant(fact: Fact, pk: str) -> dict[str, Any]:
    unit = OrgUnit.objects.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 15 else None
    if unit is None:
        raise Unreadable(f"{fact.label} is one of the units of the list.")
    return {"id": unit.pk, "name": unit.name}


def _people(text: str) -> list[str]:
    found = _active().filter(Q(name__icontains=text) | Q(email__istartswith=text)).order_by("name", "email")
    return [reference_words(_known(user)) for user in found[:_PROPOSALS]]


def _products(text: str) -> list[str]:
    wanted = [Q(name__icontains=word) | Q(vendor__name__icontains=word) for word in text.replace(":", " ").split()]
    found = Product.objects.filter(*wanted, vendor__retired_at=None).select_related("vendor")
    return [reference_words(listed(product)) for product in found.order_by("vendor__name", "name")[:_PROPOSALS]]


_NAMES: dict[Kind, Callable[[str], list[str]]] = {Kind.PERSON: _people, Kind.PRODUCT: _products}


def _person(fact: Fact, text: str) -> str | dict[str, Any]:
    if address := _ADDRESS.search(text):
        user = _active().filter(email__iexact=address.group()).first()
        return _known(user) if user else text
    found = list(_active().filter(name__iexact=text)[:2])
    if len(found) == 1:
        return _known(found[0])
    if found:
        raise Unreadable(f"Several people are called {text}: give the e-mail address.")
    alike = _people(text)[:3]
    hint = f"Did you mean {_or(alike)}?" if alike else "Give their e-mail address."
    raise Unreadable(f"Nobody here is called {text}. {hint}")


def _outsider(fact: Fact, text: str) -> str:
    if not _ADDRESS.search(text):
        raise Unreadable(f"Name {fact.label.lower()} by an e-mail address.")
    return text


def _product(fact: Fact, text: str) -> str | dict[str, Any]:
    """A product of the register if the text is its name, alone or after its vendor's; else the text itself."""
    words = text.replace(":", " ").split()
    found = Product.objects.filter(*(Q(name__icontains=word) | _elsewhere(word) for word in words))
    same = [listed for listed in map(listed, found.select_related("vendor")) if text.casefold() in _called(listed)]
    return same[0] if len(same) == 1 else text


def _elsewhere(word: str) -> Q:
    return Q(version__icontains=word) | Q(vendor__name__icontains=word)


def _called(listed: dict[str, Any]) -> frozenset[str]:
    vendor, name = listed["vendor"], listed["name"]
    return frozenset(each.casefold() for each in (name, f"{vendor}: {name}", f"{vendor} {name}"))


def _known(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name, "email": user.email}


def listed(product: Product) -> dict[str, Any]:
    """A product of the register as the answer to a question."""
    return {"id": product.pk, "name": f"{product.name} {product.version}".strip(), "vendor": product.vendor.name}


def _active() -> Any:
    return User.objects.filter(is_active=True).exclude(kind=UserKind.SERVICE)


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
