"""Who may come at all: every view says so, and one that does not is never served."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of

ANYONE = "anyone"  # whoever is signed in
PUBLIC = "public"  # whoever comes
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class Policy:
    roles: frozenset[str]
    methods: frozenset[str]

    def admits(self, held: Collection[str]) -> bool:
        return bool(self.roles & {ANYONE, PUBLIC}) or not self.roles.isdisjoint(held)


def policy(*roles: str, methods: Collection[str] = ("GET",)) -> Callable[[View], View]:
    """Declare who may call a view and how: roles (held anywhere), or ANYONE, or PUBLIC."""
    if not roles:
        raise ValueError("A policy names at least one role.")
    allowed = {*methods} | ({"HEAD"} if "GET" in methods else set())

    def declare(view: View) -> View:
        view.policy = Policy(frozenset(map(str, roles)), frozenset(allowed))  # type: ignore[attr-defined]
        return login_not_required(view) if PUBLIC in roles else view

    return declare


def policy_of(view: Any) -> Policy | None:
    return getattr(view, "policy", None)


def may_open(user: User, view: Callable[..., Any]) -> bool:
    """Whether the policy of a view lets USER in: what the navigation asks before it offers a page."""
    policy = policy_of(view)
    return policy is not None and policy.admits(roles_of(user).names)
