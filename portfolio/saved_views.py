"""The views of the list of use cases that its menu offers."""

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.common import tables
from portfolio.models import SavedView


def saved_views(user: User, query: QueryDict) -> list[tables.SavedView]:
    """What this person keeps and what the office shares, after the views that everybody finds useful."""
    path = reverse("portfolio:use_case_list")
    shared = [("Running without approval", "unapproved=1"), ("Tier 3 and above", "tier=3&tier=4&tier=5")]
    current = query.urlencode()
    kept = SavedView.objects.filter(Q(user=user) | Q(shared=True), hidden_at=None).select_related("user")
    views = [tables.SavedView(name, f"{path}?{asked}", asked == current) for name, asked in shared]
    return views + [_saved_view(view, user, f"{path}?{view.query}", view.query == current) for view in kept]


def _saved_view(view: SavedView, user: User, url: str, is_current: bool) -> tables.SavedView:
    mine = view.user_id == user.pk
    note = "shared" if mine and view.shared else "" if mine else f"shared by {view.user.name}"
    hide_url = reverse("portfolio:hide_view", args=[view.pk]) if mine else ""
    return tables.SavedView(view.name, url, is_current, note, hide_url)
