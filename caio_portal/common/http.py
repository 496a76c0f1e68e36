"""The request as our views see it, and where it wants to go next."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from caio_portal.accounts.models import User


class Request(HttpRequest):
    htmx: "HtmxDetails"
    user: "User"  # views that say PUBLIC do not touch it


def next_page(request: HttpRequest, otherwise: str = "/") -> str:
    """The address that a form names as `next`, if it is one of ours."""
    url = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if allowed else otherwise
