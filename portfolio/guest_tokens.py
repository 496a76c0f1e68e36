"""What stands in the address that a guest was sent: the number of their link under our signature."""

from typing import Any

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from caio_portal.accounts.models import User
from portfolio.models import GuestLink, UseCase

_SIGNER = Signer(salt="portfolio.guest_link")


def token_of(link: GuestLink) -> str:
    return _SIGNER.sign(str(link.pk))


def number_in(token: str) -> int | None:
    """The number of the link that a token names; None if we did not sign it."""
    try:
        return int(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None


def address_of(link: GuestLink) -> str:
    return reverse("portfolio:guest_start", args=[token_of(link)])


def address_for(user: User, subject: Any) -> str | None:
    """The address under which a guest finds the use case that SUBJECT is, or is about."""
    use_case = _use_case_of(subject)
    link = GuestLink.objects.filter(guest=user, use_case=use_case).first() if use_case else None
    return address_of(link) if link else None


def _use_case_of(subject: Any) -> UseCase | None:
    """Higher apps hang their things on a use case: through their decision and review, if they have none themselves."""
    while subject is not None and not isinstance(subject, UseCase):
        names = ("use_case", "review", "decision")
        subject = next((getattr(subject, name) for name in names if getattr(subject, name, None) is not None), None)
    return subject
