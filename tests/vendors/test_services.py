from datetime import date
from decimal import Decimal

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.trail import entries_of
from caio_portal.common.errors import NotAllowed
from tests.factories import make_person
from tests.vendors.factories import AssessmentFactory, ContractFactory, ProductFactory, VendorFactory
from vendors import ports, services
from vendors.models import Criticality
from vendors.ports import VendorPanel


@pytest.fixture
def manager(db):
    return make_person(Role.VENDOR_MANAGER, name="Ada Vale")


def told(vendor) -> list[str]:
    return [entry.sentence.replace("<b>", "").replace("</b>", "") for entry in reversed(entries_of(vendor))]


def test_a_vendor_and_what_belongs_to_it_leave_a_trail(manager):
    vendor = services.register_vendor(VendorFactory.build(name="Quanta", critical=True), by=manager)
    product = services.add_product(ProductFactory.build(vendor=vendor, name="Q-Large", version="3"), by=manager)
    contract = services.sign_contract(ContractFactory.build(vendor=vendor, title="Master agreement"), by=manager)
    services.record_assessment(AssessmentFactory.build(vendor=vendor), by=manager)
    services.edit_product(product.pk, by=manager, ends_on=date(2027, 3, 1))
    services.edit_contract(contract.pk, by=manager, value=Decimal("90000.00"))

    assert told(vendor) == [
        "Ada Vale registered the vendor Quanta (critical).",
        "Ada Vale added Q-Large 3 to Quanta.",
        "Ada Vale recorded the contract Master agreement with Quanta, until 2026-12-31.",
        "Ada Vale recorded an assessment of Quanta (Security): passed, valid until 2027-02-28.",
        "Ada Vale edited Q-Large 3 of Quanta: ends on from nothing to 2027-03-01.",
        "Ada Vale edited the contract Master agreement with Quanta: value from 120000.00 to 90000.00.",
    ]


def test_editing_a_vendor_tells_what_changed(manager):
    vendor = VendorFactory(name="Quanta")

    services.edit_vendor(vendor.pk, by=manager, name="Quanta", criticality=Criticality.IMPORTANT)
    services.edit_vendor(vendor.pk, by=manager, criticality=Criticality.IMPORTANT)

    assert told(vendor) == ["Ada Vale edited the vendor Quanta: criticality from standard to important."]


def test_a_retired_vendor_changes_no_more(manager):
    vendor = VendorFactory(name="Quanta")
    services.retire_vendor(vendor.pk, "Replaced", by=manager)

    with pytest.raises(NotAllowed, match="Quanta is retired"):
        services.add_product(ProductFactory.build(vendor=vendor), by=manager)
    assert told(vendor) == ["Ada Vale retired the vendor Quanta: Replaced."]


def test_a_vendor_that_is_relied_on_is_not_retired(manager, monkeypatch):
    panel = VendorPanel("use_cases", "Use cases", "", (), (), "", keeps="Two use cases in production rely on it.")
    monkeypatch.setattr(ports.vendor_panels, "providers", [lambda vendor, user: [panel]])

    with pytest.raises(NotAllowed, match="Two use cases in production rely on it"):
        services.retire_vendor(VendorFactory().pk, "Replaced", by=manager)


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR, Role.EXECUTIVE, Role.REVIEWER])
def test_others_do_not_keep_vendors(db, role):
    person = make_person(role)

    with pytest.raises(NotAllowed, match="Only vendor managers and the CAIO office keep vendors"):
        services.register_vendor(VendorFactory.build(), by=person)
    with pytest.raises(NotAllowed, match="Only vendor managers"):
        services.edit_vendor(VendorFactory().pk, by=person, about="x")
