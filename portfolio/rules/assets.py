"""Who keeps the list of AI systems, models, data sets and agents."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.models import Asset
from portfolio.rules.standing import REGISTRANTS

ASSET_KEEPERS = (*REGISTRANTS, Role.VENDOR_MANAGER)


def objection_to_add_asset(user: User, unit: OrgUnit) -> str | None:
    """Whoever registers use cases in a unit, and vendor managers, list what serves them."""
    if roles_of(user).has(*ASSET_KEEPERS, unit=unit.pk):
        return None
    return f"You hold no role that lists AI systems, models or data in {unit.name}."


def objection_to_keep_asset(user: User, asset: Asset) -> str | None:
    if asset.retired_at:
        return f"{asset} is retired."
    return None if asset.owner_id == user.pk else objection_to_add_asset(user, asset.unit)
