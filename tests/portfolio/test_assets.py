"""AI systems, models, data sets and agents: lists, pages, forms, links."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit import trail
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import home, services
from portfolio.assets.agents import Tool, Unreadable, tools_in
from portfolio.assets.kinds import KINDS
from portfolio.models import Agent, AgentData, AiModel, AiSystem, Dataset, ModelData, ModelUse
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_asset_files import CARD, DATA, MODEL, bom
from vendors.models import Criticality, Product, Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_unit("Insurance")


def path(kind, *rest):
    return "/".join(["/assets", kind, *map(str, rest), ""])


def names(client, query="", kind="models"):
    return [str(row) for row in client.get(f"{path(kind)}?{query}").context["table"].rows]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 3])
def test_asset_list_query_count(office, unit, kind, rows, django_assert_max_num_queries):
    for number in range(rows):
        KINDS[kind].model.objects.create(name=f"One {number}", unit=unit, owner=make_person())
    client = signed_in(office)
    client.get(path(kind))

    with django_assert_max_num_queries(8):
        response = client.get(path(kind))

    assert len(response.context["table"].rows) == rows


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_list_says_what_to_do(office, kind):
    page = signed_in(office).get(path(kind)).content.decode()

    assert f"No {KINDS[kind].noun[0]} is listed yet" in page
    assert reverse("portfolio:read_assets") in page


def test_unknown_kinds_do_not_exist(office):
    assert signed_in(office).get("/assets/robots/").status_code == 404


def test_lists_are_searched_filtered_and_exported(office, unit):
    used = AiModel.objects.create(name="resnet", version="50", unit=unit, publisher="Acme", licence="MIT")
    AiModel.objects.create(name="bert", unit=unit, ends_on="2020-01-01")
    AiModel.objects.create(name="old", unit=unit, retired_at="2020-01-01T00:00Z")
    AiModel.objects.create(name="foreign", unit=make_unit())
    ModelUse.objects.create(ai_model=used, use_case=make_use_case(unit=unit))
    client = signed_in(office)

    assert names(client) == ["bert", "resnet 50"]
    assert names(client, "q=acme") == ["resnet 50"]
    assert names(client, "unused=1") == ["bert"]
    assert names(client, "over=1") == ["bert"]
    assert names(client, "state=retired") == ["old"]
    assert names(client, f"unit={unit.path}&unlicensed=1") == ["bert"]
    rows = list(csv.DictReader(io.StringIO(
        b"".join(client.get(f"{path('models')}?q=resnet&format=csv").streaming_content).decode("utf-8-sig")
    )))  # fmt: skip
    assert [(row["Name"], row["Version"], row["Use cases"]) for row in rows] == [("resnet 50", "50", "1")]


def test_what_serves_a_use_case_one_sees_is_seen(unit):
    person = make_person()
    asset = AiModel.objects.create(name="m", unit=unit)
    before = signed_in(person).get(path("models", asset.pk)).status_code
    ModelUse.objects.create(ai_model=asset, use_case=make_use_case(unit=unit, requester=person, confidential=True))

    assert (before, signed_in(person).get(path("models", asset.pk)).status_code) == (404, 200)


def test_a_confidential_use_case_is_not_told_by_what_serves_it(unit):
    reader = make_person(Role.REQUESTER, unit=unit)
    asset = AiModel.objects.create(name="m", unit=unit)
    ModelUse.objects.create(ai_model=asset, use_case=make_use_case("Secret", unit=unit, confidential=True))

    page = signed_in(reader).get(path("models", asset.pk))

    assert "Secret" not in page.content.decode()
    assert signed_in(reader).get(path("models")).context["table"].rows[0].serves == 0


FIELDS = {
    "systems": {"name": "Engine"},
    "models": {"name": "resnet", "version": "50", "ends_on": "2030-01-01"},
    "datasets": {"name": "Claims", "personal_data": "yes", "sensitive": "health"},
    "agents": {
        "name": "Clerk", "autonomy": "confirmed", "tools": "Send mail | answers | acts | asks first\nFile",
        "spend_limit": "5", "spend_per": "day", "currency": "USD",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_asset_is_listed_changed_and_retired(office, unit, kind):
    client = signed_in(office)

    listed = client.post(path(kind, "new"), FIELDS[kind] | {"unit": unit.pk})
    asset = KINDS[kind].model.objects.get()
    changed = client.post(path(kind, asset.pk, "edit"), FIELDS[kind] | {"unit": unit.pk, "about": "What it is."})
    retired = client.post(path(kind, asset.pk, "retire"), {"reason": "Replaced."})

    asset.refresh_from_db()
    assert [each.status_code for each in (listed, changed, retired)] == [302, 302, 302]
    assert (asset.about, asset.retired_at is None) == ("What it is.", False)
    actions = [event.action for event in trail.events_of(asset)]
    assert actions == ["asset.retired", "asset.changed", "asset.listed"]
    assert client.get(path(kind, asset.pk)).status_code == 200
    assert client.get(path(kind, asset.pk, "edit")).status_code == 403


def test_an_agent_keeps_its_tools_data_and_limits(office, unit):
    read, written = (Dataset.objects.create(name=name, unit=unit) for name in ("Read", "Written"))
    client = signed_in(office)
    fields = FIELDS["agents"] | {"unit": unit.pk, "reads": [read.pk, written.pk], "writes": [written.pk]}

    client.post(path("agents", "new"), fields)
    agent = Agent.objects.get()
    client.post(path("agents", agent.pk, "edit"), fields | {"reads": [], "writes": [read.pk]})

    assert agent.tools == [
        {"name": "Send mail", "purpose": "answers", "access": "acts", "asks": True},
        {"name": "File", "purpose": "", "access": "reads", "asks": False},
    ]
    assert (agent.spend_limit, agent.spend_per, agent.currency) == (5, "day", "USD")
    assert list(AgentData.objects.values_list("dataset__name", "may_write")) == [("Read", True)]
    page = client.get(path("agents", agent.pk)).content.decode()
    assert "Send mail" in page
    assert "5.00 USD a day" in page


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"spend_per": ""}, "spend_per"),
        ({"currency": ""}, "currency"),
        ({"spend_limit": "-1"}, "spend_limit"),
        ({"tools": "A | b | destroys"}, "tools"),
        ({"name": ""}, "name"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_a_wrong_agent_is_refused_at_its_field(office, unit, fields, where):
    response = signed_in(office).post(path("agents", "new"), FIELDS["agents"] | {"unit": unit.pk} | fields)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [where])


@pytest.mark.parametrize("text", ["| x", "a | b | flies", "a|b|c|d|e", "\n".join("t" for _ in range(61))])
def test_tools_that_cannot_be_read(text):
    with pytest.raises(Unreadable):
        tools_in(text)


def test_tools_are_written_as_they_are_read():
    tools = [Tool(name="A"), Tool(name="B", purpose="p", access="acts", asks=True)]

    assert tools_in("\n".join(map(str, tools))) == tools


def test_the_same_version_is_listed_once(office, unit):
    AiModel.objects.create(name="resnet", version="50", unit=unit)

    response = signed_in(office).post(path("models", "new"), FIELDS["models"] | {"unit": unit.pk})

    assert (response.status_code, "on the list" in response.content.decode()) == (422, True)


def test_only_whoever_registers_there_lists_assets(unit):
    reader = make_person(Role.AUDITOR, unit=unit)
    asset = Dataset.objects.create(name="Claims", unit=unit)

    with pytest.raises(NotAllowed):
        services.save_asset(Dataset(name="Other", unit=unit), {}, by=reader)
    with pytest.raises(NotAllowed):
        services.retire_asset(asset, by=reader, reason="x")


def test_an_asset_is_linked_in_the_dossier(office, unit):
    use_case, client = make_use_case(unit=unit, owner=office), signed_in(office)
    asset = AiModel.objects.create(name="resnet", unit=unit)
    tab = reverse("portfolio:use_case_tab", args=[use_case.ref, "assets"])

    linked = client.post(
        reverse("portfolio:link_asset", args=[use_case.ref, "models"]),
        {"models-asset": asset.pk, "models-role": "fallback"},
    )
    page = client.get(tab).content.decode()
    client.post(reverse("portfolio:unlink_asset", args=[use_case.ref, "models", asset.pk]))

    assert linked.url == tab
    assert "Stands in" in page
    assert not ModelUse.objects.exists()
    actions = [event.action for event in trail.events_of(use_case)]
    assert actions[:2] == ["use_case.asset_unlinked", "use_case.asset_linked"]


def test_links_are_refused(office, unit):
    use_case, asset = make_use_case(unit=unit, owner=office), AiModel.objects.create(name="m", unit=unit)

    with pytest.raises(Invalid):
        services.link_asset(KINDS["models"], asset, use_case.pk, by=office, role="training")
    with pytest.raises(NotAllowed):
        services.link_asset(KINDS["models"], asset, use_case.pk, by=make_person(), role="core")
    wrong = signed_in(office).post(reverse("portfolio:link_asset", args=[use_case.ref, "models"]), {"models-asset": 0})
    assert (wrong.status_code, ModelUse.objects.exists()) == (302, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_dossier_tab_query_count(office, unit, rows, django_assert_max_num_queries):
    use_case, client = make_use_case(unit=unit, owner=office), signed_in(office)
    for number in range(rows):
        asset = AiModel.objects.create(name=f"m{number}", unit=unit)
        ModelUse.objects.create(ai_model=asset, use_case=use_case)
    tab = reverse("portfolio:use_case_tab", args=[use_case.ref, "assets"])
    client.get(tab)

    with django_assert_max_num_queries(32):
        client.get(tab)


def read(client, unit, name, content):
    return client.post(reverse("portfolio:read_assets"), {"file": SimpleUploadedFile(name, content), "unit": unit.pk})


def test_a_model_card_is_read_with_a_preview(office, unit):
    client = signed_in(office)

    step = read(client, unit, "README.md", CARD.encode())
    preview = client.get(step.url).content.decode()
    before = AiModel.objects.count()
    client.post(step.url, {"take": ["model:0"]})

    model = AiModel.objects.get()
    assert ("brief-sum" in preview, before) == (True, 0)
    assert (model.licence, model.metrics[0]["value"], model.card.name) == ("apache-2.0", "41.7", "README.md")
    assert list(ModelData.objects.values_list("dataset__name", "part")) == [("cnn_dailymail", "training")]
    assert "ROUGE-1" in client.get(path("models", model.pk)).content.decode()


def test_a_bill_of_materials_brings_up_to_date_what_is_known(office, unit):
    known = AiModel.objects.create(name="resnet", version="50", unit=unit, owner=office, licence="unknown")
    client = signed_in(office)

    step = read(client, unit, "bom.json", bom([MODEL, DATA]))
    preview = client.get(step.url).content.decode()
    client.post(step.url, {"take": ["model:0", "data:0"]})

    known.refresh_from_db()
    assert "Brought up to date" in preview
    assert (known.licence, known.owner, AiModel.objects.count()) == ("MIT", office, 1)
    assert {data.name for data in Dataset.objects.all()} == {"ImageNet", "Extra"}


def test_a_bad_file_is_refused_in_a_sentence(office, unit):
    response = read(signed_in(office), unit, "bom.json", b'{"bomFormat": "SPDX"}')

    assert (response.status_code, "no CycloneDX document" in response.content.decode()) == (422, True)


def test_what_somebody_else_read_is_not_there(office, unit):
    step = read(signed_in(office), unit, "README.md", CARD.encode())

    other = signed_in(make_person(Role.CAIO_OFFICE, unit=unit))
    assert other.get(step.url).status_code == 404
    assert other.get(step.url[:-3] + "xx/").status_code == 404
    assert signed_in(office).post(step.url, {}).status_code == 422


def test_a_bill_of_materials_is_offered(office, unit):
    use_case = make_use_case(unit=unit)
    used, other = (AiModel.objects.create(name=name, unit=unit) for name in ("used", "other"))
    ModelUse.objects.create(ai_model=used, use_case=use_case)
    client, url = signed_in(office), reverse("portfolio:export_bom")

    def written(query):
        return [one["name"] for one in json.loads(client.get(f"{url}?{query}").content)["components"]]

    assert written("") == ["other", "used"]
    assert written(f"use_case={use_case.ref}") == ["used"]
    assert written(f"model={other.pk}&version=1.7") == ["other"]
    assert json.loads(client.get(f"{url}?version=1.5").content)["specVersion"] == "1.5"


def test_the_database_refuses_half_a_limit(unit):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.create(name="a", unit=unit, spend_limit=1)


def test_systems_keep_their_products(office, unit):
    vendor = Vendor.objects.create(name="Acme", criticality=Criticality.values[0])
    product = Product.objects.create(vendor=vendor, name="Score", kind="model")
    client = signed_in(office)

    client.post(path("systems", "new"), {"name": "Engine", "unit": unit.pk, "products": [product.pk]})

    assert str(product.vendor) in client.get(path("systems", AiSystem.objects.get().pk)).content.decode()


def test_assets_are_found_by_the_search_of_the_portal(office, unit):
    AiModel.objects.create(name="resnet", unit=unit, publisher="Acme")
    Agent.objects.create(name="Acme clerk", unit=unit)
    AiModel.objects.create(name="acme-foreign", unit=make_unit())

    hits = home.search_assets("acme", office)

    assert [(hit.kind, hit.title) for hit in hits] == [("Models", "resnet"), ("Agents", "Acme clerk")]
