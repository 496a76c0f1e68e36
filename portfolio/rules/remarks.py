"""Who says something at an answer, and who settles it."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.models import Remark, UseCase
from portfolio.rules.standing import objection_to_edit

EXAMINERS = (Role.REVIEWER, Role.COUNCIL_MEMBER, Role.CAIO, Role.CAIO_OFFICE)


def objection_to_remark(user: User, use_case: UseCase) -> str | None:
    """Those who examine and decide say what is wrong with an answer; a party changes the answer instead."""
    if user.pk in use_case.party_ids:
        return "You are a party of this use case: change the answer instead."
    if roles_of(user).has(*EXAMINERS, unit=use_case.unit_id):
        return None
    return "Reviewers, council members and the CAIO office remark on answers."


def objection_to_settle_remark(user: User, remark: Remark) -> str | None:
    """Whoever made it settles it, and whoever may change the answer."""
    if remark.settled_at:
        return "This remark is settled already."
    return None if remark.by_id == user.pk else objection_to_edit(user, remark.use_case)
