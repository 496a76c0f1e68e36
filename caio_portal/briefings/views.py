"""Pages of the briefings."""

import re

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from caio_portal.accounts.access import policy
from caio_portal.audit.trail import entries_of
from caio_portal.briefings import access, narrative, presentation, rules, selectors, services
from caio_portal.briefings.content import content_of
from caio_portal.briefings.forms import DraftForm, NarrativeForm
from caio_portal.briefings.models import Briefing
from caio_portal.briefings.rendering import rendition_of
from caio_portal.common import files, pdf
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page


@policy(*rules.READERS)
def briefing_list(request: Request) -> HttpResponse:
    """The briefings by quarter; the CAIO office also begins a new one here."""
    return _list_page(request, DraftForm())


@policy(*rules.EDITORS, methods=("POST",))
def draft_briefing(request: Request) -> HttpResponse:
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    return redirect(services.draft_briefing(**form.cleaned_data, by=request.user))


@policy(*rules.READERS)
def briefing_detail(request: Request, quarter: str) -> HttpResponse:
    """One briefing: its texts with the figures beside them, its PDF, and what became of it."""
    return _page(request, _briefing(request, quarter))


@policy(*rules.READERS)
def briefing_preview(request: Request, quarter: str) -> HttpResponse:
    """The document in the browser, as it will be printed."""
    content = content_of(_briefing(request, quarter))
    return render_page(request, "briefings/preview.html", presentation.context(content))


@policy(*rules.READERS)
def preview_stylesheet(request: Request) -> HttpResponse:
    """The style of print for the preview; the browser has its own fonts already."""
    css = re.sub(r"@font-face\s*{[^}]*}", "", pdf.stylesheet())
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": "private, max-age=600"})


@policy(*rules.EDITORS, methods=("POST",))
def edit_narrative(request: Request, pk: int) -> HttpResponse:
    briefing = access.briefing_by_key_or_404(request.user, pk)
    form = NarrativeForm(request.POST)
    if not form.is_valid():
        return _page(request, briefing, form, status=422)
    texts = {key: form.cleaned_data[key] for key in narrative.FIELDS if key in request.POST}
    return redirect(_address(services.edit_narrative(pk, texts, by=request.user)))


@policy(*rules.EDITORS, methods=("POST",))
def request_rendition(request: Request, pk: int) -> HttpResponse:
    briefing = access.briefing_by_key_or_404(request.user, pk)
    services.request_rendition(pk, by=request.user)
    return redirect(_address(briefing))


@policy(*rules.EDITORS, methods=("POST",))
def approve_briefing(request: Request, pk: int) -> HttpResponse:
    access.briefing_by_key_or_404(request.user, pk)
    return redirect(_address(services.approve_briefing(pk, by=request.user)))


@policy(*rules.EDITORS, methods=("POST",))
def publish_briefing(request: Request, pk: int) -> HttpResponse:
    access.briefing_by_key_or_404(request.user, pk)
    return redirect(_address(services.publish_briefing(pk, by=request.user)))


@policy(*rules.READERS)
def download_briefing(request: Request, pk: int) -> HttpResponseBase:
    rendition = rendition_of(access.briefing_by_key_or_404(request.user, pk))
    if rendition is None:
        raise Http404("This briefing has not been rendered.")
    return files.download(rendition.file)


def _briefing(request: Request, quarter: str) -> Briefing:
    wanted = request.GET.get("audience", ""), request.GET.get("number", "")
    return access.briefing_or_404(request.user, quarter, *wanted)


def _address(briefing: Briefing) -> str:
    joint = "&" if "?" in briefing.get_absolute_url() else "?"
    return f"{briefing.get_absolute_url()}{joint}number={briefing.number}"


def _list_page(request: Request, form: DraftForm, *, status: int = 200) -> HttpResponse:
    context = {
        "editions": selectors.editions(access.briefings_of(request.user)), "form": form,
        "may_draft": rules.may_draft(request.user),
    }  # fmt: skip
    return render_page(request, "briefings/briefing_list.html", context, status=status)


def _page(
    request: Request, briefing: Briefing, form: NarrativeForm | None = None, *, status: int = 200
) -> HttpResponse:
    user, state = request.user, selectors.rendition_state(briefing)
    numbers = selectors.numbers_of(access.briefings_of(user), briefing)
    texts = {key: str(form.data[key]) for key in narrative.FIELDS if key in form.data} if form else None
    context = {
        "briefing": briefing, "page": selectors.briefing_page(briefing, numbers, texts), "form": form, "state": state,
        "address": _address(briefing), "events": entries_of(briefing, limit=12),
        "edit_objection": rules.objection_to_edit(user, briefing), "render_objection": rules.objection_to_render(user),
        "approve_objection": rules.objection_to_approve(user, briefing), "may_edit": rules.may_draft(user),
        "publish_objection": rules.objection_to_publish(user, briefing, state.rendition is not None),
    }  # fmt: skip
    return render_page(request, "briefings/briefing_detail.html", context, partials=["rendition"], status=status)
