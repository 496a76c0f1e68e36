"""Forms about vendors: get, validate, call, redirect."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.common import clock, files
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page
from caio_portal.common.quarters import Quarter
from vendors import access, criteria, rules, scoring, selectors, services
from vendors.forms import AssessmentForm, ContractForm, ProductForm, RetireForm, ScoreForm, VendorForm
from vendors.models import Vendor

BOTH = ("GET", "POST")


@policy(*rules.KEEPERS, methods=BOTH)
def register_vendor(request: Request) -> HttpResponse:
    form = VendorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(services.register_vendor(form.save(commit=False), by=request.user))
    return _form(request, form, "Register a vendor", "Register")


@policy(*rules.KEEPERS, methods=BOTH)
def edit_vendor(request: Request, pk: int) -> HttpResponse:
    vendor = _open_vendor(request, pk)
    form = VendorForm(request.POST or None, instance=vendor)
    if request.method == "POST" and form.is_valid():
        return redirect(services.edit_vendor(pk, by=request.user, **form.cleaned_data))
    return _form(request, form, f"Edit {_name(vendor)}", "Save", vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def retire_vendor(request: Request, pk: int) -> HttpResponse:
    vendor = _open_vendor(request, pk)
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(services.retire_vendor(pk, form.cleaned_data["reason"], by=request.user))
    return _form(request, form, f"Retire {vendor}", "Retire", vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def score_criterion(request: Request, pk: int, criterion: str) -> HttpResponse:
    vendor = access.vendor_or_404(request.user, pk)
    wanted = next((known for known in criteria.current().criteria if known.key == criterion), None)
    if wanted is None:
        raise Http404("There is no such criterion.")
    quarter = _quarter(request)
    require(rules.objection_to_score(request.user, vendor, wanted, quarter))
    form = ScoreForm(request.POST or None, criterion=wanted, initial=_last_score(vendor, criterion, quarter))
    if request.method == "POST" and form.is_valid():
        scoring.score_criterion(pk, quarter, criterion, by=request.user, **form.cleaned_data)
        return redirect(f"{vendor.get_absolute_url()}?quarter={quarter}")
    return _form(request, form, f"{wanted.title}: {vendor}, {quarter}", "Save the score", vendor, f"?quarter={quarter}")


@policy(*rules.KEEPERS, methods=BOTH)
def add_product(request: Request, pk: int) -> HttpResponse:
    vendor = _open_vendor(request, pk)
    form = ProductForm(request.POST or None, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        return redirect(services.add_product(form.save(commit=False), by=request.user))
    return _form(request, form, f"Add a product of {vendor}", "Add", vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def edit_product(request: Request, pk: int) -> HttpResponse:
    product = access.product_or_404(request.user, pk)
    require(rules.objection_to_edit(request.user, product.vendor))
    form = ProductForm(request.POST or None, instance=product, vendor=product.vendor)
    if request.method == "POST" and form.is_valid():
        return redirect(services.edit_product(pk, by=request.user, **form.cleaned_data))
    return _form(request, form, "Edit a product", "Save", product.vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def sign_contract(request: Request, pk: int) -> HttpResponse:
    vendor = _open_vendor(request, pk)
    form = ContractForm(request.POST or None, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        contract = form.save(commit=False)
        contract.clauses = form.clauses
        return redirect(services.sign_contract(contract, by=request.user))
    return _form(request, form, f"Record a contract with {vendor}", "Record", vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def edit_contract(request: Request, pk: int) -> HttpResponse:
    contract = access.contract_or_404(request.user, pk)
    require(rules.objection_to_edit(request.user, contract.vendor))
    form = ContractForm(request.POST or None, instance=contract, vendor=contract.vendor)
    if request.method == "POST" and form.is_valid():
        return redirect(services.edit_contract(pk, by=request.user, **form.terms))
    return _form(request, form, "Edit a contract", "Save", contract.vendor)


@policy(*rules.KEEPERS, methods=BOTH)
def record_assessment(request: Request, pk: int) -> HttpResponse:
    vendor = _open_vendor(request, pk)
    form = AssessmentForm(request.POST or None, request.FILES or None, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        assessment = form.save(commit=False)
        if upload := form.cleaned_data["upload"]:
            assessment.file = files.store(upload.name, upload, upload.content_type or "application/octet-stream")
        return redirect(services.record_assessment(assessment, by=request.user))
    return _form(request, form, f"Record an assessment of {vendor}", "Record", vendor)


def _open_vendor(request: Request, pk: int) -> Vendor:
    """The vendor, if anything about it may still change."""
    vendor = access.vendor_or_404(request.user, pk)
    require(rules.objection_to_edit(request.user, vendor))
    return vendor


def _quarter(request: Request) -> Quarter:
    try:
        return Quarter(request.GET.get("quarter") or Quarter.of(clock.today()))
    except ValueError as error:
        raise Http404(str(error)) from error


def _last_score(vendor: Vendor, criterion: str, quarter: Quarter) -> dict[str, Any]:
    last = selectors.score_before(vendor, criterion, quarter)
    if last is None:
        return {"as_of": clock.today()}
    whole = int(last.score) if last.score is not None and last.score == int(last.score) else None
    return {"score": whole, "source": last.source, "as_of": last.as_of}


def _name(vendor: Vendor) -> str:
    """The name as it is known, whatever stands in an unsaved form."""
    return str(Vendor.objects.values_list("name", flat=True).get(pk=vendor.pk))


def _form(
    request: Request, form: forms.BaseForm, title: str, submit: str, vendor: Vendor | None = None, query: str = ""
) -> HttpResponse:
    of = [_name(vendor), vendor.get_absolute_url() + query] if vendor else []
    return form_page(request, form, title, submit, ["Vendors", reverse("vendors:vendor_list"), *of, title])
