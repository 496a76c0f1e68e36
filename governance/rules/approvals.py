"""How an approval stands, and who may touch it or its conditions."""

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Approval, Condition, EndReason, Suspension


class Standing(TextChoices):
    IN_FORCE = "in_force", "In force"
    STALE = "stale", "Stale"
    SUSPENDED = "suspended", "Suspended"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    SUPERSEDED = "superseded", "Superseded"
    RETIRED = "retired", "Ended with the use case"


def standing(approval: Approval, suspensions: Iterable[Suspension], today: date) -> Standing:
    """How APPROVAL stands on a day; stale and expired are read off, never stored before they end it."""
    if approval.ended_at:
        return Standing(approval.end_reason)
    if approval.valid_until < today:
        return Standing.EXPIRED
    if any(suspension.restored_at is None for suspension in suspensions):
        return Standing.SUSPENDED
    stale = approval.material_hash != approval.use_case.material_hash
    return Standing.STALE if stale else Standing.IN_FORCE


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
