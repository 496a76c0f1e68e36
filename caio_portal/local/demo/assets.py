"""The models, data sets and agents of the company, and what they serve."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from caio_portal.common import clock
from caio_portal.local.demo import story
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.suppliers import Suppliers
from caio_portal.local.demo.timeline import Timeline
from portfolio import services
from portfolio.assets.agents import Tool
from portfolio.assets.kinds import KINDS
from portfolio.models import Agent, AiModel, Asset, Dataset, UseCase
from portfolio.value import add_months

_TEXTS = {
    "datasets": ("name", "about", "origin", "personal_data", "sensitive", "licence", "kept_for"),
    "models": ("name", "version", "publisher", "task", "licence", "base_model", "about", "limitations", "metrics"),
    "agents": ("name", "about", "autonomy", "spend_per", "stopped_by"),
}
_MODELS: dict[str, type[Asset]] = {"datasets": Dataset, "models": AiModel, "agents": Agent}


def tell(timeline: Timeline, calendar: story.Calendar, company: Company, suppliers: Suppliers) -> None:
    """Data sets first: models and agents name them."""
    for kind, assets in story.read("assets").items():
        for at, written in enumerate(assets):
            moment = calendar.moment(f"{written['name']}{at}", written["month"], 0.4 if kind == "datasets" else 0.6)
            timeline.add(moment, partial(_list, kind, written, company, suppliers))
            for title, role in written["serves"].items():  # when all use cases of the story are registered
                linked = calendar.moment(title, -1, 0.9)
                timeline.add(linked, partial(_link, kind, written, title, role, company))


def _list(kind: str, written: dict[str, Any], company: Company, suppliers: Suppliers) -> None:
    office = company.person("office")
    stated = {name: written[name] for name in _TEXTS[kind] if name in written}
    asset: Any = _MODELS[kind](unit=company.root, owner=office, **stated)
    links: dict[str, Sequence[int]] = {}
    if kind == "models":
        asset.product = suppliers.products.get(written.get("product", ""))
        asset.ends_on = _end(written)
        links = {name: _keys(written.get(name, ())) for name in ("trained_on", "tested_with")}
    if kind == "agents":
        name, version = written["model"].split()
        asset.model = AiModel.objects.get(name=name, version=version)
        asset.tools = [Tool(**tool).model_dump() for tool in written["tools"]]
        asset.spend_limit, asset.currency = Decimal(written["spend_limit"]), "USD"
        links = {"writes": (), "reads": _keys(written["reads"])}
    services.save_asset(asset, links, by=office)


def _link(kind: str, written: dict[str, Any], title: str, role: str, company: Company) -> None:
    named = {name: written[name] for name in ("name", "version") if name in written}
    asset: Any = _MODELS[kind]._default_manager.get(**named)
    use_case = UseCase.objects.get(title=title)
    services.link_asset(KINDS[kind], asset, use_case.pk, by=company.person("office"), role=role)


def _keys(names: Sequence[str]) -> list[int]:
    return list(Dataset.objects.filter(name__in=names).values_list("pk", flat=True))


def _end(written: dict[str, Any]) -> date | None:
    """So many months from the day on which it was listed."""
    return add_months(clock.today(), written["ends"] - written["month"]) if "ends" in written else None
