"""What the page of an asset shows, and the dossier's page of all that serves a use case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.audit import trail
from caio_portal.common import clock, words
from caio_portal.common.parts import Fact
from portfolio import rules
from portfolio.assets.agents import Tool
from portfolio.assets.forms import LinkForm
from portfolio.assets.kinds import KINDS, Kind
from portfolio.assets.tables import limit_of
from portfolio.models import AssetRole, SystemProduct, UseCase
from portfolio.ports import UseCaseTab

_EVENTS = 15


@dataclass(frozen=True)
class AssetPage:
    facts: tuple[Fact, ...]
    serves: tuple[tuple[Any, str], ...]  # use case, what the asset does for it
    data: tuple[tuple[Any, str], ...]  # data set, what it is used for
    models: tuple[Any, ...]  # of a data set those that were made with it, of a system those that it runs
    systems: tuple[Any, ...]  # of a model: those that run it
    products: tuple[Any, ...]
    tools: tuple[Tool, ...]
    events: tuple[trail.Entry, ...]
    is_over: bool


def asset_page(kind: Kind, asset: Any, user: User) -> AssetPage:
    seen = UseCase.objects.active().visible_to(user)
    uses = kind.uses.objects.filter(**{kind.field: asset}, use_case__in=seen).select_related("use_case__unit")
    links, made_with = _data(kind, asset)
    ends_on = getattr(asset, "ends_on", None)
    return AssetPage(
        facts=tuple(_facts(kind, asset)),
        serves=tuple((use.use_case, AssetRole(use.role).label) for use in uses.order_by("use_case__ref")),
        data=tuple(links),
        models=tuple(made_with),
        systems=tuple(_systems(kind, asset)),
        products=tuple(asset.products.select_related("product__vendor")) if kind.key == "systems" else (),
        tools=tuple(Tool(**tool) for tool in asset.tools) if kind.key == "agents" else (),
        events=tuple(trail.entry(event) for event in trail.events_of(asset)[:_EVENTS]),
        is_over=bool(ends_on and ends_on < clock.today()),
    )


def tabs(use_case: UseCase, user: User) -> Sequence[UseCaseTab]:
    """The dossier's page of vendors' products, models, data sets and agents."""
    context = lambda: _tab_context(use_case, user)  # noqa: E731
    return (UseCaseTab("assets", "Vendors and models", "portfolio/_assets_tab.html", context, position=75),)


def _tab_context(use_case: UseCase, user: User) -> dict[str, Any]:
    """Two queries a kind, and one for the products of the systems."""
    may_link = rules.objection_to_edit(user, use_case) is None
    groups = []
    for kind in KINDS.values():
        related = {"models": ["ai_model__product__vendor"], "agents": ["agent__model"]}.get(kind.key, [])
        rows = kind.uses.objects.filter(use_case=use_case).select_related(f"{kind.field}__unit", *related)
        linked = [(getattr(row, kind.field), AssetRole(row.role).label) for row in rows.order_by("pk")]
        besides = [asset.pk for asset, _ in linked]
        form = LinkForm(kind=kind, user=user, besides=besides) if may_link else None
        groups.append((kind, linked, form))
    systems = [asset.pk for asset, _ in groups[0][1]]
    products: dict[int, list[Any]] = {}
    for link in SystemProduct.objects.filter(ai_system__in=systems).select_related("product__vendor"):
        products.setdefault(link.ai_system_id, []).append(link.product)
    return {
        "groups": groups,
        "products": products,
        "today": clock.today(),
        "may_link": may_link,
        "bom_url": f"{reverse('portfolio:export_bom')}?use_case={use_case.ref}",
    }


def _data(kind: Kind, asset: Any) -> tuple[list[tuple[Any, str]], list[Any]]:
    if kind.key == "models":
        return [(row.dataset, row.get_part_display()) for row in asset.data.select_related("dataset")], []
    if kind.key == "agents":
        rows = asset.data.select_related("dataset")
        return [(row.dataset, "Reads and writes" if row.may_write else "Reads") for row in rows], []
    if kind.key in ("datasets", "systems"):
        return [], [row.ai_model for row in asset.models.select_related("ai_model")]
    return [], []


def _systems(kind: Kind, model: Any) -> list[Any]:
    return [row.ai_system for row in model.systems.select_related("ai_system")] if kind.key == "models" else []


def _facts(kind: Kind, asset: Any) -> list[Fact]:
    facts = [Fact("Unit", asset.unit.name), Fact("Owner", asset.owner or "Nobody yet")]
    own = {"models": _of_model, "datasets": _of_dataset, "agents": _of_agent}.get(kind.key)
    return [*facts, *(own(asset) if own else ())]


def _of_model(model: Any) -> list[Fact]:
    return [
        Fact("Publisher", model.publisher or "Not stated"),
        Fact("Task", model.task or "Not stated"),
        Fact("Licence", model.licence or "Not stated"),
        Fact("Made from", model.base_model or "Not stated"),
        Fact("Product", f"{model.product} by {model.product.vendor}" if model.product else "None of a vendor"),
        Fact("End of life", words.day(model.ends_on) or "Not stated"),
    ]


def _of_dataset(dataset: Any) -> list[Fact]:
    return [
        Fact("About people", {True: "Yes", False: "No"}.get(dataset.personal_data, "Not known")),
        Fact("Sensitive contents", dataset.sensitive or "None stated"),
        Fact("Comes from", dataset.origin or "Not stated"),
        Fact("Licence", dataset.licence or "Not stated"),
        Fact("Kept for", dataset.kept_for or "Not stated"),
    ]


def _of_agent(agent: Any) -> list[Fact]:
    return [
        Fact("Autonomy", agent.get_autonomy_display()),
        Fact("Model", agent.model or "Not stated"),
        Fact("Spending limit", limit_of(agent) or "None stated"),
        Fact("Stopped by", agent.stopped_by or "Nobody named"),
    ]
