"""Promises of the whole project: who may open what, and that nobody forgot to say so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from caio_portal.accounts.access import policy_of
from caio_portal.accounts.roles import Role
from tests.access import EVERYBODYS, OBJECTS, READ, ROUTES, SEES_ALL, WHO_MAY, may
from tests.access import address as address_of
from tests.factories import make_person, make_unit, make_use_case, signed_in

NOBODY = "nobody"  # signed in, without any role
ANYBODY = ["anonymous", NOBODY, *Role.values]
RARE = ("put", "patch", "delete")
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", re.IGNORECASE)


def _person(role: str, unit: Any) -> tuple[Any, Client]:
    if role == "anonymous":
        return None, Client()
    user = make_person(*([role] if role in Role.values else []), unit=unit)
    return user, signed_in(user)


@contextmanager
def _writes() -> Iterator[list[str]]:
    """The statements meanwhile that change rows; what captures queries would make text of every one."""
    found: list[str] = []

    def look(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(text := str(sql)):
            found.append(text)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield found


def test_every_route_is_in_the_access_table():
    assert ROUTES.keys() == WHO_MAY.keys()


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_view_declares_what_the_table_says(name):
    declared = policy_of(ROUTES[name].callback)

    assert declared is not None
    allowed = WHO_MAY[name]
    assert declared.roles == ({allowed} if isinstance(allowed, str) else set(map(str, allowed)))


def test_every_route_with_a_parameter_has_an_object():
    needs = {name for name, route in ROUTES.items() if getattr(route.pattern, "converters", {})}

    assert needs - OBJECTS.keys() == set()


@pytest.mark.parametrize("role", ANYBODY)
def test_who_gets_each_page(db, role):
    unit = make_unit("Own")
    user, client = _person(role, unit)
    wrong = []
    for name in READ:
        address = address_of(name, unit, user)
        with _writes() as written:
            response = client.get(address)
            status = response.status_code
            if response.streaming:
                response.getvalue()  # else the file of a download stays open
        if written := [sql for sql in written if "django_session" not in sql]:
            wrong.append((name, "GET writes", written[0][:120]))
        expected = {200, 302} if may(name, role) else {302} if role == "anonymous" else {403}
        if status not in expected:
            wrong.append((name, status, expected))

    assert wrong == []


@pytest.mark.parametrize("role", ANYBODY)
def test_who_may_not_act(db, role):
    """What the table forbids is refused for every method that changes something, before any form is read."""
    unit = make_unit("Own")
    user, client = _person(role, unit)
    wrong = []
    for number, name in enumerate(sorted(ROUTES), ANYBODY.index(role)):
        address = None
        for method in ("post", RARE[number % len(RARE)]):  # over all roles, every view gets every method
            if may(name, role) and method.upper() in policy_of(ROUTES[name].callback).methods:
                continue
            address = address or address_of(name, unit, user)
            # Half of the house's forms are sent by htmx.
            headers = {} if method == "post" or role == "anonymous" else {"HX-Request": "true"}
            with _writes() as written:
                status = getattr(client, method)(address, headers=headers).status_code
            expected = 405 if may(name, role) else 302 if role == "anonymous" else 403
            if status != expected:
                wrong.append((name, method, status, expected))
            if written:
                wrong.append((name, method, "writes"))

    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_what_belongs_to_another_unit_does_not_exist(db, role):
    own, foreign = make_unit("Own"), make_unit("Foreign")
    client, somebody = signed_in(make_person(role, unit=own)), make_person()
    wrong = []
    for name in sorted(OBJECTS.keys() - EVERYBODYS):
        if may(name, role) and role not in SEES_ALL.get(name, ()):
            address = address_of(name, foreign, somebody)
            declared = policy_of(ROUTES[name].callback).methods
            for method in sorted(declared - {"HEAD"}):
                status = getattr(client, method.lower())(address).status_code
                if status != 404:
                    wrong.append((name, method, status))

    assert wrong == []


@pytest.mark.parametrize("role", ["requester", "owner", "reviewer", "council_member", "caio", "executive", "auditor"])
def test_no_page_tells_of_what_belongs_to_another_unit(db, role):
    """A word that stands only in a foreign use case is on no page, in no list, export, search or error."""
    own, foreign = make_unit("Own"), make_unit("Foreign")
    canary = f"canary{uuid4().hex}"
    make_use_case(canary, unit=foreign, requester=make_person())
    make_use_case("Something of our own", unit=own, requester=make_person())
    client = signed_in(make_person(role, unit=own))
    plain = [name for name in READ if may(name, role) and not getattr(ROUTES[name].pattern, "converters", {})]
    addresses = [address_of(name, own, None) for name in plain]
    asked = [
        *addresses,
        *(f"{address}?{query}" for address in addresses for query in ("format=csv", f"q={canary[:9]}")),
    ]
    pages = {address: _text(client.get(address)) for address in asked}

    assert [address for address, text in pages.items() if canary in text] == []
    assert any("Something of our own" in text for text in pages.values())


def _text(response: Any) -> str:
    return (response.getvalue() if response.streaming else response.content).decode(errors="replace")
