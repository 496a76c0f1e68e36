"""Who declares common uses, and who approves the tools for them."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import roles_of
from portfolio.models import CommonUse, Tool
from portfolio.rules.standing import OFFICE, REGISTRANTS


def objection_to_keep_tool(user: User, tool: Tool) -> str | None:
    """The office of a unit approves tools for it, and ends that."""
    if tool.ended_at:
        return f"{tool} is not approved any more: approve it anew."
    return objection_to_approve_tools(user, tool.unit)


def objection_to_approve_tools(user: User, unit: OrgUnit) -> str | None:
    if roles_of(user).has(*OFFICE, unit=unit.pk):
        return None
    return f"Only the CAIO office of {unit.name} approves tools for it."


def objection_to_declare(user: User, unit: OrgUnit) -> str | None:
    if roles_of(user).has(*REGISTRANTS, unit=unit.pk):
        return None
    return f"You hold no role that declares common uses in {unit.name}."


def objection_to_change_common_use(user: User, common_use: CommonUse) -> str | None:
    """Whoever declared it and whoever may declare for the unit change it, as long as it lasts."""
    if common_use.ended_at:
        return "This common use has ended."
    return None if common_use.by_id == user.pk else objection_to_declare(user, common_use.unit)
