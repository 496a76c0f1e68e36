"""By when a waiver is reported: within 30 days of its grant, and of its revocation."""

from datetime import date, timedelta

from governance.models import PolicyException

REPORT_DAYS = 30


def due_on(waiver: PolicyException) -> date | None:
    """The last day to report what has not been reported; None if nothing is to be."""
    if waiver.reported_at is None:
        return waiver.granted_at.date() + timedelta(days=REPORT_DAYS)
    if is_revoked(waiver) and waiver.end_reported_at is None:
        assert waiver.ended_at
        return waiver.ended_at.date() + timedelta(days=REPORT_DAYS)
    return None


def is_revoked(waiver: PolicyException) -> bool:
    """Ended before its day by somebody's act, and not by its own renewal."""
    if waiver.ended_at is None or waiver.ended_at.date() > waiver.expires_on:
        return False
    known: bool | None = getattr(waiver, "was_renewed", None)
    return not (PolicyException.objects.filter(renewed_from=waiver).exists() if known is None else known)
