"""The main navigation: which pages it offers to whom."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, get_script_prefix, get_urlconf, resolve
from django.utils.functional import SimpleLazyObject

from caio_portal.common.ports import Port

# (user, view) -> whether the view's policy lets this person in; without a provider every page is offered.
may_open: Port[[Any, Callable[..., Any]], bool] = Port("may_open")


@dataclass(frozen=True)
class NavItem:
    """A page of the main navigation, named by its address (the design fixes addresses, not URL names)."""

    label: str
    path: str
    icon: str
    group: str = ""


ITEMS = (
    NavItem("Home", "/", "home"),
    NavItem("Executive", "/executive/", "chart"),
    NavItem("Use cases", "/use-cases/", "list", "Portfolio"),
    NavItem("New use case", "/intake/new/", "plus", "Portfolio"),
    NavItem("Common uses", "/common-uses/", "tick", "Portfolio"),
    NavItem("Models and agents", "/assets/", "link", "Portfolio"),
    NavItem("Inventories", "/inventory/", "table", "Portfolio"),
    NavItem("Vendors", "/vendors/", "building", "Portfolio"),
    NavItem("Reviews", "/reviews/", "inbox", "Governance"),
    NavItem("Councils", "/councils/", "people", "Governance"),
    NavItem("Policies", "/policies/", "book", "Governance"),
    NavItem("Incidents", "/incidents/", "alert", "Governance"),
    NavItem("KPIs", "/kpis/", "trend", "Oversight"),
    NavItem("Briefings", "/briefings/", "file", "Oversight"),
    NavItem("Audit", "/audit/", "shield", "Oversight"),
)


class NavLink(NamedTuple):
    label: str
    url: str
    icon: str
    is_current: bool


class NavGroup(NamedTuple):
    label: str
    links: list[NavLink]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what base.html shows around every page; evaluated only when a template asks."""
    theme = request.COOKIES.get("theme", "")
    return {
        "navigation": SimpleLazyObject(lambda: groups(request)),
        "theme": theme if theme in ("light", "dark") else "",
        "organisation": getattr(settings, "ORGANISATION", "CAIO Portal"),
    }


def groups(request: HttpRequest) -> list[NavGroup]:
    """The pages that exist and that this person may open, in groups, the current one marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    offered = [(item, url) for item, url, view in _pages(get_urlconf()) if _may_open(user, view)]
    current = _current(request.path, [url for _, url in offered])
    found: dict[str, NavGroup] = {}
    for item, url in offered:
        group = found.setdefault(item.group, NavGroup(item.group, []))
        group.links.append(NavLink(item.label, url, item.icon, url == current))
    return list(found.values())


@lru_cache(maxsize=8)
def _pages(urlconf: str | None) -> list[tuple[NavItem, str, Callable[..., Any]]]:
    pages = []
    for item in ITEMS:
        try:
            match = resolve(item.path, urlconf)
        except Resolver404:
            continue
        pages.append((item, get_script_prefix().rstrip("/") + item.path, match.func))
    return pages


def _current(path: str, urls: list[str]) -> str:
    matching = [url for url in urls if path == url or (path.startswith(url) and url != get_script_prefix())]
    return max(matching, key=len, default="")


def _may_open(user: Any, view: Callable[..., Any]) -> bool:
    return all(may_open.ask_all(user, view))
