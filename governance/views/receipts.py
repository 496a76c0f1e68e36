"""What proves decisions to somebody who does not trust the portal: receipts, proofs, samples."""

from dataclasses import asdict
from tempfile import TemporaryFile
from typing import Any

from django.core import signing
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.exports import csv_response, xlsx_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.quarters import Quarter
from governance import receipts
from governance.access.reviews import review_or_404
from governance.forms.sampling import SampleForm
from governance.models import Decision
from governance.selectors.sampling import HEADS, Draw, Sample, sample_of
from governance.services.proofs import export_proof, record_sample
from portfolio.services import note_reading

AUDITORS = (Role.AUDITOR, Role.CAIO, Role.CAIO_OFFICE)
SALT = "sample of decisions"


@policy(ANYONE)
@require_GET
def download_receipt(request: Request, ref: str) -> HttpResponse:
    """The signed receipt of the decision, as `caio_portal.audit.verify_receipt` reads it."""
    decision = _decision(request, ref)
    note_reading(decision.review.use_case, by=request.user)
    return _download(receipts.file_of(decision), f"{decision.review.ref}-receipt.json", "application/json")


@policy(ANYONE)
@require_GET
def receipt_key(request: Request) -> HttpResponse:
    """The public key with which receipts are checked; an auditor keeps it apart from them."""
    return _download(f"{receipts.public_key()}\n", "receipt-key.txt", "text/plain")


@policy(*AUDITORS, methods=("POST",))
@require_POST
def download_proof(request: Request, ref: str) -> HttpResponseBase:
    """Everything about one decision as a ZIP; that it was taken away is recorded."""
    decision = _decision(request, ref)
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    export_proof(decision, file, by=request.user)
    file.seek(0)
    name = f"{decision.review.ref}-proof.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@policy(*AUDITORS, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def sample_decisions(request: Request) -> HttpResponseBase:
    """Draw a sample of decisions: recorded as it is drawn, then shown, exported with its population, drawn again."""
    if request.method == "POST":
        form = SampleForm(request.POST)
        if form.is_valid():
            return _drawn(request, Draw(**form.cleaned_data))
        return _sample_page(request, form, None)
    sample = _asked_for(request)
    if sample and (respond := _FILES.get(request.GET.get("format", ""))):
        return respond("population-of-decisions", HEADS, sample.rows())
    first = Quarter.of(clock.today()).first_day
    initial = asdict(sample.draw) if sample else {"since": first, "until": clock.today(), "size": 25}
    return _sample_page(request, SampleForm(initial=initial), sample)


_FILES = {"csv": csv_response, "xlsx": xlsx_response}


def _drawn(request: Request, draw: Draw) -> HttpResponse:
    sample = sample_of(draw, request.user)
    record_sample(len(sample.population), len(sample.decisions), draw.seed, by=request.user)
    said = asdict(draw) | {"since": draw.since.isoformat(), "until": draw.until.isoformat()}
    return redirect(f"{reverse('governance:sample_decisions')}?{urlencode({'draw': signing.dumps(said, salt=SALT)})}")


def _asked_for(request: Request) -> Sample | None:
    """The sample that the address names; only those that were recorded carry our signature."""
    if not (token := request.GET.get("draw")):
        return None
    try:
        said: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Http404("No such sample was drawn.") from error
    form = SampleForm(said)
    if not form.is_valid():
        raise Http404("No such sample was drawn.")
    return sample_of(Draw(**form.cleaned_data), request.user)


def _sample_page(request: Request, form: SampleForm, sample: Sample | None) -> HttpResponse:
    context = {"form": form, "sample": sample, "token": request.GET.get("draw", "")}
    return render_page(request, "governance/sample.html", context, status=422 if form.errors else 200)


def _decision(request: Request, ref: str) -> Decision:
    review = review_or_404(request.user, ref)
    decision = get_object_or_404(Decision, review=review)
    decision.review = review
    return decision


def _download(content: str, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
