"""The request as our views see it, for annotations."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from caio_portal.accounts.models import User


class Request(HttpRequest):
    htmx: "HtmxDetails"
    user: "User"  # views that say PUBLIC do not touch it
