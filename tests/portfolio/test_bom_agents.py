"""AI systems and agents in a bill of materials: written, read back, taken; with the models that systems run."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from caio_portal.common import files
from portfolio import services
from portfolio.assets.agents import tools_in
from portfolio.assets.bom_agents import KIND
from portfolio.assets.bom_writing import bill_of_materials
from portfolio.assets.found import Named
from portfolio.assets.ml_bom import VERSIONS, read_ml_bom
from portfolio.models import Agent, AgentData, AiModel, AiSystem, Dataset, SystemModel
from tests.factories import make_unit, signed_in

TOOLS = "Send mail | answers suppliers | acts | asks first\nSearch"


@pytest.fixture
def programs(unit):
    """A desk that runs a model, and an agent on it that reads prices and writes orders."""
    model = AiModel.objects.create(name="Llama", version="4", unit=unit)
    desk = AiSystem.objects.create(name="Purchasing desk", unit=unit, about="Buys.")
    SystemModel.objects.create(ai_system=desk, ai_model=model)
    agent = Agent.objects.create(
        name="Buyer", unit=unit, model=model, autonomy="confirmed", spend_limit=Decimal("500.50"), spend_per="day",
        currency="EUR", stopped_by="Service desk", link="https://a.example/buyer",
        tools=[tool.model_dump() for tool in tools_in(TOOLS)],
    )  # fmt: skip
    for name, may_write in (("Prices", False), ("Orders", True)):
        AgentData.objects.create(agent=agent, dataset=Dataset.objects.create(name=name, unit=unit), may_write=may_write)
    return desk, agent


def document(version="1.6"):
    everything = (AiSystem.objects.all(), Agent.objects.all())
    return bill_of_materials(AiModel.objects.none(), Dataset.objects.none(), version, everything)


@pytest.mark.django_db
@pytest.mark.parametrize("version", VERSIONS)
def test_systems_and_agents_are_written_and_read_back(programs, version):
    found = read_ml_bom(json.dumps(document(version)).encode())

    [system], [agent] = found.systems, found.agents
    assert (system.name, system.about, system.models) == (
        "Purchasing desk",
        "Buys.",
        (Named(name="Llama", version="4"),),
    )
    assert agent.model_dump(exclude={"tools"}) == {
        "name": "Buyer", "about": "", "link": "https://a.example/buyer", "autonomy": "confirmed",
        "spend_limit": Decimal("500.50"), "spend_per": "day", "currency": "EUR", "stopped_by": "Service desk",
        "model": {"name": "Llama", "version": "4"}, "reads": ("Prices",), "writes": ("Orders",),
    }  # fmt: skip
    assert list(agent.tools) == tools_in(TOOLS)
    assert [model.name for model in found.models] == ["Llama"]  # what they run on is described, too
    assert found.notes == ("1 other components are left out.",)  # the portfolio that the document is about


@pytest.mark.django_db
def test_they_are_what_the_standard_allows(programs):
    desk, agent = programs
    components = {one["bom-ref"]: one for one in document()["components"]}

    written = components[f"agents/{agent.pk}"]
    assert (written["type"], written["properties"][0]) == ("application", {"name": KIND, "value": "agent"})
    assert all(set(one) == {"name", "value"} and isinstance(one["value"], str) for one in written["properties"])
    needs = {one["ref"]: one["dependsOn"] for one in document()["dependencies"]}
    model, *data = (f"models/{agent.model_id}", *sorted(f"datasets/{row.dataset_id}" for row in agent.data.all()))
    assert needs == {f"systems/{desk.pk}": [model], f"agents/{agent.pk}": [*data, model]}
    assert set().union(*needs.values()) <= components.keys()


@pytest.mark.django_db
def test_what_was_read_is_taken_under_another_unit(programs, office):
    content, elsewhere = json.dumps(document()).encode(), make_unit("Elsewhere", parent=programs[0].unit)
    found = read_ml_bom(content)
    chosen = ["model:0", "data:0", "data:1", "system:0", "agent:0"]

    for _ in range(2):  # the second time it brings up to date
        services.take_findings(found, chosen, elsewhere, files.store("b.json", content, "text/plain"), by=office)

    agent = Agent.objects.get(unit=elsewhere)
    assert (agent.model.unit, agent.spend_limit, agent.autonomy) == (elsewhere, Decimal("500.50"), "confirmed")
    assert dict(agent.data.values_list("dataset__name", "may_write")) == {"Prices": False, "Orders": True}
    assert list(AiSystem.objects.get(unit=elsewhere).models.values_list("ai_model__unit__name", flat=True)) == [
        "Elsewhere"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spend-limit", "NaN"),
        ("spend-limit", "1e99"),
        ("spend-per", "blink"),
        ("currency", "euros"),
        ("spend-limit", "-1"),
    ],
)
def test_a_limit_that_makes_no_sense_is_left_out(name, value):
    stated = {"spend-limit": "5", "spend-per": "day", "currency": "EUR", "autonomy": "wild", "tool": "|", name: value}
    properties = [{"name": KIND, "value": "agent"}]
    properties += [{"name": f"caio-portal:agent:{key}", "value": each} for key, each in stated.items()]
    component = {"type": "application", "name": "Bot", "properties": properties}

    content = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [component]}).encode()
    [agent] = read_ml_bom(content).agents

    assert (agent.name, agent.spend_limit, agent.currency, agent.autonomy, agent.tools) == ("Bot", None, "", "", ())


@pytest.mark.django_db
def test_the_models_of_a_system_are_chosen_and_shown(programs, office):
    desk, agent = programs
    client = signed_in(office)
    other = AiModel.objects.create(name="Mistral", version="8", unit=desk.unit)

    edit = reverse("portfolio:edit_asset", args=["systems", desk.pk])
    client.post(edit, {"name": desk.name, "unit": desk.unit_id, "models": [other.pk, agent.model_id]})

    assert "Mistral 8" in client.get(desk.get_absolute_url()).content.decode()
    assert "Purchasing desk" in client.get(other.get_absolute_url()).content.decode()
    exported = client.get(reverse("portfolio:export_bom")).json()
    assert {one["name"] for one in exported["components"]} >= {"Purchasing desk", "Buyer", "Mistral"}
