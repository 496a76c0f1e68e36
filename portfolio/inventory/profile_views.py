"""Pages about profiles: the screen that maps an unknown file, and the profiles that there are."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.models import Job
from caio_portal.common.pages import render_page
from portfolio.inventory import access, listing, profiles, rules, saving, services
from portfolio.inventory.columns import FileLook
from portfolio.inventory.importing import Order
from portfolio.inventory.mapping_form import MappingForm


@policy(*rules.OFFICE, methods=("POST",))
def look_again(request: Request, pk: int) -> HttpResponse:
    """Map the columns of a file that was sent with a profile which does not fit it."""
    job = access.import_job_or_404(request.user, pk)
    return redirect("portfolio:map_inventory", services.look_again(job, by=request.user).pk)


@policy(*rules.OFFICE, methods=("GET", "POST"))
def map_inventory(request: Request, pk: int) -> HttpResponse:
    """Say what each column of a file is: guesses to correct, kept as a profile, then the report before the import."""
    job = access.look_or_404(request.user, pk)
    if request.method == "POST" and request.POST.get("encoding") == "windows-1252":
        return redirect("portfolio:map_inventory", services.look_again(job, "windows-1252", by=request.user).pk)
    if not (found := (job.result or {}).get("look")):
        return _page(request, job, None)
    look = FileLook.model_validate(found)
    if request.method == "POST" and (known := request.POST.get("use")):
        return _examine(request, job, profiles.load(known))
    base = listing.base_of(look, (request.POST or request.GET).get("base", ""))
    initial = {"title": _name_of(job), "unit": job.payload.get("unit", "")}
    form = MappingForm(look, request.POST or None, base, initial=initial)
    if "look" in request.POST:
        form.show_as_it_is()
        return _page(request, job, form)
    if form.is_bound and not form.is_new and form.is_valid():
        return _save(request, job, form)
    return _page(request, job, form, status=422 if form.is_bound else 200)


def _save(request: Request, job: Job, form: MappingForm) -> HttpResponse:
    draft = form.draft()
    if objection := rules.objection_to_import(request.user, draft.unit):
        form.add_error("unit", objection)
        return _page(request, job, form, status=422)
    try:
        profile = saving.save_profile(draft, by=request.user)
    except Invalid as invalid:
        form.add_error(invalid.field, invalid.sentence)
        return _page(request, job, form, status=422)
    return _examine(request, job, profile)


def _examine(request: Request, job: Job, profile: profiles.Profile) -> HttpResponse:
    order = Order(profile=profile.key, unit=profile.unit, version=profile.version)
    return redirect("portfolio:import_job", services.import_looked_at(job, order, by=request.user).pk)


def _page(request: Request, job: Job, form: MappingForm | None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"job": job, "form": form, "file": services.file_of(job)}
    context["refused"] = (job.result or {}).get("refused")
    if form:
        context |= {
            "rows": form.rows(),
            "failed": status == 422,
            "units": OrgUnit.objects.filter(parent=None).order_by("name"),
            "likely": listing.likely(form.look) if not form.is_bound and form.base is None else None,
        }
    return render_page(request, "portfolio/mapping.html", context, partials=["mapping"], status=status)


def _name_of(job: Job) -> str:
    stored = services.file_of(job)
    return stored.name.rpartition(".")[0].replace("_", " ").replace("-", " ").strip()[:100] if stored else ""


@policy(*rules.READERS)
def profile_list(request: Request) -> HttpResponse:
    """How files of use cases are read here: the profiles shipped, and those made on the mapping screen."""
    context = {"profiles": listing.listed(), "may_import": roles_of(request.user).has(*rules.OFFICE)}
    return render_page(request, "portfolio/profile_list.html", context)


@policy(*rules.READERS)
def profile_detail(request: Request, key: str) -> HttpResponse:
    """What each column is under one profile, and which answers it knows."""
    profile = listing.profile_or_404(key)
    context = {"profile": profile, "columns": listing.described(profile), "versions": listing.versions_of(key)}
    return render_page(request, "portfolio/profile_detail.html", context)


@policy(*rules.READERS)
def download_profile(request: Request, key: str) -> HttpResponse:
    """The profile as data."""
    profile = listing.profile_or_404(key)
    response = JsonResponse(profile.model_dump(mode="json", exclude_defaults=True), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{profile.key}-{profile.version}.json"'
    return response
