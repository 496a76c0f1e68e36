"""What stands in the address that a guest was sent: the number of their link under our signature."""

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from portfolio.models import GuestLink

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
