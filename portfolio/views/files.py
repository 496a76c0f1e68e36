"""Files that were given as answers, and the names that the fields of the questions propose."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from caio_portal.accounts.access import ANYONE, PUBLIC, policy
from caio_portal.common import files
from caio_portal.common.http import Request
from caio_portal.common.models import StoredFile
from portfolio import access
from portfolio.facts import CATALOGUE, Kind
from portfolio.intake.lookups import names_like
from portfolio.intake.widgets import list_id
from portfolio.models import FactChange, UseCase
from portfolio.services import note_reading


@policy(ANYONE)
def answer_file(request: Request, ref: str, uuid: UUID) -> FileResponse:
    """Whoever may read the use case may read what was attached to an answer, now or before."""
    use_case = access.use_case_or_404(request.user, ref)
    response = _download(use_case, uuid)
    note_reading(use_case, by=request.user)
    return response


@policy(PUBLIC)
@never_cache
def guest_file(request: Request, token: str, uuid: UUID) -> FileResponse:
    link = access.guest_link_by_token(token)
    if link.is_over or link.use_case is None:
        raise Http404
    return _download(link.use_case, uuid)


@policy(ANYONE)
def propose_names(request: Request, fact: str) -> HttpResponse:
    """Proposals for what is being typed into the field of FACT, a person or a product."""
    about = CATALOGUE.get(fact)
    if about is None or about.kind not in (Kind.PERSON, Kind.PRODUCT):
        raise Http404
    context = {"list_id": list_id(about), "names": names_like(about, request.GET.get(fact, "")[:100])}
    return render(request, "portfolio/_names.html", context)


def _download(use_case: UseCase, uuid: UUID) -> FileResponse:
    if not FactChange.objects.filter(use_case=use_case, value__file=str(uuid)).exists():
        raise Http404
    return files.download(get_object_or_404(StoredFile, uuid=uuid))
