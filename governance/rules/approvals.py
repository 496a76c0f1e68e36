"""Who may touch an approval or its conditions."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Approval, Condition, EndReason


def objection_to_revoke(user: User, approval: Approval) -> str | None:
    if approval.ended_at:
        return f"This approval has ended: {EndReason(approval.end_reason).label.lower()}."
    if not roles_of(user).has(Role.CAIO, Role.CAIO_OFFICE, unit=approval.use_case.unit_id):
        return "Only the CAIO office revokes an approval."
    return None


def objection_to_meet(user: User, condition: Condition) -> str | None:
    if condition.met_at:
        return "This condition is met."
    case = condition.decision.review.use_case
    mine = user.pk in (condition.owner_id, case.owner_id, case.sponsor_id, case.requester_id)
    if not (mine or roles_of(user).has(Role.CAIO_OFFICE, Role.CAIO, unit=case.unit_id)):
        return "Only the owner of a condition, the team and the CAIO office record that it is met."
    return None
