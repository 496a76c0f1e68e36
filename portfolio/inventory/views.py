"""Pages about inventories: upload, report, batches, readiness, export."""

from itertools import chain
from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock, files
from caio_portal.common.exports import csv_response, table_response
from caio_portal.common.http import Request
from caio_portal.common.models import Job, JobState
from caio_portal.common.pages import render_page
from portfolio.inventory import access, exporting, profiles, rules, services, withdrawing
from portfolio.inventory.forms import ContinueForm, ImportForm
from portfolio.inventory.layouts import LABELS, Layout
from portfolio.inventory.reports import figures, groups, tiers
from portfolio.inventory.scope import Scope
from portfolio.inventory.tables import BatchTable
from portfolio.inventory.tasks import KIND

_SHOWN = 100
_REPORT = ("line", "column", "kind", "message", "value")


@policy(*rules.READERS)
def batch_list(request: Request) -> HttpResponseBase:
    """Every delivery, and the imports that are under way."""
    table = BatchTable(request.GET, access.batches_of(request.user), path=request.path)
    if table.file_format:
        return table_response(table)
    running = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING], requested_by=request.user.pk)
    context = {"table": table, "running": running.order_by("pk"), "may_import": _may_import(request)}
    return render_page(request, "portfolio/inventory_list.html", context, partials=["batches"])


@policy(*rules.OFFICE, methods=("GET", "POST"))
def upload_inventory(request: Request) -> HttpResponse:
    """Choose a file, a profile and a unit; the file is then examined."""
    form = ImportForm(request.POST or None, request.FILES or None, initial={"profile": request.GET.get("profile")})
    if form.is_valid():
        file = form.cleaned_data["file"]
        if form.is_unknown:
            data = form.cleaned_data
            job = services.look_at_inventory(
                file, file.name, file.content_type or "", data["encoding"], data["unit"], by=request.user
            )
            return redirect("portfolio:map_inventory", job.pk)
        order = form.order()
        if objection := rules.objection_to_import(request.user, order.unit):
            form.add_error("unit", objection)
        else:
            job = services.upload_inventory(file, file.name, file.content_type or "", order, by=request.user)
            return redirect("portfolio:import_job", job.pk)
    context = {
        "form": form,
        "profiles": profiles.latest(),
        "units": OrgUnit.objects.filter(parent=None).order_by("name"),
    }
    return render_page(request, "portfolio/import.html", context, status=422 if form.errors else 200)


@policy(*rules.OFFICE)
def import_job(request: Request, pk: int) -> HttpResponse:
    """One import: its progress, then what was found, then what was done."""
    job = access.import_job_or_404(request.user, pk)
    return render_page(request, "portfolio/import_job.html", _job_context(job), partials=["import-state"])


@policy(*rules.OFFICE, methods=("POST",))
def continue_import(request: Request, pk: int) -> HttpResponse:
    """Import the file that was examined, or examine it in another encoding."""
    job = access.import_job_or_404(request.user, pk)
    form = ContinueForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the encodings and profiles offered.")
        return redirect("portfolio:import_job", pk)
    data = form.cleaned_data
    changes = {"dry_run": data["dry_run"], "skip_invalid": data["skip_invalid"], "same": form.same()}
    if data["encoding"]:
        changes["encoding"] = data["encoding"]
    if data["profile"]:
        changes |= services.with_profile(job, data["profile"])
    return redirect("portfolio:import_job", services.continue_import(job, by=request.user, **changes).pk)


@policy(*rules.OFFICE)
def download_import_report(request: Request, pk: int) -> HttpResponseBase:
    report = (access.import_job_or_404(request.user, pk).result or {}).get("report") or {}
    return _report_response(f"report of import {pk}", report)


@policy(*rules.READERS)
def batch_detail(request: Request, pk: int) -> HttpResponse:
    """One delivery: what it held, what became of it, and what could not be read."""
    batch = access.batch_or_404(request.user, pk)
    context = _report_context(batch.report) | {
        "batch": batch,
        "objection": rules.objection_to_withdraw(request.user, batch),
        "may_import": _may_import(request),
    }
    return render_page(request, "portfolio/inventory_batch.html", context)


