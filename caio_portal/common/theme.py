from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from caio_portal.common.http import next_page

THEMES = ("light", "dark")
_YEAR = 365 * 24 * 60 * 60


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie; anything else goes back to what the system prefers."""
    response = redirect(next_page(request))
    if (theme := request.POST.get("theme", "")) in THEMES:
        response.set_cookie("theme", theme, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
