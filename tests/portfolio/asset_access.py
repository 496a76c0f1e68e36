"""Who may open the pages of AI systems, models, data sets and agents."""

from typing import Any

from django.core import signing

from caio_portal.accounts.access import ANYONE
from caio_portal.accounts.roles import Role
from caio_portal.common import files
from portfolio.models import AiModel, ModelUse
from tests.factories import make_person, make_use_case


def some_model(unit, user):
    model = AiModel.objects.create(name=f"m{AiModel.objects.count()}", unit=unit, owner=user)
    return {"kind": "models", "pk": model.pk}


def some_kind(unit, user):
    return {"kind": "models"}


def some_link(unit, user):
    use_case = make_use_case(unit=unit, requester=user or make_person())
    made = some_model(unit, user)
    ModelUse.objects.create(ai_model_id=made["pk"], use_case=use_case)
    return {**made, "ref": use_case.ref}


def some_use_case(unit, user):
    return {"ref": make_use_case(unit=unit, requester=user or make_person()).ref, "kind": "models"}


def some_reading(unit, user):
    stored = files.store("README.md", b"---\nlicense: mit\n---\n# Model\n", "text/plain")
    return {"token": signing.dumps([stored.pk, unit.pk, user and user.pk], salt="assets.read")}


KEEPERS = {Role.REQUESTER, Role.OWNER, Role.CAIO, Role.CAIO_OFFICE, Role.VENDOR_MANAGER}
OBJECTS: dict[str, Any] = {
    **dict.fromkeys(("portfolio:asset_detail", "portfolio:edit_asset", "portfolio:retire_asset"), some_model),
    "portfolio:asset_list": some_kind,
    "portfolio:new_asset": some_kind,
    "portfolio:link_asset": some_use_case,
    "portfolio:unlink_asset": some_link,
    "portfolio:check_assets": some_reading,
}
WHO_MAY: dict[str, Any] = {
    **dict.fromkeys(OBJECTS, ANYONE),
    **dict.fromkeys(("portfolio:new_asset", "portfolio:edit_asset", "portfolio:retire_asset"), KEEPERS),
    "portfolio:read_assets": KEEPERS,
    "portfolio:check_assets": KEEPERS,
    "portfolio:export_bom": ANYONE,
    "portfolio:asset_home": ANYONE,
}
EVERYBODYS = {"portfolio:asset_list", "portfolio:new_asset", "portfolio:check_assets"}
