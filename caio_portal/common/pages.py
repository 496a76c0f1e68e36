"""Pages: a whole one, or the partial that htmx asked for; and how refusals look."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from caio_portal.common.errors import NotAllowed
from caio_portal.common.http import Request, page_before

NOT_YOURS = "Your roles do not open this page."


def render_page(
    request: Request, template: str, context: dict[str, Any], *, partials: Collection[str] = (), status: int = 200
) -> HttpResponse:
    """Render a page, or only the partial (named by the id it swaps) that htmx asked for."""
    is_partial = request.htmx and request.htmx.target in partials
    if is_partial:
        folder = template.rpartition("/")[0]
        template = f"{folder}/_{request.htmx.target}.html"
    response = render(request, template, context, status=status)
    if is_partial and get_messages(request):  # a whole page shows them by itself
        response.write(render_to_string("components/toasts_beside.html", request=request))
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def form_page(
    request: Request, form: BaseForm, title: str, submit: str, crumbs: Sequence[str], *, lede: str = ""
) -> HttpResponse:
    """A page that is one form: what is wrong with it comes back with 422, Cancel goes to the last of the crumbs."""
    context = {"form": form, "title": title, "submit": submit, "lede": lede, "crumbs": crumbs, "back": crumbs[-2]}
    return render_page(request, "components/form_page.html", context, status=422 if form.errors else 200)


def refused(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """handler403: the sentence of the rule that objected, as a page or as a message for htmx."""
    sentence = str(exception) if isinstance(exception, NotAllowed) else NOT_YOURS
    if getattr(request, "htmx", False):
        response = render(request, "components/refusal.html", {"sentence": sentence}, status=403)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    heading = "This cannot be done" if sentence != NOT_YOURS else ""
    context = {"sentence": sentence, "heading": heading, "back": page_before(request)}
    return render(request, "403.html", context, status=403)


def wrong_method(request: HttpRequest, methods: Collection[str]) -> HttpResponse:
    """What 405 looks like: a person meets it when the address of a form is opened as a page, after signing in again."""
    response = render(request, "405.html", {"back": page_before(request)}, status=405)
    response["Allow"] = ", ".join(sorted(methods))
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the session: say so; htmx loads the page afresh."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=403)
        response["HX-Refresh"] = "true"
        return response
    sentence = (
        "This form was opened before you signed in, or cookies are blocked. Go back, load the page again and repeat."
    )
    return TemplateResponse(request, "403.html", {"sentence": sentence, "back": page_before(request)}, status=403)
