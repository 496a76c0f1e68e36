"""Who may open what: the truth that the declared policies are compared with."""

from typing import Any

from caio_portal.accounts.roles import Role
from tests.vendors import factories

VIEWERS = {
    Role.VENDOR_MANAGER,
    Role.CAIO,
    Role.CAIO_OFFICE,
    Role.EXECUTIVE,
    Role.COUNCIL_MEMBER,
    Role.REVIEWER,
    Role.AUDITOR,
}
KEEPERS = {Role.VENDOR_MANAGER, Role.CAIO, Role.CAIO_OFFICE}


def make_vendor(unit, user):
    return {"pk": factories.VendorFactory().pk}


def make_criterion(unit, user):
    return make_vendor(unit, user) | {"criterion": "quality"}


def make_product(unit, user):
    return {"pk": factories.ProductFactory().pk}


def make_contract(unit, user):
    return {"pk": factories.ContractFactory().pk}


def make_assessment(unit, user):
    return {"pk": factories.AssessmentFactory(filed=True).pk}


WHO_MAY: dict[str, Any] = {
    "vendors:vendor_list": VIEWERS,
    "vendors:vendor_comparison": VIEWERS,
    "vendors:renewal_calendar": VIEWERS,
    "vendors:vendor_detail": VIEWERS,
    "vendors:download_assessment": VIEWERS,
    "vendors:register_vendor": KEEPERS,
    "vendors:edit_vendor": KEEPERS,
    "vendors:retire_vendor": KEEPERS,
    "vendors:score_criterion": KEEPERS,
    "vendors:add_product": KEEPERS,
    "vendors:edit_product": KEEPERS,
    "vendors:sign_contract": KEEPERS,
    "vendors:edit_contract": KEEPERS,
    "vendors:record_assessment": KEEPERS,
}
OBJECTS = {
    "vendors:vendor_detail": make_vendor,
    "vendors:edit_vendor": make_vendor,
    "vendors:retire_vendor": make_vendor,
    "vendors:score_criterion": make_criterion,
    "vendors:add_product": make_vendor,
    "vendors:sign_contract": make_vendor,
    "vendors:record_assessment": make_vendor,
    "vendors:edit_product": make_product,
    "vendors:edit_contract": make_contract,
    "vendors:download_assessment": make_assessment,
}
EVERYBODYS = set(OBJECTS)  # vendors belong to no unit
