"""Models and data sets as a CycloneDX bill of materials: what `ml_bom` reads, and others, too."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json
from portfolio.assets.bom_agents import agent_component, needs_of, system_component
from portfolio.assets.bom_agents import ref_of as _ref
from portfolio.models import Agent, AiModel, AiSystem, Dataset, ModelData

Node = dict[str, Any]
# Licences as model cards write them, and their identifiers in SPDX; any other is named, not identified.
SPDX = {
    "apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause",
    "cc-by-4.0": "CC-BY-4.0", "cc-by-sa-4.0": "CC-BY-SA-4.0", "cc-by-nc-4.0": "CC-BY-NC-4.0", "cc0-1.0": "CC0-1.0",
    "gpl-3.0": "GPL-3.0-only", "agpl-3.0": "AGPL-3.0-only", "lgpl-3.0": "LGPL-3.0-only", "mpl-2.0": "MPL-2.0",
    "isc": "ISC", "unlicense": "Unlicense", "odc-by": "ODC-By-1.0", "odbl": "ODbL-1.0",
}  # fmt: skip
_BY_ID = {spdx.lower(): spdx for spdx in SPDX.values()}
_FETCHED = {"systems": ("models__ai_model",), "agents": ("model", "data__dataset")}
_URL = "https://cyclonedx.org/schema/bom-{version}.schema.json"


def bill_of_materials(
    models: "QuerySet[AiModel]",
    datasets: "QuerySet[Dataset]",
    version: str,
    programs: "Sequence[QuerySet[AiSystem] | QuerySet[Agent]]" = (),
) -> Node:
    """The document, with PROGRAMS: AI systems and agents. The same content has the same serial number."""
    running = [program for rows in programs for program in rows.prefetch_related(*_FETCHED[rows.model.kind])]
    needed = Q(pk__in=models.values("pk")) | Q(pk__in=[pk for program in running for pk in _model_keys(program)])
    data = Prefetch("data", ModelData.objects.select_related("dataset").order_by("dataset__name", "part"))
    rows = AiModel.objects.filter(needed).select_related("unit").prefetch_related(data)
    written = [(model, list(model.data.all())) for model in rows]
    sets = {dataset.pk: dataset for dataset in datasets}
    sets |= {use.dataset_id: use.dataset for _, uses in written for use in uses}
    sets |= {row.dataset_id: row.dataset for one in running if isinstance(one, Agent) for row in one.data.all()}
    components = [_model(model, uses) for model, uses in written]
    components += [_data(dataset) for dataset in sorted(sets.values(), key=lambda one: (one.name, one.pk))]
    components += [agent_component(one) if isinstance(one, Agent) else system_component(one) for one in running]
    wants = [(_ref(model), sorted({_ref(use.dataset) for use in uses})) for model, uses in written]
    wants += [(_ref(program), needs_of(program)) for program in running]
    dependencies = [{"ref": ref, "dependsOn": needs} for ref, needs in wants if needs]
    serial = uuid5(NAMESPACE_URL, canonical_json([version, components, dependencies]))
    organisation = getattr(settings, "ORGANISATION", "CAIO Portal")
    return {
        "$schema": _URL.format(version=version),
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": clock.now().isoformat(timespec="seconds"),
            "tools": {"components": [{"type": "application", "name": "CAIO Portal"}]},
            "component": {"type": "application", "bom-ref": "portfolio", "name": organisation},
        },
        "components": components,
        "dependencies": dependencies,
    }


def _model_keys(program: AiSystem | Agent) -> list[int]:
    if isinstance(program, AiSystem):
        return [row.ai_model_id for row in program.models.all()]
    return [program.model_id] if program.model_id else []


def _model(model: AiModel, uses: Sequence[ModelData]) -> Node:
    return _filled({
        "type": "machine-learning-model",
        "bom-ref": _ref(model),
        "name": model.name,
        "version": model.version,
        "publisher": model.publisher,
        "description": model.about,
        "licenses": _licences(model.licence),
        "pedigree": {"ancestors": [{"type": "machine-learning-model", "name": model.base_model}]}
        if model.base_model else None,
        "externalReferences": _references(model.link),
        "modelCard": _card(model, uses),
    })  # fmt: skip


def _card(model: AiModel, uses: Iterable[ModelData]) -> Node:
    refs = dict.fromkeys(_ref(use.dataset) for use in uses)
    return _filled({
        "modelParameters": _filled({"task": model.task, "datasets": [{"ref": ref} for ref in refs]}),
        "quantitativeAnalysis": _filled({"performanceMetrics": [_metric(one) for one in model.metrics]}),
        "considerations": _filled({"technicalLimitations": model.limitations.splitlines()}),
    })  # fmt: skip


def _metric(metric: Node) -> Node:
    return _filled({"type": metric["metric"], "value": metric["value"], "slice": metric.get("data", "")})


def _data(dataset: Dataset) -> Node:
    contents = _filled({"url": dataset.link})
    sensitive = [part.strip() for part in dataset.sensitive.split(",") if part.strip()]
    inside = {"type": "dataset", "name": dataset.name, "contents": contents, "sensitiveData": sensitive}
    return _filled({
        "type": "data",
        "bom-ref": _ref(dataset),
        "name": dataset.name,
        "publisher": dataset.origin,
        "description": dataset.about,
        "licenses": _licences(dataset.licence),
        "data": [_filled(inside)],
    })  # fmt: skip


def _licences(licence: str) -> list[Node]:
    if not licence:
        return []
    key = licence.lower()
    spdx = SPDX.get(key) or _BY_ID.get(key)
    return [{"license": {"id": spdx} if spdx else {"name": licence}}]


def _references(link: str) -> list[Node]:
    return [{"type": "website", "url": link}] if link else []


def _filled(node: Node) -> Node:
    """Without what says nothing: the schema forbids empty texts in places."""
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}
