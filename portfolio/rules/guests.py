"""Who invites somebody without an account, and what their link opens."""

from django.conf import settings

from caio_portal.accounts.models import User
from caio_portal.common import words
from portfolio import ports
from portfolio.models import GuestLink
from portfolio.rules.standing import objection_to_register

OVER = "This link has expired or was withdrawn. Ask whoever sent it to you for a new one."


def objection_to_revoke_link(user: User, link: GuestLink) -> str | None:
    if link.revoked_at:
        return "This link was withdrawn already."
    return objection_to_register(user, link.unit)


def objection_to_upload(link: GuestLink, size: int) -> str | None:
    """One link takes so many files and no more: nobody signed in for them. SIZE is in bytes."""
    if link.files_sent >= settings.GUEST_FILES:
        files = words.plural(settings.GUEST_FILES, "file")
        return f"This link takes {files}, and has had {'it' if settings.GUEST_FILES == 1 else 'them'}."
    if link.bytes_sent + size > settings.GUEST_BYTES:
        left = words.size(max(0, settings.GUEST_BYTES - link.bytes_sent))
        return f"This link takes {words.size(settings.GUEST_BYTES)} in all, and {left} are left. Send a smaller file."
    return None


def objection_to_use_link(link: GuestLink) -> str | None:
    """A link changes nothing once it is over, or once its use case is submitted and has not come back."""
    if link.is_over:
        return OVER
    if link.submitted_at and not (link.use_case and ports.is_returned(link.use_case, link.guest)):
        return "You have submitted it: this link shows where it stands."
    return None
