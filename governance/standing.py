"""How an approval stands on a day."""

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices

from governance.models import Approval, Suspension


class Standing(TextChoices):
    IN_FORCE = "in_force", "In force"
    STALE = "stale", "Stale"
    SUSPENDED = "suspended", "Suspended"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    SUPERSEDED = "superseded", "Superseded"
    RETIRED = "retired", "Ended with the use case"


def standing(approval: Approval, *, suspended: bool, today: date) -> Standing:
    """How APPROVAL stands on a day; stale and expired are read off, never stored before they end it."""
    if approval.ended_at:
        return Standing(approval.end_reason)
    if approval.valid_until < today:
        return Standing.EXPIRED
    if suspended:
        return Standing.SUSPENDED
    stale = approval.material_hash != approval.use_case.material_hash
    return Standing.STALE if stale else Standing.IN_FORCE


def is_suspended(suspensions: Iterable[Suspension]) -> bool:
    """Whether one of an approval's suspensions lasts."""
    return any(suspension.restored_at is None for suspension in suspensions)
