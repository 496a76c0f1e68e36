"""Agents and AI systems in a bill of materials, written and read.

CycloneDX 1.5 to 1.7 have no type for either: each is an application with named properties, as the standard provides for
what it does not know; what it runs on and works with is among its dependencies, too.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from portfolio.assets.agents import Tool, Unreadable, tools_in
from portfolio.assets.found import FoundAgent, FoundSystem, Named, dict_of, link_of, list_of, prose_of, text_of
from portfolio.models import Agent, AiSystem, Autonomy, Per

Node = dict[str, Any]
SPACE = "caio-portal"
KIND = f"{SPACE}:kind"
_TEXT = 600
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_LIMIT = Decimal(10) ** 10  # more does not fit its column


def ref_of(one: Any) -> str:
    return f"{one.kind}/{one.pk}"


def agent_component(agent: Agent) -> Node:
    """Its data sets and its model must have been fetched."""
    stated = [("kind", "agent"), ("agent:autonomy", agent.autonomy), ("agent:stopped-by", agent.stopped_by)]
    if agent.spend_limit is not None:
        stated += [("agent:spend-limit", f"{agent.spend_limit:.2f}"), ("agent:spend-per", agent.spend_per)]
        stated += [("agent:currency", agent.currency)]
    stated += [("agent:tool", str(Tool(**tool))) for tool in agent.tools]
    stated += [("agent:model", ref_of(agent.model))] if agent.model else []
    stated += [(f"agent:{'writes' if row.may_write else 'reads'}", ref_of(row.dataset)) for row in agent.data.all()]
    return _application(agent, stated)


def system_component(system: AiSystem) -> Node:
    """Its models must have been fetched."""
    models = [("system:model", ref_of(row.ai_model)) for row in system.models.all()]
    return _application(system, [("kind", "system"), *models])


def needs_of(one: Agent | AiSystem) -> list[str]:
    """The references of what it runs on and works with."""
    if isinstance(one, AiSystem):
        return sorted(ref_of(row.ai_model) for row in one.models.all())
    needed = {ref_of(row.dataset) for row in one.data.all()}
    return sorted(needed | {ref_of(one.model)} if one.model else needed)


def _application(one: Any, stated: list[tuple[str, str]]) -> Node:
    node: Node = {"type": "application", "bom-ref": ref_of(one), "name": one.name}
    if one.about:
        node["description"] = one.about
    if one.link:
        node["externalReferences"] = [{"type": "website", "url": one.link}]
    return node | {"properties": [{"name": f"{SPACE}:{name}", "value": value} for name, value in stated if value]}


def kind_of(one: Node) -> str:
    """ "agent", "system", or nothing of that."""
    if one.get("type") != "application":
        return ""
    return next((value for value in _values(one, "kind") if value in ("agent", "system")), "")


def found_system(one: Node, by_ref: Mapping[str, Node]) -> FoundSystem:
    named = (_named(by_ref.get(ref)) for ref in _values(one, "system:model"))
    return FoundSystem(**_described(one), models=tuple(model for model in named if model))


def found_agent(one: Node, by_ref: Mapping[str, Node]) -> FoundAgent:
    """What makes no sense is left out: an agent without a limit is better than one with a wrong one."""
    autonomy = _first(one, "agent:autonomy")
    return FoundAgent(
        **_described(one),
        **_spending(one),
        autonomy=autonomy if autonomy in Autonomy.values else "",
        tools=tuple(_tools(one)),
        stopped_by=_first(one, "agent:stopped-by")[:300],
        model=_named(by_ref.get(_first(one, "agent:model"))),
        reads=tuple(_names(one, "agent:reads", by_ref)),
        writes=tuple(_names(one, "agent:writes", by_ref)),
    )


def _described(one: Node) -> Node:
    links = (link_of(dict_of(reference).get("url")) for reference in list_of(one.get("externalReferences")))
    about = prose_of(one.get("description"), 2_000)
    return {"name": text_of(one.get("name")), "about": about, "link": next(filter(None, links), "")}


def _spending(one: Node) -> Node:
    limit, per, currency = (_first(one, f"agent:{name}") for name in ("spend-limit", "spend-per", "currency"))
    try:
        amount = round(Decimal(limit), 2)
    except InvalidOperation:
        return {}
    if not (amount.is_finite() and 0 <= amount < _LIMIT and per in Per.values and _CURRENCY.match(currency)):
        return {}
    return {"spend_limit": amount, "spend_per": per, "currency": currency}


def _tools(one: Node) -> Iterator[Tool]:
    for line in _values(one, "agent:tool")[:60]:
        try:
            yield from tools_in(line)
        except Unreadable:
            continue


def _names(one: Node, name: str, by_ref: Mapping[str, Node]) -> Iterator[str]:
    for ref in _values(one, name):
        if named := text_of(by_ref.get(ref, {}).get("name")):
            yield named


def _named(one: Node | None) -> Named | None:
    name = text_of(one.get("name")) if one else ""
    return Named(name=name, version=text_of(one.get("version"), 60)) if one and name else None


def _first(one: Node, name: str) -> str:
    return next(iter(_values(one, name)), "")


def _values(one: Node, name: str) -> list[str]:
    properties = map(dict_of, list_of(one.get("properties")))
    return [text_of(each.get("value"), _TEXT) for each in properties if each.get("name") == f"{SPACE}:{name}"]
