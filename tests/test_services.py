"""No decision without its audit record: what every service that carries out a person's act has in common."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from caio_portal.local.services import ROOT

APPS = ("portfolio", "governance", "kpis", "vendors", "caio_portal/accounts", "caio_portal/briefings")
# Acts that leave no event, and why.
SILENT = {
    "note_changes": "a part of services that record",
    "receive": "asks for a job; the load records its batch",
    "register_all": "an import records one event for its batch",
    "request_pack": "asks for a job; the papers are made of what stands there anyway",
    "request_trial": "asks for a job, which changes nothing that anybody relies on",
    "rewrite_all": "an import records one event for its batch",
    "save_view": "a search that somebody keeps for themselves",
    "tier_changed_facts": "computed; the rows of tiering only grow",
    "tier_use_cases": "computed; the rows of tiering only grow",
    "tier_everything": "computed; the rows of tiering only grow",
}


@dataclass(frozen=True)
class Service:
    """A function of a services module: its name, whether it is atomic, and what it calls."""

    module: str
    name: str
    acts: bool
    atomic: bool
    calls: frozenset[str]


def _modules() -> Iterator[Path]:
    for app in APPS:
        folder = ROOT / app
        yield from folder.glob("services.py")
        yield from folder.glob("services/**/*.py")


def _services() -> Iterator[Service]:
    for path in _modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                names = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
                source = ast.unparse(node)
                calls = {
                    call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                }
                module = path.relative_to(ROOT).as_posix()
                yield Service(module, node.name, "by" in names, "transaction.atomic" in source, frozenset(calls))


SERVICES = list(_services())
BY_NAME = {service.name: service for service in SERVICES}
ACTS = [service for service in SERVICES if service.acts and not service.name.startswith("_")]


def _leads_to(service: Service, goal: str) -> bool:
    reached, next_ones = set(service.calls), set(service.calls)
    while next_ones and goal not in reached:
        next_ones = set().union(*(BY_NAME[name].calls for name in next_ones & BY_NAME.keys())) - reached
        reached |= next_ones
    return goal in reached


def test_every_silent_act_is_one_that_there_is():
    assert SILENT.keys() <= {service.name for service in ACTS}


@pytest.mark.parametrize("service", ACTS, ids=lambda one: f"{one.module}:{one.name}")
def test_every_act_records_an_event(service):
    assert service.name in SILENT or _leads_to(service, "record")


@pytest.mark.parametrize("service", ACTS, ids=lambda one: f"{one.module}:{one.name}")
def test_every_act_is_one_transaction(service):
    """Atomic itself, or a part of one that is: `record` refuses to work outside a transaction."""
    within = [BY_NAME[name] for name in service.calls & BY_NAME.keys()]

    assert service.atomic or "record" in service.calls or service.name in SILENT or any(one.atomic for one in within)
