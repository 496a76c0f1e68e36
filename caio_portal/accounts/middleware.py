"""Fail closed: a view without a policy, or a person without a role, gets nothing."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from caio_portal.accounts.access import PUBLIC, policy_of
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.pages import wrong_method

Next = Callable[[HttpRequest], HttpResponse]
# The only views that are not ours: sign-in, passwords and second factors, which bring their own rules.
TRUSTED = ("allauth.account.", "allauth.mfa.", "django.contrib.staticfiles.")


class PolicyMiddleware:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        policy = policy_of(view)
        if policy is None:
            if view.__module__.startswith(TRUSTED):
                return None
            raise PermissionDenied(f"{view.__module__}.{view.__qualname__} declares no policy.")
        if PUBLIC not in policy.roles and not policy.admits(roles_of(request.user).names):
            raise PermissionDenied
        if request.method not in policy.methods:
            return wrong_method(request, policy.methods)
        return None


def reader_time_zone(get_response: Next) -> Next:
    """Dates in the reader's zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "")
        if not name:
            return get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return get_response(request)

    return middleware
