"""What every answer carries, and how htmx hears of a lost session."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

Next = Callable[[HttpRequest], HttpResponse]
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def security_headers(get_response: Next) -> Next:
    """Pages are for one reader: no cache keeps them. Static files set their own header."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response

    return middleware


def htmx_redirects(get_response: Next) -> Next:
    """A redirect to the sign-in page must move the whole page, not land inside a fragment."""
    login = resolve_url(settings.LOGIN_URL)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.headers.get("HX-Request") and response.headers.get("Location", "").startswith(login):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = response["Location"]
            return answer
        return response

    return middleware
