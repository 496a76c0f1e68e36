"""The request as our views see it, and the pages before and after it."""

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
    return url if _is_ours(request, url) else otherwise


def page_before(request: HttpRequest) -> str:
    """Where the reader came from, if that is a page of ours; else empty."""
    url = request.headers.get("Referer", "")
    return url if _is_ours(request, url) and url != request.build_absolute_uri() else ""


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
