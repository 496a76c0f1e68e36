"""Who joins a use case of another unit, and who lets them."""

from caio_portal.accounts.models import OrgUnit, User
from portfolio.models import Branch, BranchState, UseCase
from portfolio.rules.standing import objection_to_edit, objection_to_register
from portfolio.stages import Stage


def objection_to_ask(user: User, use_case: UseCase, unit: OrgUnit) -> str | None:
    """Whoever could register it in their own unit may ask to join it from there."""
    if use_case.voided_at or use_case.stage == Stage.RETIRED:
        return "This use case has ended."
    if unit.pk == use_case.unit_id:
        return "It is a use case of this unit already."
    return objection_to_register(user, unit)


def objection_to_settle_branch(user: User, branch: Branch) -> str | None:
    """Those who lead the use case decide who joins it."""
    if branch.state != BranchState.ASKED:
        return "This was settled already."
    return objection_to_edit(user, branch.use_case)


def objection_to_end_branch(user: User, branch: Branch) -> str | None:
    """Those who lead the use case, and whoever asked to join it."""
    if branch.state != BranchState.JOINED:
        return "This unit does not take part."
    return None if branch.asked_by_id == user.pk else objection_to_edit(user, branch.use_case)
