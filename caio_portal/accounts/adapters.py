"""How allauth's sign-in fits the portal."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from caio_portal.accounts.models import UserKind


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by the office, never by whoever comes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Guests have links, no accounts, though a reset mail might give them a password."""
        if user.kind == UserKind.GUEST:
            inactive: HttpResponse = self.respond_user_inactive(request, user)
            return inactive
        return super().pre_login(request, user, **kwargs)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""
