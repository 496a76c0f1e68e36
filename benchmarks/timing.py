"""The server time of a page, compared with that of a page that says nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, include, path, resolve

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.urls import handler403  # noqa: F401  (this module is the root of addresses here)

ROUNDS = 40
WARM_UP = 3
EMPTY = "/bench/empty/"


@policy(ANYONE)
def empty(request: Any) -> HttpResponse:
    return HttpResponse("ok")


@policy(ANYONE)
def outlook(request: Any, ref: str) -> HttpResponse:
    """The panel beside the questions, as an answer brings it up to date: tier, reasons, controls, route."""
    from portfolio import access
    from portfolio.intake import pages
    from portfolio.intake.versions import asked_of

    use_case = access.draft_or_404(request.user, ref)
    shown = pages.outlook(use_case, asked_of(use_case)[1])
    return render(request, "portfolio/_outlook.html", {"outlook": shown, "use_case": use_case})


urlpatterns = [
    path("bench/outlook/<str:ref>/", outlook),
    path(EMPTY.strip("/") + "/", empty),
    path("", include("caio_portal.urls")),
]


@dataclass(frozen=True)
class Visit:
    name: str
    address: str
    limit: float  # times the empty page
    queries: int  # at most
    cold: bool = False  # nothing is cached
    sent: Callable[[], dict[str, Any]] | None = None  # what is posted, as htmx posts it; without it the page is got


def is_there(visit: Visit) -> bool:
    """Whether the address leads to a page."""
    try:
        resolve(visit.address.partition("?")[0], urlconf="caio_portal.urls")
    except Resolver404:
        return False
    return True


class Visitor:
    """Asks for pages as a signed-in person, through all middleware, without a network."""

    def __init__(self, email: str) -> None:
        settings.ROOT_URLCONF = "benchmarks.timing"
        client = Client()
        client.force_login(get_user_model().objects.get(email=email), backend=settings.AUTHENTICATION_BACKENDS[0])
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.factory = RequestFactory(headers={"host": "localhost", "cookie": self.cookie, "accept-language": "en"})

    def get(self, address: str) -> float:
        """Seconds; the page must be there."""
        request = self.factory.get(address)
        begun = time.perf_counter()
        response = self.handler.get_response(request)
        if response.streaming:
            b"".join(response.streaming_content)
        seconds = time.perf_counter() - begun
        assert response.status_code == 200, f"{address} answered {response.status_code}"
        response.close()
        return seconds

    def post(self, address: str, data: dict[str, Any]) -> float:
        """Seconds; what is sent must be taken."""
        request = self.factory.post(address, data, headers={"hx-request": "true"})
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        begun = time.perf_counter()
        response = self.handler.get_response(request)
        seconds = time.perf_counter() - begun
        assert response.status_code == 200, f"{address} answered {response.status_code}"
        response.close()
        return seconds

    def queries(self, visit: Visit) -> int:
        with CaptureQueriesContext(connection) as asked:
            _fetch(visit, self)
        return len(asked)


def compare(visitor: Visitor, visits: Sequence[Visit]) -> tuple[float, dict[str, float]]:
    """Median milliseconds of the empty page and of each visit, taken in turns so that noise meets all alike."""
    empty_times: list[float] = []
    times: dict[str, list[float]] = {visit.name: [] for visit in visits}
    for number in range(WARM_UP + ROUNDS):
        for visit in visits:
            visitor.get(EMPTY)
            empty_seconds = visitor.get(EMPTY)
            seconds = _fetch(visit, visitor)
            if number >= WARM_UP:
                empty_times.append(empty_seconds)
                times[visit.name].append(seconds)
    return 1000 * median(empty_times), {name: 1000 * median(taken) for name, taken in times.items()}


def _fetch(visit: Visit, visitor: Visitor) -> float:
    if visit.cold:
        cache.clear()
    return visitor.post(visit.address, visit.sent()) if visit.sent else visitor.get(visit.address)
