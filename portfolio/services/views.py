"""Searches of the list that people keep; nobody's act on a use case, so the audit trail does not tell of them."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.models import SavedView


@transaction.atomic
def save_view(name: str, query: str, *, by: User, shared: bool = False) -> SavedView:
    """Keep a search under a name, shared with everybody by the office only; the same name again replaces it."""
    if shared:
        require(rules.objection_to_share_view(by))
    if not (name := name.strip()):
        raise Invalid("Give the view a name.", "name")
    view, _ = SavedView.objects.update_or_create(
        user=by, name=name[:80], hidden_at=None, defaults={"query": query, "shared": shared}
    )
    return view


@transaction.atomic
def hide_view(view: SavedView) -> None:
    view.hidden_at = clock.now()
    view.save(update_fields=["hidden_at"])
