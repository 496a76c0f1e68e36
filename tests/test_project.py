"""Promises of the whole project: who may open what, and that nobody forgot to say so."""

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from caio_portal.accounts.access import ANYONE, PUBLIC, policy_of
from caio_portal.accounts.middleware import TRUSTED
from caio_portal.accounts.roles import Role
from tests.factories import make_person, make_unit, signed_in

APPS = ("accounts", "portfolio", "governance", "vendors", "kpis", "briefings", "common")
TABLES = [importlib.import_module(f"tests.{app}.access_table") for app in APPS]
WHO_MAY: dict[str, Any] = {name: roles for table in TABLES for name, roles in table.WHO_MAY.items()}
OBJECTS: dict[str, Callable[..., dict[str, Any]]] = {
    name: make for table in TABLES for name, make in getattr(table, "OBJECTS", {}).items()
}
# Objects that belong to no unit, or whose unit does not limit who sees them.
EVERYBODYS: set[str] = set().union(*(getattr(table, "EVERYBODYS", set()) for table in TABLES))
# Roles that see these objects whatever the unit.
SEES_ALL: dict[str, set[str]] = {
    name: set(roles) for table in TABLES for name, roles in getattr(table, "SEES_ALL", {}).items()
}
NOBODY = "nobody"  # signed in, without any role
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", re.IGNORECASE)


def _routes(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if not pattern.callback.__module__.startswith(TRUSTED):
                yield f"{namespace}{pattern.name}", pattern
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern.url_patterns, inner)


ROUTES = dict(_routes())
READ = sorted(
    name for name, route in ROUTES.items() if (declared := policy_of(route.callback)) and "GET" in declared.methods
)
WRITE_ONLY = sorted(ROUTES.keys() - set(READ))


def _may(name: str, role: str) -> bool:
    allowed = WHO_MAY[name]
    return (
        allowed == PUBLIC
        or (allowed == ANYONE and role != "anonymous")
        or (not isinstance(allowed, str) and role in allowed)
    )


def _address(name: str, unit: Any, user: Any) -> str:
    route = ROUTES[name]
    wanted = getattr(route.pattern, "converters", {})
    return reverse(name, kwargs=OBJECTS[name](unit, user) if wanted else {})


def _person(role: str, unit: Any) -> tuple[Any, Client]:
    if role == "anonymous":
        return None, Client()
    user = make_person(*([role] if role in Role.values else []), unit=unit)
    return user, signed_in(user)


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


@pytest.mark.parametrize("role", ["anonymous", NOBODY, *Role.values])
def test_who_gets_each_page(db, role):
    unit = make_unit("Own")
    user, client = _person(role, unit)
    wrong = []
    for name in READ:
        address = _address(name, unit, user)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address)
            status = response.status_code
            if response.streaming:
                response.getvalue()  # else the file of a download stays open
        if written := [
            query["sql"] for query in queries if WRITES.match(query["sql"]) and "django_session" not in query["sql"]
        ]:
            wrong.append((name, "GET writes", written[0][:120]))
        expected = {200, 302} if _may(name, role) else {302} if role == "anonymous" else {403}
        if status not in expected:
            wrong.append((name, status, expected))

    assert wrong == []


@pytest.mark.parametrize("role", ["anonymous", NOBODY, *Role.values])
def test_who_may_not_act(db, role):
    """What the table forbids is refused for every method that changes something, before any form is read."""
    unit = make_unit("Own")
    user, client = _person(role, unit)
    wrong = []
    for name in sorted(ROUTES):
        address = _address(name, unit, user)
        for method in ("post", "put", "patch", "delete"):
            with CaptureQueriesContext(connection) as queries:
                status = getattr(client, method)(address).status_code
            declared = policy_of(ROUTES[name].callback).methods
            if _may(name, role):
                expected = set() if method.upper() in declared else {405}
            else:
                expected = {302} if role == "anonymous" else {403}
            if expected and status not in expected:
                wrong.append((name, method, status, expected))
            if expected and any(WRITES.match(query["sql"]) for query in queries):
                wrong.append((name, method, "writes"))

    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_what_belongs_to_another_unit_does_not_exist(db, role):
    own, foreign = make_unit("Own"), make_unit("Foreign")
    client, somebody = signed_in(make_person(role, unit=own)), make_person()
    wrong = []
    for name in sorted(OBJECTS.keys() - EVERYBODYS):
        if _may(name, role) and role not in SEES_ALL.get(name, ()):
            address = _address(name, foreign, somebody)
            declared = policy_of(ROUTES[name].callback).methods
            for method in sorted(declared - {"HEAD"}):
                status = getattr(client, method.lower())(address).status_code
                if status != 404:
                    wrong.append((name, method, status))

    assert wrong == []
