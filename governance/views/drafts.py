"""Writing a policy, trying it, comparing it and putting it in force."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.errors import require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.models import Job
from caio_portal.common.pages import render_page
from governance.access.policies import version_or_404
from governance.forms.policies import PolicySourceForm, PublishForm
from governance.forms.reviews import CommentForm
from governance.forms.saving import taken
from governance.models import PolicyTrial, PolicyVersion
from governance.policy.differences import differences
from governance.rules import policies as rules
from governance.selectors.drafts import check_source, next_source, source_of
from governance.selectors.policies import policy_of, version_in_force
from governance.services import comments, policies
from governance.tables.trials import TrialMoveTable, moves_of, reasons_in

DRAFTERS = (Role.CAIO, Role.CAIO_OFFICE)
READERS = (*DRAFTERS, Role.AUDITOR)


@policy(*DRAFTERS, methods=("GET", "POST"))
def propose_policy(request: Request) -> HttpResponse:
    """A draft that begins with the text of a version (?from=), else with that of the one in force."""
    require(rules.objection_to_draft(request.user))
    form = PolicySourceForm(request.POST or None, request.FILES or None)
    drafts: list[PolicyVersion] = []
    if form.is_bound and taken(form, lambda: drafts.append(_propose(form, request))):
        messages.success(request, "The draft is kept. Try it before somebody publishes it.")
        return redirect(drafts[0])
    if not form.is_bound:
        number = request.GET.get("from", "")
        base = version_or_404(number, drafts=True) if number else version_in_force()
        form.initial["source"] = next_source(base)
    return _editor(request, form)


@policy(*DRAFTERS, methods=("GET", "POST"))
def edit_policy(request: Request, number: str) -> HttpResponse:
    version = version_or_404(number, drafts=True)
    require(rules.objection_to_edit(request.user, version))
    form = PolicySourceForm(request.POST or None, request.FILES or None, initial={"source": source_of(version)})
    drafts: list[PolicyVersion] = []

    def act() -> None:
        drafts.append(policies.edit_policy(version.pk, form.cleaned_data["source"], by=request.user))

    if form.is_bound and taken(form, act):
        messages.success(request, "The draft is changed. Somebody else publishes it.")
        return redirect(drafts[0])
    return _editor(request, form, version)


@policy(*DRAFTERS, methods=("POST",))
@require_POST
def check_policy(request: Request) -> HttpResponse:
    """The panel beside the editor: mistakes, or what the new rules catch."""
    check = check_source(request.POST.get("source", "").replace("\r\n", "\n"), request.user)
    return render_page(request, "governance/_check.html", {"check": check})


@policy(ANYONE)
@require_GET
def download_policy(request: Request, number: str) -> HttpResponse:
    """The text of a version, to be edited elsewhere and brought back."""
    version = _version(request, number)
    response = HttpResponse(source_of(version), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="policy-{version.number}.toml"'
    return response


@policy(ANYONE)
@require_GET
def policy_changes(request: Request, number: str) -> HttpResponse:
    """What differs from another version (?since=), else from the one before or the one in force, in words."""
    version = _version(request, number)
    since = request.GET.get("since", "")
    before = _version(request, since) if since else _before(version)
    found = differences(policy_of(before), policy_of(version))
    others = [each for each in PolicyVersion.objects.defer("document", "source") if each.pk != version.pk]
    if not _sees_drafts(request):
        others = [each for each in others if not each.is_draft]
    context = {"version": version, "before": before, "differences": found, "others": others}
    return render_page(request, "governance/policy_changes.html", context)


@policy(*READERS)
@require_GET
def policy_trial(request: Request, number: str) -> HttpResponseBase:
    """What the version would change for the portfolio, as its last trial found."""
    version = version_or_404(number, drafts=True)
    trial = PolicyTrial.objects.filter(version=version).select_related("against").first()
    job = Job.objects.filter(kind=policies.TRY, idem_key__startswith=f"{version.pk}:").order_by("-pk").first()
    context: dict[str, Any] = {
        "version": version, "trial": trial, "job": job, "objection": rules.objection_to_draft(request.user),
        "is_running": job is not None and not job.ended,
    }  # fmt: skip
    if trial:
        table = TrialMoveTable(request.GET, moves_of(trial, request.user), path=request.path)
        if table.file_format:
            return table_response(table)
        sentences = reasons_in(table.rows, policy_of(trial.against), policy_of(version))
        rows = [(row, [sentences.get(rule, rule) for rule in row.reasons]) for row in table.rows]
        is_old = trial.sha256 != version.sha256 or trial.against_id != version_in_force().pk
        context |= {"table": table, "rows": rows, "found": trial.found, "is_old": is_old and version.is_draft}
    return render_page(request, "governance/policy_trial.html", context, partials=["trial", "moves"])


@policy(*DRAFTERS, methods=("POST",))
@require_POST
def try_policy(request: Request, number: str) -> HttpResponse:
    policies.request_trial(version_or_404(number, drafts=True), by=request.user)
    return redirect("governance:policy_trial", number)


@policy(*DRAFTERS, methods=("POST",))
@require_POST
def publish_policy(request: Request, number: str) -> HttpResponse:
    version = version_or_404(number, drafts=True)
    form = PublishForm(request.POST, today=clock.today())
    if taken(form, lambda: policies.publish_policy(version.pk, form.cleaned_data["valid_from"], by=request.user)):
        messages.success(request, f"{version} is published.")
        return redirect(version)
    return render_page(request, "governance/policy_publish.html", {"version": version, "form": form}, status=422)


@policy(*DRAFTERS, methods=("POST",))
@require_POST
def comment_on_policy(request: Request, number: str) -> HttpResponse:
    version = version_or_404(number, drafts=True)
    form = CommentForm(request.POST)
    if taken(form, lambda: comments.comment_on_policy(version.pk, form.cleaned_data["text"], by=request.user)):
        messages.success(request, "Your comment is added.")
    else:
        messages.error(request, "Write something first.")
    return redirect(f"{version.get_absolute_url()}#remarks")


@policy(*DRAFTERS, methods=("POST",))
@require_POST
def discard_policy(request: Request, number: str) -> HttpResponse:
    version = version_or_404(number, drafts=True)
    policies.discard_policy(version.pk, by=request.user)
    messages.success(request, f"{version} is discarded.")
    return redirect("governance:policy_list")


def _propose(form: PolicySourceForm, request: Request) -> PolicyVersion:
    return policies.propose_policy(form.cleaned_data["source"], by=request.user)


def _editor(request: Request, form: PolicySourceForm, version: PolicyVersion | None = None) -> HttpResponse:
    """The form as it was typed, with the panel that says what is wrong with it or what it catches."""
    source = form.cleaned_data.get("source", "") if form.is_bound and hasattr(form, "cleaned_data") else ""
    check = check_source(source or form.initial.get("source", "") or form["source"].value() or "", request.user)
    context = {"form": form, "version": version, "check": check}
    return render_page(request, "governance/policy_form.html", context, status=422 if form.is_bound else 200)


def _before(version: PolicyVersion) -> PolicyVersion:
    """The version that it follows; a draft follows the one in force."""
    if version.is_draft:
        return version_in_force()
    earlier = PolicyVersion.objects.filter(valid_to=version.valid_from).first()
    return earlier or version


def _version(request: Request, number: str) -> PolicyVersion:
    return version_or_404(number, drafts=_sees_drafts(request))


def _sees_drafts(request: Request) -> bool:
    return roles_of(request.user).has(*READERS)
