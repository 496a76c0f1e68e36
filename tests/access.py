"""The table of who may open what, gathered from the apps, and the routes as the resolver knows them."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

from caio_portal.accounts.access import ANYONE, PUBLIC, policy_of
from caio_portal.accounts.middleware import TRUSTED

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


def may(name: str, role: str) -> bool:
    allowed = WHO_MAY[name]
    return (
        allowed == PUBLIC
        or (allowed == ANYONE and role != "anonymous")
        or (not isinstance(allowed, str) and role in allowed)
    )


def address(name: str, unit: Any, user: Any) -> str:
    route = ROUTES[name]
    wanted = getattr(route.pattern, "converters", {})
    return reverse(name, kwargs=OBJECTS[name](unit, user) if wanted else {})
