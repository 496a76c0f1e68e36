"""What anybody reads of an open register: a page, a feed of what changed, and data."""

from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from caio_portal.accounts.access import PUBLIC, policy
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio.register import access, selection

_A_PAGE = 50
_FEED = 50
_CACHED = {"Cache-Control": "public, max-age=300"}


@policy(PUBLIC)
def register_page(request: Request, slug: str) -> HttpResponse:
    register = access.open_register_or_404(slug)
    rows = selection.shown(register)
    if text := request.GET.get("q", "").strip()[:100]:
        rows = rows.filter(title__icontains=text)
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    entries = list(selection.entries(register, page.object_list))  # type: ignore[arg-type]  # a sliced queryset
    context = {"register": register, "page": page, "entries": entries, "text": text}
    return render_page(request, "portfolio/register_page.html", context)


@policy(PUBLIC)
def register_feed(request: Request, slug: str) -> HttpResponse:
    """Atom: the use cases that changed last."""
    register = access.open_register_or_404(slug)
    address = request.build_absolute_uri(reverse("portfolio:register_page", args=[slug]))
    feed = Atom1Feed(
        title=register.title, link=address, description=register.intro, feed_url=request.build_absolute_uri()
    )
    newest = selection.shown(register).order_by("-changed_at", "pk")[:_FEED]
    for entry in selection.entries(register, newest):
        feed.add_item(
            title=entry.title,
            link=f"{address}#{entry.ref}",
            description=f"{entry.unit}, {entry.stage}. {entry.summary}".strip(),
            unique_id=f"{address}#{entry.ref}",
            updateddate=entry.changed_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8", headers=_CACHED)


@policy(PUBLIC)
def register_data(request: Request, slug: str) -> HttpResponse:
    """JSON: every use case, with the same fields as the page."""
    register = access.open_register_or_404(slug)
    use_cases: list[dict[str, Any]] = [
        {**asdict(entry), "facts": dict(entry.facts), "changed_at": entry.changed_at.isoformat()}
        for entry in selection.entries(register, selection.shown(register))
    ]
    document = {"title": register.title, "unit": register.unit.name, "use_cases": use_cases}
    return JsonResponse(document, headers=_CACHED)