@policy(*rules.READERS)
def download_batch_file(request: Request, pk: int) -> HttpResponseBase:
    return files.download(access.batch_or_404(request.user, pk).file)


@policy(*rules.READERS)
def download_batch_report(request: Request, pk: int) -> HttpResponseBase:
    return _report_response(f"report of batch {pk}", access.batch_or_404(request.user, pk).report)


@policy(*rules.OFFICE, methods=("GET", "POST"))
def withdraw_batch(request: Request, pk: int) -> HttpResponse:
    """Take a delivery back, after saying what that does."""
    batch = access.batch_or_404(request.user, pk)
    if request.method == "POST":
        withdrawing.withdraw_batch(batch.pk, by=request.user)
        messages.success(request, f"Batch {batch.pk} is withdrawn.")
        return redirect("portfolio:batch_detail", pk)
    context = {"batch": batch, "objection": rules.objection_to_withdraw(request.user, batch)}
    return render_page(request, "portfolio/inventory_withdraw.html", context)


@policy(*rules.READERS)
def inventory_readiness(request: Request) -> HttpResponse:
    """Which required cells are blank, by agency and column, before an inventory is published."""
    scope = Scope(request.GET, request.user)
    context = {"scope": scope, "readiness": scope.readiness(), "formats": exporting.FORMATS, "layouts": LABELS}
    return render_page(request, "portfolio/inventory_readiness.html", context)


@policy(*rules.READERS)
def download_blanks(request: Request) -> HttpResponseBase:
    """Every required cell that is blank, by agency and use case, for those who fill it."""
    scope = Scope(request.GET, request.user)
    gaps = sorted(scope.readiness().gaps, key=lambda gap: gap.agency)
    headers = {column.key: " ".join(column.header.split()) for column in scope.profile.columns}
    rows = ([gap.agency, gap.id, gap.title, gap.ref, gap.column, headers[gap.column]] for gap in gaps)
    return csv_response("blank required cells", ["Agency", "Id", "Use case", "Reference", "Column", "Asks"], rows)


@policy(*rules.READERS)
def export_inventory(request: Request) -> HttpResponseBase:
    """The inventory of a unit as a file, in the columns of a profile; ?public= leaves out what is withheld."""
    scope = Scope(request.GET, request.user)
    asked = request.GET.get("format", "")
    file_format = asked if asked in exporting.FORMATS else "csv"
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    rows = exporting.published(scope.profile, scope.lines()) if request.GET.get("public") else list(scope.lines())
    layout = Layout(wanted) if (wanted := request.GET.get("layout", "")) in list(Layout) else Layout.KEPT
    exporting.write(file, scope.profile, rows, file_format, layout=layout, mark=True)
    file.seek(0)
    name = f"{scope.profile.key}-{layout}-{clock.today():%Y-%m-%d}.{file_format}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=exporting.FORMATS[file_format])


def _may_import(request: Request) -> bool:
    return roles_of(request.user).has(*rules.OFFICE)


def _job_context(job: Job) -> dict[str, Any]:
    result = job.result or {}
    order = job.payload.get("order", {})
    context = {"job": job, "order": order, "file": services.file_of(job), "refused": result.get("refused")}
    context |= {
        "profile": profiles.load(order["profile"], order.get("version", 0)),
        "rejected": result.get("rejected", ""),
        "better": result.get("better"),
    }
    return context | _report_context(result.get("report") or {})


def _report_context(report: dict[str, Any]) -> dict[str, Any]:
    found = groups(report)
    return {
        "report": report,
        "figures": figures(report),
        "tiers": tiers(report),
        "problems": found[:_SHOWN],
        "more_problems": max(0, len(found) - _SHOWN),
    }


def _report_response(name: str, report: dict[str, Any]) -> HttpResponseBase:
    problems = ([problem[key] for key in _REPORT] for problem in report.get("problems", []))
    changes = (
        [row["line"], column, "change", f"It was: {before}" if before else "It was blank.", after]
        for row in report.get("changes", [])
        for column, before, after in row["cells"]
    )
    return csv_response(name, [key.capitalize() for key in _REPORT], chain(problems, changes))
