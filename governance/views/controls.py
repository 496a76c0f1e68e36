"""A control of a use case: its state, its evidence, an exception from it."""

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common import files
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from governance.access.controls import control_or_404, evidence_or_404, exception_or_404
from governance.forms.controls import EvidenceForm, ExceptionForm, GradeForm, StateForm
from governance.forms.saving import taken
from governance.gates import gates
from governance.models import ExceptionKind, Grade, State
from governance.policy import Control
from governance.rules import controls as rules
from governance.selectors.controls import ControlSheet
from governance.selectors.policies import policy_in_force
from governance.services import controls as services
from governance.services import exceptions
from portfolio.access import use_case_or_404
from portfolio.models import UseCase
from portfolio.rules import OFFICE
from portfolio.services import note_reading

POST = ("POST",)


@policy(ANYONE)
def control_detail(request: Request, ref: str, control: str) -> HttpResponse:
    """How far the control is, what shows it, and what may be done."""
    use_case, found = _found(request, ref, control)
    note_reading(use_case, by=request.user)
    return _page(request, use_case, found)


@policy(ANYONE, methods=POST)
def set_control_state(request: Request, ref: str, control: str) -> HttpResponse:
    use_case, found = _found(request, ref, control)
    form = StateForm(request.POST, auto_id="state_%s")

    def act() -> object:
        state = State(form.cleaned_data["state"])
        return services.set_control_state(
            use_case.pk, found.id, state, by=request.user, reason=form.cleaned_data["reason"]
        )

    return redirect(_url(use_case, found)) if taken(form, act) else _page(request, use_case, found, state_form=form)


@policy(ANYONE, methods=POST)
def record_evidence(request: Request, ref: str, control: str) -> HttpResponse:
    use_case, found = _found(request, ref, control)
    require(rules.objection_to_work_on_controls(request.user, use_case))
    form = EvidenceForm(request.POST, request.FILES, control=found)

    @transaction.atomic
    def act() -> object:
        given = dict(form.cleaned_data)
        upload = given.pop("file")
        file = files.store(upload.name, upload, upload.content_type or "application/octet-stream") if upload else None
        return services.record_evidence(use_case.pk, [found.id], by=request.user, file=file, **given)

    return redirect(_url(use_case, found)) if taken(form, act) else _page(request, use_case, found, evidence_form=form)


@policy(ANYONE, methods=POST)
def grade_evidence(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case, evidence = evidence_or_404(request.user, ref, pk)
    form = GradeForm(request.POST)
    if form.is_valid():
        services.grade_evidence(use_case.pk, evidence.pk, Grade(form.cleaned_data["grade"]), by=request.user)
    return _back(request, use_case)


@policy(ANYONE, methods=POST)
def withdraw_evidence(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case, evidence = evidence_or_404(request.user, ref, pk)
    services.withdraw_evidence(use_case.pk, evidence.pk, by=request.user)
    return _back(request, use_case)


@policy(ANYONE)
def download_evidence(request: Request, ref: str, pk: int) -> HttpResponseBase:
    use_case, evidence = evidence_or_404(request.user, ref, pk)
    if evidence.file is None:
        raise Http404("This evidence is no file.")
    note_reading(use_case, by=request.user)
    return files.download(evidence.file)


@policy(ANYONE, methods=POST)
def grant_exception(request: Request, ref: str, control: str) -> HttpResponse:
    use_case, found = _found(request, ref, control)
    form = ExceptionForm(request.POST, auto_id="exception_%s")

    def act() -> object:
        given = form.cleaned_data | {"kind": ExceptionKind(form.cleaned_data["kind"])}
        return exceptions.grant_exception(use_case.pk, control=found.id, by=request.user, **given)

    return redirect(_url(use_case, found)) if taken(form, act) else _page(request, use_case, found, exception_form=form)


@policy(*OFFICE, methods=("GET", "POST"))
def except_requirement(request: Request, ref: str, requirement: str) -> HttpResponse:
    """Excuse a use case from a line of a gate that is no control: until a day, in somebody's name."""
    use_case = use_case_or_404(request.user, ref)
    words = gates().excusable(requirement)
    if words is None:
        raise Http404("Nothing excuses from that.")
    form = ExceptionForm(request.POST or None, auto_id="exception_%s", initial={"kind": ExceptionKind.ORDINARY})

    def act() -> object:
        given = form.cleaned_data | {"kind": ExceptionKind(form.cleaned_data["kind"])}
        return exceptions.grant_exception(use_case.pk, requirement=requirement, by=request.user, **given)

    checklist = reverse("portfolio:move_use_case", args=[use_case.ref])
    if request.method == "POST" and taken(form, act):
        return redirect(checklist)
    crumbs = [use_case.ref, use_case.get_absolute_url(), "Gates", checklist, "Exception"]
    lede = f"{words}: {use_case} passes its gates without that until the exception ends."
    return form_page(request, form, "Grant an exception", "Grant it", crumbs, lede=lede)


@policy(ANYONE, methods=POST)
def end_exception(request: Request, ref: str, pk: int) -> HttpResponse:
    exception = exception_or_404(request.user, ref, pk)
    exceptions.end_exception(exception.pk, by=request.user)
    return _back(request, exception.use_case)


def _found(request: Request, ref: str, control: str) -> tuple[UseCase, Control]:
    return use_case_or_404(request.user, ref), control_or_404(policy_in_force(), control)


def _page(
    request: Request,
    use_case: UseCase,
    control: Control,
    state_form: StateForm | None = None,
    evidence_form: EvidenceForm | None = None,
    exception_form: ExceptionForm | None = None,
) -> HttpResponse:
    line = ControlSheet.line_of(use_case, policy_in_force(), control)
    bound: list[forms.Form | None] = [state_form, evidence_form, exception_form]
    context = {
        "use_case": use_case, "line": line, "control": control, "grades": Grade.choices,
        "state_form": state_form or StateForm(initial={"state": line.state, "reason": line.reason}, auto_id="state_%s"),
        "evidence_form": evidence_form or EvidenceForm(control=control),
        "exception_form": exception_form or ExceptionForm(auto_id="exception_%s"),
        "work_objection": rules.objection_to_work_on_controls(request.user, use_case),
        "judge_objection": rules.objection_to_judge(request.user, use_case),
        "except_objection": rules.objection_to_ask_for_exception(request.user, use_case),
        "tab_url": _tab(use_case),
    }  # fmt: skip
    status = 422 if any(form is not None and form.errors for form in bound) else 200
    return render_page(request, "governance/control_detail.html", context, status=status)


def _back(request: Request, use_case: UseCase) -> HttpResponse:
    """To the control that the form stood on, else to the tab."""
    control = request.POST.get("control", "")
    known = any(control == each.id for each in policy_in_force().controls)
    return redirect("governance:control_detail", use_case.ref, control) if known else redirect(_tab(use_case))


def _url(use_case: UseCase, control: Control) -> str:
    return reverse("governance:control_detail", args=[use_case.ref, control.id])


def _tab(use_case: UseCase) -> str:
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "controls"])
