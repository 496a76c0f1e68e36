"""The list of use cases."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.accounts.services import grant_role
from caio_portal.common import clock
from portfolio import ports
from portfolio.models import SavedView, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
LIST = "/use-cases/"


@pytest.fixture
def unit():
    return make_unit("Insurance")


def titles(response) -> list[str]:
    return [row.title for row in response.context["table"].rows]


def found(user, query: str = "") -> list[str]:
    return sorted(titles(signed_in(user).get(f"{LIST}?{query}")))


@pytest.mark.parametrize("rows", [1, 3])
def test_use_case_list_query_count(office, unit, rows, django_assert_max_num_queries):
    owner = make_person()
    for _ in range(rows):
        make_use_case(unit=unit, owner=owner, tier=2)
    client = signed_in(office)
    client.get(LIST)

    # session, user, roles, units, saved views, policy in force, number, rows, counts of all facets, unread notices
    with django_assert_max_num_queries(10):
        response = client.get(LIST)

    assert len(titles(response)) == rows


@pytest.fixture
def portfolio(unit, office):
    other = make_unit("Other")
    grant_role(office, other, Role.CAIO_OFFICE, by=None)
    below = make_unit("Claims", unit)
    make_use_case("Chat for claims", unit=below, tier=3, stage=Stage.PILOT, facts={"purpose": "Answers customers."})
    make_use_case("Code assistant", unit=unit, tier=1, tier_provisional=False, stage=Stage.PRODUCTION)
    make_use_case("Inventory row", unit=unit, source="import", stage=None)
    make_use_case("Elsewhere", unit=other, stage=Stage.PRODUCTION)
    make_use_case("Withdrawn", unit=unit, voided_at="2026-01-01T00:00Z")
    return below


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Chat for claims", "Code assistant", "Elsewhere", "Inventory row"]),
        ("q=customers", ["Chat for claims"]),
        ("q=chat+cla", ["Chat for claims"]),
        ("q=zebra", []),
        ("stage=pilot&stage=none", ["Chat for claims", "Inventory row"]),
        ("tier=3", ["Chat for claims"]),
        ("tier=none&source=import", ["Inventory row"]),
        ("provisional=1&tier=3&tier=1", ["Chat for claims"]),
        ("unapproved=1", ["Code assistant", "Elsewhere"]),
        ("stage=nonsense&page=99&sort=nonsense", ["Chat for claims", "Code assistant", "Elsewhere", "Inventory row"]),
    ],
)
def test_filters(office, portfolio, query, expected):
    assert found(office, query) == expected


def test_a_unit_brings_what_lies_below_it_and_counts_it(office, unit, portfolio):
    client = signed_in(office)
    response = client.get(f"{LIST}?unit={unit.path}")

    table = client.get(response.context["table"].counts_url).context["table"]
    [facet] = [facet for facet in table.facets if facet.key == "unit"]
    counts = {option.label.strip(): option.count for option in facet.options}
    assert sorted(titles(response)) == ["Chat for claims", "Code assistant", "Inventory row"]
    assert counts == {"Insurance": 3, "Claims": 1, "Other": 1}


def test_the_counts_come_after_the_page_and_only_they(office, portfolio, django_assert_max_num_queries):
    client = signed_in(office)
    page = client.get(f"{LIST}?tier=3")
    table = page.context["table"]

    with django_assert_max_num_queries(8):
        counts = client.get(table.counts_url).content.decode()

    assert 'class="choice-count"' not in page.content.decode()
    assert f'hx-swap-oob="innerHTML:#use-cases-stage-{table.stamp}"' in counts
    assert f'id="use-cases-stage-{table.stamp}"' in page.content.decode()
    assert (counts.count("choice-count") > 0, "<html" in counts) == (True, False)


@pytest.mark.parametrize(
    ("asked", "meant", "expected"),
    [
        ("claism", "claims", ["Chat for claims"]),
        ("asistant", "assistant", ["Code assistant"]),
        ("chat claimz", "chat claims", ["Chat for claims"]),
        ("inventroy row", "inventory row", ["Inventory row"]),
        ("hippopotamus", None, []),
    ],
)
def test_a_mistyped_word_finds_what_was_meant(office, portfolio, asked, meant, expected):
    response = signed_in(office).get(LIST, {"q": asked})

    assert titles(response) == expected
    note = f"Nothing has “{asked}”. This is what has “{meant}”." if meant else ""
    assert response.context["table"].note == note


def test_a_word_of_a_hidden_title_is_not_told(unit):
    make_use_case("Layoffs", unit=unit, confidential=True)

    response = signed_in(make_person(Role.REQUESTER, unit=unit)).get(LIST, {"q": "layofs"})

    assert (titles(response), response.context["table"].note) == ([], "")
    assert "layoffs" not in response.content.decode().lower()


def test_a_reference_or_its_number_finds_its_use_case(office, portfolio):
    use_case = UseCase.objects.get(title="Code assistant")
    _, _, number = use_case.ref.split("-")

    assert found(office, f"q={use_case.ref.lower()}") == found(office, f"q={number}") == ["Code assistant"]


def test_words_that_say_nothing_are_passed_over(office, portfolio):
    assert found(office, "q=chat+for+the+claims") == ["Chat for claims"]


def test_of_very_many_the_page_says_how_many_at_least(office, portfolio, monkeypatch):
    monkeypatch.setattr("portfolio.tables.UseCaseTable.count_up_to", 2)
    monkeypatch.setattr("portfolio.tables.UseCaseTable.page_size", 1)

    page = signed_in(office).get(LIST)

    assert page.context["table"].total_words == "2+ use cases"
    assert "2+ use cases" in page.content.decode()
    assert page.context["table"].page.paginator.num_pages == 2


def test_what_has_an_approval_does_not_run_without(office, portfolio, monkeypatch):
    approved = UseCase.objects.filter(title="Code assistant").values("pk")
    monkeypatch.setattr(ports.approved_ids, "providers", [lambda: approved])

    assert found(office, "unapproved=1") == ["Elsewhere"]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (None, []),
        (Role.REQUESTER, ["Open"]),
        (Role.VENDOR_MANAGER, ["Open"]),
        (Role.ADMINISTRATOR, ["Open"]),
        (Role.REVIEWER, ["Open", "Secret"]),
        (Role.COUNCIL_MEMBER, ["Open", "Secret"]),
        (Role.CAIO, ["Open", "Secret"]),
        (Role.AUDITOR, ["Open", "Secret"]),
    ],
)
def test_who_sees_what(unit, role, sees):
    make_use_case("Open", unit=unit)
    make_use_case("Secret", unit=unit, confidential=True)
    make_use_case("Foreign", unit=make_unit())
    person = make_person(*([role] if role else []), unit=unit)

    assert found(person) == sees


def test_parties_see_their_confidential_use_case(unit):
    person = make_person()
    make_use_case("Mine", unit=unit, requester=person, confidential=True)

    assert found(person) == ["Mine"]


def test_htmx_gets_the_list_alone(office, portfolio):
    response = signed_in(office).get(LIST, headers={"hx-request": "true", "hx-target": "use-cases"})

    assert b"<html" not in response.content
    assert response.content.strip().startswith(b'<section class="list" id="use-cases"')


def test_export_writes_what_is_shown(office, portfolio):
    response = signed_in(office).get(f"{LIST}?tier=3&col=unit&col=stage&format=csv")

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows == [["Use case", "Unit", "Stage"], ["Chat for claims", "Claims", "Pilot"]]


def test_export_of_all_columns_begins_with_the_reference(office, portfolio):
    response = signed_in(office).get(f"{LIST}?tier=3&format=csv")

    head, row = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    told = dict(zip(head, row, strict=True))
    assert told | dict.fromkeys(("Registered", "Changed", "In stage since", "Requester"), "") == {
        "Reference": UseCase.objects.get(tier=3).ref, "Use case": "Chat for claims", "Unit": "Claims", "Stage": "Pilot",
        "Tier": "3", "Approval": "", "Provisional": "Yes", "Owner": "", "Sponsor": "", "Requester": "",
        "Source": "Intake", "In stage since": "", "Registered": "", "Changed": "",
        "Joined by": "", "Joined for": "", "Joined on condition": "",
    }  # fmt: skip


def test_export_as_xlsx(office, portfolio):
    response = signed_in(office).get(f"{LIST}?format=xlsx")

    assert b"".join(response.streaming_content).startswith(b"PK")


def test_columns_are_chosen(office, portfolio):
    response = signed_in(office).get(f"{LIST}?col=source")

    assert [head.label for head in response.context["table"].heads] == ["Use case", "Source"]
    assert "Import" in response.content.decode()


def test_a_view_is_saved_and_hidden(office, portfolio):
    client = signed_in(office)

    saved = client.post(reverse("portfolio:save_view"), {"name": " High ", "query": "tier=3"})
    view = SavedView.objects.get()
    shown = [each.name for each in client.get(saved.url).context["table"].saved_views if each.is_current]
    client.post(reverse("portfolio:hide_view", args=[view.pk]))

    assert (saved.url, view.name, shown) == (f"{LIST}?tier=3", "High", ["High"])
    assert "High" not in [each.name for each in client.get(LIST).context["table"].saved_views]


def test_a_view_without_a_name_is_refused(office):
    signed_in(office).post(reverse("portfolio:save_view"), {"name": " ", "query": "tier=3"})

    assert not SavedView.objects.exists()


def test_an_empty_list_says_what_to_do(unit):
    response = signed_in(make_person(Role.REQUESTER, unit=unit)).get(LIST)

    assert "No use cases yet" in response.content.decode()
    assert reverse("portfolio:intake_new") in response.content.decode()


def test_export_as_json(office, portfolio):
    response = signed_in(office).get(f"{LIST}?tier=3&col=unit&col=tier&format=json")

    rows = json.loads(b"".join(response.streaming_content))
    assert rows == [{"title": "Chat for claims", "unit": "Claims", "tier": 3}]


def test_what_stays_too_long_in_its_stage_is_found_and_marked(office, unit):
    make_use_case("Fresh", unit=unit, stage=Stage.PILOT, stage_since=clock.now() - timedelta(days=180))
    make_use_case("Stuck", unit=unit, stage=Stage.PILOT, stage_since=clock.now() - timedelta(days=190))
    make_use_case("Resting", unit=unit, stage=Stage.PILOT, stage_since=clock.now() - timedelta(days=400),
                  paused_at=clock.now())  # fmt: skip
    make_use_case("Running", unit=unit, stage=Stage.PRODUCTION, stage_since=clock.now() - timedelta(days=900))

    response = signed_in(office).get(f"{LIST}?lingering=1")

    assert [(row.title, row.days_over) for row in response.context["table"].rows] == [("Stuck", 10)]


def test_a_shared_view_is_found_by_everybody(office, unit):
    signed_in(office).post(reverse("portfolio:save_view"), {"name": "High", "query": "tier=3&view=board", "shared": 1})

    views = signed_in(make_person(Role.REQUESTER, unit=unit)).get(LIST).context["table"].saved_views
    assert [(view.name, view.note, view.hide_url) for view in views if "High" in view.name] == [
        ("High", f"shared by {office.name}", "")
    ]


def test_only_the_office_shares_views(unit):
    requester = make_person(Role.REQUESTER, unit=unit)

    response = signed_in(requester).post(reverse("portfolio:save_view"), {"name": "High", "query": "", "shared": 1})

    assert (response.status_code, SavedView.objects.count()) == (403, 0)


def test_the_form_that_saves_a_view_carries_its_token(office, portfolio):
    client = Client(enforce_csrf_checks=True)
    client.force_login(office, backend=settings.AUTHENTICATION_BACKENDS[0])

    page = client.get(LIST).content.decode()
    token = re.search(
        r'action="/use-cases/views/">\s*<input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"', page
    )
    response = client.post(
        reverse("portfolio:save_view"), {"name": "High", "query": "", "csrfmiddlewaretoken": token and token[1]}
    )

    assert response.status_code == 302
