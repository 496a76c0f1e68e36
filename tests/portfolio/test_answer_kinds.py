"""Answers with parts: money, people, units, products, links, files, tables; with scripts and without."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from pydantic import ValidationError

from caio_portal.accounts.models import User, UserKind
from caio_portal.accounts.roles import Role
from caio_portal.common.models import StoredFile
from portfolio.intake.forms import SectionForm
from portfolio.intake.lookups import Asker
from portfolio.intake.questionnaire import Questionnaire
from portfolio.models import FactChange, UseCase
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_questionnaire import questionnaire
from tests.vendors.factories import ProductFactory, VendorFactory

pytestmark = pytest.mark.django_db
ANYBODY = Asker()
EUROS = {"amount": "12000.5", "currency": "EUR"}
HTMX = {"hx-request": "true"}
MONEY = questionnaire({"fact": "spend_per_year", "currencies": ["USD", "EUR"]})
TOOLS = questionnaire({"fact": "agent_tools", "rows_max": 2})
ORDERS = {"tool": "Orders", "access": "spends", "confirmed": False, "limit": {"amount": "50", "currency": "EUR"}}
KINDS = questionnaire(
    *({"fact": name} for name in ("vendor_product", "overseer", "mainly_used_by", "privacy_assessment"))
)


@pytest.fixture
def unit():
    return make_unit("Claims")


@pytest.fixture
def ada(unit):
    return make_person(Role.REQUESTER, unit=unit, name="Ada Lovelace")


@pytest.fixture
def client(ada):
    return signed_in(ada)


@pytest.fixture
def use_case(unit, ada):
    facts = {"approach": "buy", "autonomy": "acts_within_limits", "personal_data": True, "decides_about": ["credit"]}
    return make_use_case("Orders", unit=unit, requester=ada, facts=facts)


@pytest.fixture
def chat():
    return ProductFactory(vendor=VendorFactory(name="Acme"), name="Chat", version="2")


def typed(asked: Questionnaire, kept=None, asker=ANYBODY, **data):
    """The form of a questionnaire with one section, as somebody sent it; its answers and its errors."""
    sent = QueryDict(mutable=True)
    for name, value in data.items():
        sent[name.replace("__", "-")] = value
    sent.setlist("asked", [question.fact for question in asked.questions()])
    form = SectionForm(asked.sections[0], kept or {}, sent, asker=asker)
    return form.answers(), {name: list(errors) for name, errors in form.errors.items()}


def section(use_case, key: str) -> str:
    return reverse("portfolio:intake_section", args=[use_case.ref, key])


def facts_of(use_case) -> dict:
    return UseCase.objects.get(pk=use_case.pk).facts


@pytest.mark.parametrize(
    ("data", "kept", "value"),
    [
        (
            {"spend_per_year": "12,000.50", "spend_per_year__currency": "EUR"},
            None,
            {"amount": "12000.5", "currency": "EUR"},
        ),
        ({"spend_per_year": "7"}, None, {"amount": "7", "currency": "USD"}),
        ({"spend_per_year": " "}, None, None),
        ({"spend_per_year": "7", "spend_per_year__currency": "USD"}, 7, 7),  # from before amounts had a currency
        ({"spend_per_year": "8", "spend_per_year__currency": "USD"}, 7, {"amount": "8", "currency": "USD"}),
    ],
)
def test_money(data, kept, value):
    answers, errors = typed(MONEY, {"spend_per_year": kept} if kept else {}, **data)

    assert (answers, errors) == ({"spend_per_year": value}, {})


def test_money_that_cannot_be_read_stays_in_its_field():
    answers, errors = typed(MONEY, spend_per_year="lots")

    assert answers == {}
    assert errors == {"spend_per_year": ["Spend a year is an amount from 0 upwards, such as 25,000, not “lots”."]}


def test_a_person_is_known_by_name_or_address_and_kept_as_they_were_called(ada):
    known = {"id": ada.pk, "name": "Ada Lovelace", "email": ada.email}

    assert typed(KINDS, overseer=" ada  lovelace ")[0]["overseer"] == known
    assert typed(KINDS, overseer=f"Ada Lovelace ({ada.email.upper()})")[0]["overseer"] == known
    assert typed(KINDS, overseer="Jo (jo@elsewhere.example)")[0]["overseer"] == "Jo (jo@elsewhere.example)"
    assert typed(KINDS, {"overseer": "A. Former"}, overseer="A. Former")[0]["overseer"] == "A. Former"


def test_a_person_whom_nobody_or_several_could_mean_is_asked_for_again(ada):
    make_person(name="Ada Lovelace")
    make_person(name="Grace Hopper")

    assert typed(KINDS, overseer="Ada Lovelace")[1]["overseer"] == [
        "Several people are called Ada Lovelace: give the e-mail address."
    ]
    assert typed(KINDS, overseer="Hopper")[1]["overseer"][0].startswith(
        "Nobody here is called Hopper. Did you mean Grace"
    )
    assert typed(KINDS, overseer="Nemo")[1]["overseer"] == ["Nobody here is called Nemo. Give their e-mail address."]


def test_a_guest_learns_no_names_and_no_units_of_others(unit, ada, chat):
    below, elsewhere = make_unit("Glass", parent=unit), make_unit("Fleet")
    guest = Asker(is_guest=True, unit_path=unit.path)

    assert typed(KINDS, asker=guest, overseer=ada.email)[0]["overseer"] == ada.email
    assert typed(KINDS, asker=guest, overseer="Ada Lovelace")[1]["overseer"] == ["Name overseer by an e-mail address."]
    assert [pk for pk, _ in guest.units()] == [unit.pk, below.pk]
    assert elsewhere.pk in [pk for pk, _ in Asker().units()]
    form = str(SectionForm(KINDS.sections[0], {}, asker=guest))
    assert "Lovelace" not in form
    assert "hx-get" not in form
    assert "Acme" not in form


@pytest.mark.parametrize("text", ["Acme: Chat 2", "acme chat 2", "Chat 2"])
def test_a_product_of_the_register_is_found_by_its_name(chat, text):
    ProductFactory(vendor=chat.vendor, name="Chat", version="3")

    answers, _ = typed(KINDS, vendor_product=text)

    assert answers["vendor_product"] == {"id": chat.pk, "name": "Chat 2", "vendor": "Acme"}


def test_a_product_that_is_not_registered_is_kept_as_it_was_named(chat):
    assert typed(KINDS, vendor_product="Chat")[0]["vendor_product"] == "Chat"


def test_a_unit_is_one_of_the_list_and_one_from_elsewhere_stays(unit):
    assert typed(KINDS, mainly_used_by=str(unit.pk))[0]["mainly_used_by"] == {"id": unit.pk, "name": "Claims"}
    assert typed(KINDS, mainly_used_by="x")[1]["mainly_used_by"] == ["Mainly used by is one of the units of the list."]
    assert typed(KINDS, {"mainly_used_by": "Old unit"}, mainly_used_by="Old unit")[0]["mainly_used_by"] == "Old unit"
    assert "Old unit" in str(SectionForm(KINDS.sections[0], {"mainly_used_by": "Old unit"})["mainly_used_by"])


def test_a_link_has_an_address_and_a_name():
    data = {"privacy_assessment": "https://example.org/pia", "privacy_assessment__label": "PIA of 2026"}

    assert typed(KINDS, **data)[0]["privacy_assessment"] == {"url": "https://example.org/pia", "label": "PIA of 2026"}
    assert "https://" in typed(KINDS, privacy_assessment="example.org")[1]["privacy_assessment"][0]


def rows(*rows: dict) -> dict:
    cells = {f"agent_tools__{at}__{key}": cell for at, row in enumerate(rows) for key, cell in row.items()}
    return {"agent_tools": str(len(rows)), **cells}


FILLED = {"tool": "Orders", "access": "spends", "confirmed": "no", "limit": "50", "limit__currency": "EUR"}


def test_rows_of_a_table():
    assert typed(TOOLS, **rows(FILLED, {"tool": ""}))[0] == {"agent_tools": [ORDERS]}
    assert typed(TOOLS, **rows({"tool": ""}))[0] == {"agent_tools": None}
    assert typed(TOOLS, **rows(FILLED), remove_row="agent_tools:0")[0] == {"agent_tools": None}
    assert len(typed(TOOLS, **rows(FILLED, FILLED, FILLED))[0]["agent_tools"]) == 2  # more were never on the page
    assert typed(TOOLS, agent_tools="many")[0] == {"agent_tools": None}


def test_a_mistake_in_a_table_names_its_row_and_marks_its_cell():
    sent = QueryDict("agent_tools=1&agent_tools-0-access=reads&asked=agent_tools")
    form = SectionForm(TOOLS.sections[0], {}, sent)

    assert form.errors["agent_tools"] == ["Row 1: Tool or system has no value."]
    assert 'aria-label="Tool or system, row 1" id="q-agent_tools-0-tool" aria-invalid="true"' in str(
        form["agent_tools"]
    )


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ({"fact": "purpose", "currencies": ["USD"]}, "purpose is a text, which has no currencies"),
        ({"fact": "spend_per_year", "currencies": ["XXX"]}, "currencies are some of USD"),
        ({"fact": "spend_per_year", "currencies": []}, "currencies are some of USD"),
        ({"fact": "agent_tools", "rows_max": 21}, "at most 20 rows"),
        ({"fact": "agent_tools", "rows_max": -1}, "greater than or equal"),
    ],
)
def test_a_question_suits_the_kind_of_its_fact(question, complaint):
    with pytest.raises(ValidationError, match=complaint):
        questionnaire(question)


def send(client, use_case, key: str, **data):
    headers = data.pop("headers", {})
    return client.post(section(use_case, key), data, headers=headers)


def test_a_file_is_kept_with_the_answer_and_fetched_by_those_who_may_read(client, use_case):
    page = {"asked": ["vendor_document"], "seen": "{}"}
    upload = SimpleUploadedFile("card.txt", b"Intended for letters.", "text/html")

    sent = send(client, use_case, "technique", **page, vendor_document=upload, headers=HTMX)
    kept = facts_of(use_case)["vendor_document"]
    stored = StoredFile.objects.get()

    assert kept == {"file": str(stored.uuid), "name": "card.txt", "size": 21, "sha256": stored.sha256}
    assert 'id="question-vendor_document"' in sent.content.decode()  # the control is shown anew: sent once, not twice
    address = reverse("portfolio:answer_file", args=[use_case.ref, stored.uuid])
    fetched = client.get(address)
    assert (b"".join(fetched.streaming_content), fetched["Content-Type"]) == (b"Intended for letters.", "text/plain")
    assert address in client.get(reverse("portfolio:use_case_tab", args=[use_case.ref, "facts"])).content.decode()
    other = make_use_case(unit=use_case.unit, requester=make_person())
    assert client.get(reverse("portfolio:answer_file", args=[other.ref, stored.uuid])).status_code == 404
    UseCase.objects.filter(pk=use_case.pk).update(confidential=True)
    assert signed_in(make_person(Role.REQUESTER, unit=use_case.unit)).get(address).status_code == 404


def test_a_file_stays_until_it_is_taken_out_and_what_is_no_document_is_refused(client, use_case):
    page = {"asked": ["vendor_document"], "seen": "{}"}
    send(client, use_case, "technique", **page, vendor_document=SimpleUploadedFile("card.txt", b"Good."))
    kept = facts_of(use_case)["vendor_document"]

    send(client, use_case, "technique", **page)
    assert facts_of(use_case)["vendor_document"] == kept
    refused = send(client, use_case, "technique", **page, vendor_document=SimpleUploadedFile("card.exe", b"MZ"))
    assert (refused.status_code, facts_of(use_case)["vendor_document"]) == (422, kept)
    send(client, use_case, "technique", **page, **{"vendor_document-out": "1"})
    assert "vendor_document" not in facts_of(use_case)
    assert FactChange.objects.filter(fact="vendor_document").count() == 2


def test_rows_are_added_and_removed_without_scripts(client, use_case):
    first = {f"agent_tools-0-{key.replace('__', '-')}": cell for key, cell in FILLED.items()}
    page = {"asked": ["agent_tools"], "seen": "{}", "agent_tools": "1", **first}

    added = send(client, use_case, "technique", **page, add_row="agent_tools")

    assert added.url == f"{section(use_case, 'technique')}#question-agent_tools"
    assert facts_of(use_case)["agent_tools"] == [ORDERS]
    shown = client.get(section(use_case, "technique")).content.decode()
    assert 'name="agent_tools-1-tool"' in shown
    removed = send(client, use_case, "technique", **page, remove_row="agent_tools:0", headers=HTMX)
    assert "agent_tools" not in facts_of(use_case)
    assert 'id="question-agent_tools"' in removed.content.decode()


def test_every_kind_is_told_in_words_where_facts_are_shown(client, use_case, chat, ada):
    facts = use_case.facts | {
        "vendor_product": {"id": chat.pk, "name": "Chat 2", "vendor": "Acme"},
        "overseer": {"id": ada.pk, "name": ada.name, "email": ada.email},
        "mainly_used_by": {"id": use_case.unit_id, "name": "Claims"},
        "privacy_assessment": {"url": "https://example.org/pia", "label": "PIA"},
        "agent_tools": [ORDERS], "users_expected": 200, "spend_per_year": {"amount": "9000", "currency": "USD"},
    }  # fmt: skip
    UseCase.objects.filter(pk=use_case.pk).update(facts=facts)

    pages = [reverse("portfolio:intake_check", args=[use_case.ref]),
             reverse("portfolio:use_case_tab", args=[use_case.ref, "facts"])]  # fmt: skip
    for address in pages:
        content = client.get(address).content.decode()
        for words in (
            "Acme: Chat 2", f"Ada Lovelace ({ada.email})", '<a href="https://example.org/pia" rel="noopener noreferrer '
            'nofollow">PIA</a>', "<td>Spend money</td>", "9,000 USD a year",
        ):  # fmt: skip
            assert words in content


def test_names_are_proposed_while_typing(client, ada, chat):
    robot = make_person(name="Robot")
    User.objects.filter(pk=robot.pk).update(kind=UserKind.SERVICE)

    people = client.get(reverse("portfolio:names_like", args=["overseer"]), {"overseer": "love"})
    robots = client.get(reverse("portfolio:names_like", args=["overseer"]), {"overseer": "robot"})
    products = client.get(reverse("portfolio:names_like", args=["vendor_product"]), {"vendor_product": "acme ch"})

    assert people.context["names"] == [f"Ada Lovelace ({ada.email})"]
    assert robots.context["names"] == []
    assert products.context["names"] == ["Acme: Chat 2"]
    assert client.get(reverse("portfolio:names_like", args=["purpose"])).status_code == 404


def test_an_answer_beyond_its_limits_stays_in_its_field(client, use_case):
    page = {"asked": ["operational_on"], "seen": "{}", "operational_on": "1815-12-10"}

    refused = send(client, use_case, "scale", **page)

    assert (refused.status_code, "operational_on" in facts_of(use_case)) == (422, False)
    assert "Operational since is 1 Jan 1990 or later." in refused.content.decode()
    assert 'value="1815-12-10"' in refused.content.decode()


def test_an_answer_in_parts_that_somebody_left_as_it_was_is_no_change(client, use_case):
    UseCase.objects.filter(pk=use_case.pk).update(facts=use_case.facts | {"spend_per_year": 7})
    seen = json.dumps({"spend_per_year": 7})

    send(client, use_case, "scale", asked=["spend_per_year"], seen=seen, spend_per_year="7", headers=HTMX)

    assert facts_of(use_case)["spend_per_year"] == 7
    assert not FactChange.objects.filter(use_case=use_case, fact="spend_per_year").exists()
