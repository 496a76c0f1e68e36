"""What serves use cases is listed, changed, linked and retired; and read from model cards and bills of materials."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.models import StoredFile
from portfolio import rules
from portfolio.assets.found import Findings, FoundAgent, FoundData, FoundModel, FoundSystem, Named
from portfolio.assets.kinds import KINDS, Kind
from portfolio.models import (
    Agent,
    AgentData,
    AiModel,
    AiSystem,
    Asset,
    AssetRole,
    Dataset,
    ModelData,
    SystemModel,
    SystemProduct,
)
from portfolio.services.editing import lock

Found = TypeVar("Found")
Links = Mapping[str, Collection[int]]
_NAMES = {"systems": ["unit", "name"], "models": ["unit", "name", "version"], "datasets": ["unit", "name"],
          "agents": ["unit", "name"]}  # fmt: skip


@transaction.atomic
def save_asset(asset: Asset, links: Links, *, by: User, before: Mapping[str, Any] | None = None) -> Asset:
    """List an asset, or change it; LINKS are the keys of the products and data sets that belong to it."""
    kind, new = KINDS[asset.kind], asset.pk is None
    old = None if new else kind.model._default_manager.select_for_update().get(pk=asset.pk)
    if old is not None:
        require(rules.objection_to_keep_asset(by, old))
    if old is None or old.unit_id != asset.unit_id:
        require(rules.objection_to_add_asset(by, asset.unit))
    twin = {name: getattr(asset, name) for name in _NAMES[kind.key]}
    if kind.model._default_manager.filter(**twin).exclude(pk=asset.pk).exists():
        raise Invalid(f"{asset} is on the list of {asset.unit} already.", "name")
    asset.changed_at = clock.now()
    asset.save()
    changed = _set_links(asset, links)
    action = "asset.listed" if new else "asset.changed"
    record(action, asset, by=by, unit=asset.unit, before=dict(before or {}), after=figures(asset) | changed)
    return asset


@transaction.atomic
def retire_asset(asset: Asset, *, by: User, reason: str) -> Asset:
    """Take an asset out of use; what it has served stays on record."""
    require(rules.objection_to_keep_asset(by, asset))
    asset.retired_at = clock.now()
    asset.save(update_fields=["retired_at"])
    record("asset.retired", asset, by=by, unit=asset.unit, reason=reason.strip())
    return asset


@transaction.atomic
def link_asset(kind: Kind, asset: Asset, use_case_id: int, *, by: User, role: str) -> None:
    """State what an asset does for a use case; stated again, the role is replaced."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    if asset.retired_at:
        raise NotAllowed(f"{asset} is retired.")
    if role not in kind.roles:
        raise Invalid(f"That is nothing that {kind.article} {kind.noun[0]} does.", "role")
    kind.uses.objects.update_or_create(**{kind.field: asset}, use_case=use_case, defaults={"role": role})
    record("use_case.asset_linked", use_case, by=by, asset=str(asset), role=AssetRole(role).label.lower())


