"""From an address to an asset: what a person may not see does not exist."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.assets.kinds import KINDS, Kind
from portfolio.models import UseCase


def kind_or_404(key: str) -> Kind:
    if key not in KINDS:
        raise Http404("There is no such kind of asset.")
    return KINDS[key]


def assets_of(user: User, kind: Kind) -> "QuerySet[Any]":
    """Those of the units in which this person holds a role, their own, and what serves a use case they see."""
    serving = kind.uses.objects.filter(
        **{kind.field: OuterRef("pk")}, use_case__in=UseCase.objects.active().visible_to(user)
    )
    mine = Q(unit__in=roles_of(user).unit_ids(*Role)) | Q(owner=user.pk) | Exists(serving)
    rows: QuerySet[Any] = kind.model._default_manager.filter(mine)
    return rows


def asset_or_404(user: User, kind: Kind, pk: int) -> Any:
    related = {"models": ["product__vendor", "card"], "agents": ["model"]}.get(kind.key, [])
    return get_object_or_404(assets_of(user, kind).select_related("unit", "owner", *related), pk=pk)
