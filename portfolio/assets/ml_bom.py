"""CycloneDX bills of materials in JSON, versions 1.5 to 1.7: the models and data sets that one describes."""

import json
from collections.abc import Iterator
from typing import Any

from caio_portal.common.uploads.limits import Refused
from portfolio.assets.bom_agents import found_agent, found_system, kind_of
from portfolio.assets.found import (
    BOM_BYTES,
    Findings,
    FoundData,
    FoundModel,
    Metric,
    decoded,
    dict_of,
    link_of,
    list_of,
    prose_of,
    text_of,
    texts_of,
)

VERSIONS = ("1.5", "1.6", "1.7")
_DEPTH, _COMPONENTS = 8, 2_000
Node = dict[str, Any]


def read_ml_bom(content: bytes) -> Findings:
    """The models and data sets of a bill of materials; other components are counted and left. Raises Refused."""
    bom = _json(decoded(content, BOM_BYTES, "bill of materials"))
    version = text_of(bom.get("specVersion"))
    if bom.get("bomFormat") != "CycloneDX":
        raise Refused("This is no CycloneDX document: it does not say so in bomFormat.", "no_bom")
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        raise Refused(f"CycloneDX {version or 'without a version'} cannot be read; {known} can.", "no_bom")
    components = list(_components(bom))
    data = {_ref(one): one for one in components if one.get("type") == "data"}
    models = [one for one in components if one.get("type") == "machine-learning-model"]
    programs = {kind: [one for one in components if kind_of(one) == kind] for kind in ("system", "agent")}
    read = [*models, *data.values(), *programs["system"], *programs["agent"]]
    if not read:
        raise Refused("The document describes neither a model nor a data set.", "no_bom")
    by_ref = {_ref(one): one for one in read}
    unnamed = sum(1 for one in read if not text_of(one.get("name")))
    other = len(components) - len(read)
    notes = [f"{other:,} other components are left out." if other else ""]
    notes += [f"{unnamed:,} components without a name are left out." if unnamed else ""]
    return Findings(
        source=f"CycloneDX {version}",
        models=tuple(_model(one, data) for one in models if text_of(one.get("name"))),
        data=tuple(found for one in data.values() if (found := _data(one)).name),
        systems=tuple(found_system(one, by_ref) for one in programs["system"] if text_of(one.get("name"))),
        agents=tuple(found_agent(one, by_ref) for one in programs["agent"] if text_of(one.get("name"))),
        notes=tuple(note for note in notes if note),
    )


def _model(one: Node, data: dict[str, Node]) -> FoundModel:
    card = dict_of(one.get("modelCard"))
    parameters, considerations = dict_of(card.get("modelParameters")), dict_of(card.get("considerations"))
    analysis = dict_of(card.get("quantitativeAnalysis"))
    ancestors = list_of(dict_of(one.get("pedigree")).get("ancestors"))
    named = [text_of(dict_of(ancestor).get("name")) for ancestor in ancestors]
    return FoundModel(
        name=text_of(one.get("name")),
        version=text_of(one.get("version"), 60),
        publisher=_publisher(one),
        licence=_licence(one),
        base_model=", ".join(name for name in named if name)[:200],
        task=text_of(parameters.get("task"), 100),
        about=prose_of(one.get("description"), 2_000),
        limitations="\n".join(texts_of(considerations.get("technicalLimitations"), 1_000))[:4_000],
        link=_link(one),
        tags=texts_of(one.get("tags"), 60),
        metrics=tuple(_metrics(analysis)),
        data=tuple(_data_of(parameters, data)),
    )


def _metrics(analysis: Node) -> Iterator[Metric]:
    for one in map(dict_of, list_of(analysis.get("performanceMetrics"))):
        name, value = text_of(one.get("type"), 80), text_of(one.get("value"), 40)
        if name and value:
            yield Metric(metric=name, value=value, data=text_of(one.get("slice"), 120))


def _data_of(parameters: Node, data: dict[str, Node]) -> Iterator[FoundData]:
    """The data sets of a model: by reference to a component, or described in place."""
    for one in map(dict_of, list_of(parameters.get("datasets"))):
        ref = text_of(one.get("ref"), 500)
        found = _data(data[ref]) if ref in data else _described(one)
        if found.name:
            yield found


def _data(one: Node) -> FoundData:
    """A component of type data; what it contains is told by its first entry."""
    first = next(map(dict_of, list_of(one.get("data"))), {})
    inside = _described(first)
    return FoundData(
        name=text_of(one.get("name")) or inside.name,
        licence=_licence(one),
        about=prose_of(one.get("description"), 2_000) or inside.about,
        link=_link(one) or inside.link,
        origin=_publisher(one),
        sensitive=inside.sensitive,
    )


def _described(one: Node) -> FoundData:
    contents = dict_of(one.get("contents"))
    return FoundData(
        name=text_of(one.get("name")),
        about=prose_of(one.get("description"), 2_000),
        link=link_of(contents.get("url")),
        sensitive=texts_of(one.get("sensitiveData"), 100) if one.get("sensitiveData") else (),
    )


def _publisher(one: Node) -> str:
    """The first that is stated: organisations before persons."""
    authors = [text_of(dict_of(author).get("name")) for author in list_of(one.get("authors"))]
    organisations = [one.get("publisher"), *(dict_of(one.get(key)).get("name") for key in ("manufacturer", "supplier"))]
    stated = [*organisations, ", ".join(name for name in authors if name)[:200], one.get("author")]
    return next((name for each in stated if (name := text_of(each))), "")


def _licence(one: Node) -> str:
    found = []
    for choice in map(dict_of, list_of(one.get("licenses"))):
        licence = dict_of(choice.get("license"))
        found.append(text_of(licence.get("id") or licence.get("name") or choice.get("expression"), 100))
    return ", ".join(name for name in found if name)[:100]


def _link(one: Node) -> str:
    references = map(dict_of, list_of(one.get("externalReferences")))
    return next((link for reference in references if (link := link_of(reference.get("url")))), "")


def _ref(one: Node) -> str:
    return text_of(one.get("bom-ref"), 500) or f"{text_of(one.get('name'))}@{text_of(one.get('version'), 60)}"


def _components(bom: Node) -> Iterator[Node]:
    """All components, those inside others too, and the one that the document is about."""
    top = [dict_of(bom.get("metadata")).get("component"), *_list(bom.get("components"))]
    waiting = [(dict_of(one), 1) for one in reversed(top) if isinstance(one, dict)]
    count = 0
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if count > _COMPONENTS or depth > _DEPTH:
            raise Refused(f"The document has more than {_COMPONENTS:,} components, or nests them too deeply.", "bomb")
        yield one
        waiting += [(each, depth + 1) for each in reversed(_list(one.get("components"))) if isinstance(each, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(text: str) -> Node:
    try:
        found = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise Refused("The document is nested too deeply.", "bomb") from None
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise Refused(f"The document is no JSON that can be read (line {line}).") from None
    return dict_of(found)