@transaction.atomic
def unlink_asset(kind: Kind, asset: Asset, use_case_id: int, *, by: User) -> None:
    """An asset serves a use case no more; the trail keeps that it did."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    gone, _ = kind.uses.objects.filter(**{kind.field: asset}, use_case=use_case).delete()
    if gone:
        record("use_case.asset_unlinked", use_case, by=by, asset=str(asset))


@transaction.atomic
def take_findings(
    findings: Findings, chosen: Collection[str], unit: OrgUnit, stored: StoredFile, *, by: User
) -> list[Asset]:
    """List the CHOSEN of what a file describes (`model:0`, `data:2`), or bring what is listed up to date."""
    require(rules.objection_to_add_asset(by, unit))
    taken: list[Asset] = [  # what is named by others comes first
        *(_take_data(one, unit, stored, by) for one in _among("data", findings.data, chosen)),
        *(_take_model(one, unit, stored, by) for one in _among("model", findings.models, chosen)),
        *(_take_system(one, unit, stored, by) for one in _among("system", findings.systems, chosen)),
        *(_take_agent(one, unit, stored, by) for one in _among("agent", findings.agents, chosen)),
    ]
    if not taken:
        raise Invalid("Choose at least one of them.")
    return taken


def figures(asset: Asset) -> dict[str, Any]:
    """What is stated of an asset, for the trail: fields by their names, texts cut."""
    left_out = {"id", "changed_at", "retired_at", "card", "metrics", "tags"}
    found = {}
    for field in asset._meta.concrete_fields:
        value = getattr(asset, field.name) if field.name not in left_out else None
        if value not in (None, "", []):
            found[str(field.verbose_name)] = str(value)[:300]
    return found


def _set_links(asset: Asset, links: Links) -> dict[str, Any]:
    """Make the rows of each kind of link just those of LINKS; returns the names of the sets that changed."""
    changed = {}
    for name, keys in links.items():
        table, owner, other, fixed = _TABLES[name]
        rows = table.objects.filter(**{owner: asset}, **fixed)
        kept = set(rows.values_list(f"{other}_id", flat=True))
        if kept == set(keys):
            continue
        rows.exclude(**{f"{other}__in": keys}).delete()
        for key in sorted(set(keys) - kept):
            table.objects.update_or_create(**{owner: asset, f"{other}_id": key}, **_keyed(table, fixed))
        changed[name.replace("_", " ")] = len(keys)
    return changed


def _keyed(table: Any, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """A data set is either read or written by an agent: the row is found without that, and gets it."""
    return {"defaults": dict(fixed)} if table is AgentData else dict(fixed)


_TABLES: dict[str, tuple[Any, str, str, dict[str, Any]]] = {
    "products": (SystemProduct, "ai_system", "product", {}),
    "models": (SystemModel, "ai_system", "ai_model", {}),
    "trained_on": (ModelData, "ai_model", "dataset", {"part": "training"}),
    "tested_with": (ModelData, "ai_model", "dataset", {"part": "evaluation"}),
    "writes": (AgentData, "agent", "dataset", {"may_write": True}),
    "reads": (AgentData, "agent", "dataset", {"may_write": False}),
}


def _among(kind: str, found: Sequence[Found], chosen: Collection[str]) -> list[Found]:
    return [one for at, one in enumerate(found) if f"{kind}:{at}" in chosen]


def _take_data(data: FoundData, unit: OrgUnit, stored: StoredFile, by: User) -> Dataset:
    known, new = Dataset.objects.get_or_create(name=data.name, unit=unit, defaults={"changed_at": clock.now()})
    stated = {"licence": data.licence, "about": data.about, "link": data.link, "origin": data.origin,
              "sensitive": ", ".join(data.sensitive)[:500]}  # fmt: skip
    _write_found(known, new, stated, stored, by)
    return known


def _take_model(model: FoundModel, unit: OrgUnit, stored: StoredFile, by: User) -> AiModel:
    known, new = AiModel.objects.get_or_create(
        name=model.name, version=model.version, unit=unit, defaults={"changed_at": clock.now()}
    )
    names = ("publisher", "licence", "base_model", "task", "about", "limitations", "link")
    stated: dict[str, Any] = {name: getattr(model, name) for name in names}
    stated |= {"tags": list(model.tags), "metrics": [one.model_dump(mode="json") for one in model.metrics]}
    _write_found(known, new, stated | {"card": stored}, stored, by)
    for data in model.data:
        dataset, first = Dataset.objects.get_or_create(name=data.name, unit=unit, defaults={"changed_at": clock.now()})
        if first:
            _write_found(dataset, True, {"about": data.about, "link": data.link, "licence": data.licence}, stored, by)
        ModelData.objects.get_or_create(ai_model=known, dataset=dataset, part=data.part)
    return known


def _take_system(system: FoundSystem, unit: OrgUnit, stored: StoredFile, by: User) -> AiSystem:
    known, new = AiSystem.objects.get_or_create(name=system.name, unit=unit, defaults={"changed_at": clock.now()})
    _write_found(known, new, {"about": system.about, "link": system.link}, stored, by)
    for named in system.models:
        if model := _listed(named, unit):
            SystemModel.objects.get_or_create(ai_system=known, ai_model=model)
    return known


def _take_agent(agent: FoundAgent, unit: OrgUnit, stored: StoredFile, by: User) -> Agent:
    known, new = Agent.objects.get_or_create(name=agent.name, unit=unit, defaults={"changed_at": clock.now()})
    names = ("about", "link", "autonomy", "spend_limit", "spend_per", "currency", "stopped_by")
    stated: dict[str, Any] = {name: getattr(agent, name) for name in names}
    stated |= {"tools": [tool.model_dump() for tool in agent.tools], "model": _listed(agent.model, unit)}
    _write_found(known, new, stated, stored, by)
    for names_of, may_write in ((agent.reads, False), (agent.writes, True)):
        for name in names_of:
            dataset, first = Dataset.objects.get_or_create(name=name, unit=unit, defaults={"changed_at": clock.now()})
            if first:
                _write_found(dataset, True, {}, stored, by)
            AgentData.objects.update_or_create(agent=known, dataset=dataset, defaults={"may_write": may_write})
    return known


def _listed(named: Named | None, unit: OrgUnit) -> AiModel | None:
    """The model that a file names, if it is on the list of the unit: a name alone lists nothing."""
    return AiModel.objects.filter(name=named.name, version=named.version, unit=unit).first() if named else None


def _write_found(asset: Asset, new: bool, stated: Mapping[str, Any], stored: StoredFile, by: User) -> None:
    """What the file states replaces what was known; on what it is silent, that stays."""
    require(None if new else rules.objection_to_keep_asset(by, asset))
    before = {} if new else figures(asset)
    for name, value in stated.items():
        if value not in (None, "", []):
            setattr(asset, name, value)
    asset.changed_at = clock.now()
    asset.save()
    record(
        "asset.read", asset, by=by, unit=asset.unit, before=before, after=figures(asset), file=stored.name,
        sha256=stored.sha256,
    )  # fmt: skip
