"""Model cards and bills of materials: read with a preview, and written."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock, files
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.models import StoredFile
from caio_portal.common.pages import form_page, render_page
from caio_portal.common.uploads.limits import Refused
from portfolio import rules, services
from portfolio.access import use_case_or_404
from portfolio.assets import access
from portfolio.assets.bom_writing import bill_of_materials
from portfolio.assets.forms import ReadForm
from portfolio.assets.found import Findings, FoundAgent, FoundSystem
from portfolio.assets.kinds import KINDS
from portfolio.assets.ml_bom import VERSIONS, read_ml_bom
from portfolio.assets.model_card import read_model_card
from portfolio.models import Agent, AiModel, AiSystem, Dataset

_SALT = "assets.read"
_HOURS = 12


@policy(*rules.ASSET_KEEPERS, methods=("GET", "POST"))
def read_assets(request: Request) -> HttpResponse:
    """Take a file, and show what it says before anything is written."""
    form = ReadForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            _read(content)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            stored = files.store(form.cleaned_data["file"].name, content, "text/plain")
            token = signing.dumps([stored.pk, form.cleaned_data["unit"].pk, request.user.pk], salt=_SALT)
            return redirect("portfolio:check_assets", token)
    crumbs = ["Models", reverse("portfolio:asset_list", args=["models"]), "Read a file"]
    lede = "Models and data sets as their publishers describe them."
    return form_page(request, form, "Read a model card or a bill of materials", "Read it", crumbs, lede=lede)


@policy(*rules.ASSET_KEEPERS, methods=("GET", "POST"))
def check_assets(request: Request, token: str) -> HttpResponse:
    """What the file says, what of it is known already, and which of it to take."""
    stored, unit = _asked(request, token)
    findings = _read(files.content_of(stored))
    problem = ""
    if request.method == "POST":
        try:
            taken = services.take_findings(findings, request.POST.getlist("take"), unit, stored, by=request.user)
        except Invalid as refusal:
            problem = refusal.sentence
        else:
            messages.success(request, f"{len(taken):,} taken from {stored.name}.")
            only = taken[0] if len(taken) == 1 else None
            return redirect(only or reverse("portfolio:asset_list", args=["models"]))
    known = {(model.name, model.version) for model in AiModel.objects.filter(unit=unit)}
    known_data = set(Dataset.objects.filter(unit=unit).values_list("name", flat=True))
    context = {
        "findings": findings,
        "models": [(at, one, (one.name, one.version) in known) for at, one in enumerate(findings.models)],
        "data": [(at, one, one.name in known_data) for at, one in enumerate(findings.data)],
        "programs": [*_programs("system", findings.systems, unit), *_programs("agent", findings.agents, unit)],
        "stored": stored,
        "unit": unit,
        "problem": problem,
    }
    return render_page(request, "portfolio/asset_check.html", context, status=422 if problem else 200)


@policy(ANYONE)
def export_bom(request: Request) -> HttpResponse:
    """CycloneDX of all models and data sets that this person sees, of one model, or of what serves one use case."""
    own = [access.assets_of(request.user, kind).filter(retired_at=None) for kind in KINDS.values()]
    systems, models, datasets, agents = own
    name = "models"
    if ref := request.GET.get("use_case"):
        use_case = use_case_or_404(request.user, ref)
        systems, models, datasets, agents = (rows.filter(uses__use_case=use_case) for rows in own)
        name = use_case.ref
    elif (pk := request.GET.get("model", "")).isdigit():
        model = get_object_or_404(models, pk=pk)
        models, name = models.filter(pk=model.pk), str(model)
        datasets, systems, agents = datasets.none(), systems.none(), agents.none()
    version = request.GET.get("version", "1.6")
    bom = bill_of_materials(models, datasets, version if version in VERSIONS else "1.6", (systems, agents))
    response = HttpResponse(json.dumps(bom, indent=1, ensure_ascii=False), "application/vnd.cyclonedx+json")
    safe = "".join(letter if letter.isalnum() else "-" for letter in name)[:80]
    response["Content-Disposition"] = f'attachment; filename="{safe}-{clock.today()}.cdx.json"'
    return response


def _programs(kind: str, found: Sequence[FoundSystem | FoundAgent], unit: OrgUnit) -> list[tuple[str, Any, bool]]:
    """What to take, what the file says of it, and whether it is on the list."""
    table = AiSystem if kind == "system" else Agent
    known = set(table._default_manager.filter(unit=unit).values_list("name", flat=True)) if found else set()
    return [(f"{kind}:{at}", one, one.name in known) for at, one in enumerate(found)]


def _read(content: bytes) -> Findings:
    """By what it begins with: JSON is a bill of materials, anything else a model card."""
    is_json = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return read_ml_bom(content) if is_json else read_model_card(content)


def _asked(request: Request, token: str) -> tuple[StoredFile, OrgUnit]:
    """The file and the unit that this person named, not long ago."""
    try:
        named: Any = signing.loads(token, salt=_SALT, max_age=_HOURS * 3600)
    except signing.BadSignature:
        raise Http404("Read the file again.") from None
    file, unit, user = named
    if user != request.user.pk:
        raise Http404("Somebody else read that file.")
    return get_object_or_404(StoredFile, pk=file), get_object_or_404(OrgUnit, pk=unit)
