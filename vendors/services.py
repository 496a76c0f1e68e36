"""The only writers of vendors and what belongs to them."""

from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import require
from vendors import ports, rules
from vendors.models import Assessment, Contract, Product, Vendor


@transaction.atomic
def register_vendor(vendor: Vendor, *, by: User) -> Vendor:
    """Save a new vendor."""
    require(rules.objection_to_register(by))
    vendor.save(force_insert=True)
    record("vendor.registered", vendor, by=by, criticality=vendor.get_criticality_display().lower())
    return vendor


@transaction.atomic
def edit_vendor(vendor_id: int, *, by: User, **fields: Any) -> Vendor:
    """Change what the register says about a vendor."""
    vendor = _locked(vendor_id)
    require(rules.objection_to_edit(by, vendor))
    if changed := _change(vendor, fields):
        record("vendor.edited", vendor, by=by, changed=changed)
    return vendor


@transaction.atomic
def retire_vendor(vendor_id: int, reason: str, *, by: User) -> Vendor:
    """Take a vendor out of use; everything about it is kept."""
    vendor = _locked(vendor_id)
    panels = [panel for answer in ports.vendor_panels.ask_all(vendor, by) for panel in answer]
    require(rules.objection_to_retire(by, vendor, [panel.keeps for panel in panels if panel.keeps]))
    vendor.retired_at = clock.now()
    vendor.save(update_fields=["retired_at"])
    record("vendor.retired", vendor, by=by, reason=reason)
    return vendor


@transaction.atomic
def add_product(product: Product, *, by: User) -> Product:
    """Save a product, or one more version of it."""
    vendor = _locked(product.vendor_id)
    require(rules.objection_to_edit(by, vendor))
    product.save(force_insert=True)
    record("product.added", vendor, by=by, product=str(product))
    return product


@transaction.atomic
def edit_product(product_id: int, *, by: User, **fields: Any) -> Product:
    product = Product.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=product_id)
    require(rules.objection_to_edit(by, product.vendor))
    if changed := _change(product, fields):
        record("product.edited", product.vendor, by=by, product=str(product), changed=changed)
    return product


@transaction.atomic
def sign_contract(contract: Contract, *, by: User) -> Contract:
    """Record the terms that were agreed with a vendor."""
    vendor = _locked(contract.vendor_id)
    require(rules.objection_to_edit(by, vendor))
    contract.save(force_insert=True)
    record(
        "contract.signed", vendor, by=by, contract=str(contract), ends_on=contract.ends_on,
        value=contract.value, currency=contract.currency,
    )  # fmt: skip
    return contract


@transaction.atomic
def edit_contract(contract_id: int, *, by: User, **fields: Any) -> Contract:
    contract = Contract.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=contract_id)
    require(rules.objection_to_edit(by, contract.vendor))
    if changed := _change(contract, fields):
        record("contract.edited", contract.vendor, by=by, contract=str(contract), changed=changed)
    return contract


@transaction.atomic
def record_assessment(assessment: Assessment, *, by: User) -> Assessment:
    """Record a dated examination; it counts from the day it was performed."""
    vendor = _locked(assessment.vendor_id)
    require(rules.objection_to_edit(by, vendor))
    assessment.save(force_insert=True)
    record(
        "assessment.recorded", vendor, by=by, kind=assessment.get_kind_display(),
        result=assessment.get_result_display().lower(), valid_until=assessment.valid_until,
        sha256=assessment.file.sha256 if assessment.file else None,
    )  # fmt: skip
    return assessment


def _locked(vendor_id: int) -> Vendor:
    return Vendor.objects.select_for_update().get(pk=vendor_id)


def _change(thing: Vendor | Product | Contract, fields: dict[str, Any]) -> list[str]:
    """Write what differs; returns the changes as words for the trail."""
    before = model_to_dict(thing, fields=fields.keys())
    changed = [name for name in fields if before[name] != fields[name]]
    for name in changed:
        setattr(thing, name, fields[name])
    if changed:
        thing.save(update_fields=changed)
    return [
        f"{name.replace('_', ' ')} from {before[name] or 'nothing'} to {fields[name] or 'nothing'}" for name in changed
    ]
