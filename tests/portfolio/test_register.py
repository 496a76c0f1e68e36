"""Registers that anybody may read: what is in them, what never is, and who decides."""

import io
import json
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, files
from portfolio.inventory.importing import Order, examine, import_delivery
from portfolio.models import PublicRegister
from portfolio.register import selection
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "AI at Acme", "slug": "acme", "intro": "What we use.", "stages": ["pilot", "production"],
    "facts": ["purpose", "personal_data"],
}  # fmt: skip


@pytest.fixture
def acme():
    return make_unit("Acme")


@pytest.fixture
def office(acme):
    return signed_in(make_person(Role.CAIO_OFFICE, unit=acme))


def make_register(unit, *, is_open=True, **fields):
    opened = clock.now() if is_open else None
    fields = {"title": "AI at Acme", "stages": ["pilot", "production"], "facts": ["purpose"], **fields}
    return PublicRegister.objects.create(slug="acme", unit=unit, opened_at=opened, **fields)


def chat(unit, title="Chat", **fields):
    facts = {"purpose": "Answers & advice", "vendor_product": "Secret supplier"}
    return make_use_case(title, unit=unit, **{"stage": Stage.PRODUCTION, "facts": facts, **fields})


def page(name="register_page", **query):
    return Client().get(reverse(f"portfolio:{name}", args=["acme"]), query)


def test_register_shows_what_it_names_and_nothing_else(acme):
    make_register(acme)
    use_case = chat(make_unit("Sales", acme))

    text = page().content.decode()

    assert "Answers &amp; advice" in text
    assert use_case.ref in text
    assert "Sales · Production" in text
    assert "Secret supplier" not in text


def test_register_leaves_out_what_is_not_for_the_public(acme):
    register = make_register(acme)
    chat(acme)
    chat(acme, "Confidential one", confidential=True)
    chat(acme, "Early one", stage=Stage.IDEA)
    chat(make_unit("Elsewhere"), "Foreign one")
    chat(acme, "Void one", voided_at=clock.now())
    chat(acme, "Reported one", settle_by=clock.today())

    titles = [one["title"] for one in page("register_data").json()["use_cases"]]

    assert titles == ["Chat"]
    assert selection.left_out(register) == {
        "Confidential": 1, "Idea is not among the stages": 1, "Reported as running, and not yet in order": 1
    }  # fmt: skip


def test_row_that_is_withheld_from_public_reporting_is_in_no_register(acme):
    head = "agency,agency_name,id,use_case_name,development_stage,is_withheld"
    rows = ["X,Ministry,1,Open one,Pilot,No", "X,Ministry,2,Held one,Pilot,d) Other", "X,Ministry,3,Silent one,Pilot,"]
    content = "\n".join([head, *rows]).encode()
    order = Order("omb-2025", unit="Acme")
    import_delivery(examine(io.BytesIO(content), order), order, files.store("f", content, "text/csv"), by=None)

    register = make_register(acme)

    assert [one.title for one in selection.shown(register)] == ["Open one", "Silent one"]
    assert selection.left_out(register) == {"Withheld from public reporting": 1}


@pytest.mark.parametrize("name", ["register_page", "register_feed", "register_data"])
def test_register_that_is_not_open_does_not_exist(acme, name):
    register = make_register(acme, is_open=False)
    assert page(name).status_code == 404

    PublicRegister.objects.filter(pk=register.pk).update(opened_at=clock.now(), closed_at=clock.now())
    assert page(name).status_code == 404


def test_register_is_searched_and_turned_page_by_page(acme):
    make_register(acme)
    for number in range(51):
        chat(acme, f"Chat {number:02}")

    first, second, found = page().content.decode(), page(page="2").content.decode(), page(q="chat 07").content.decode()

    assert ("51 use cases" in first, first.count("<article"), second.count("<article")) == (True, 50, 1)
    assert (found.count("<article"), "Chat 07" in found) == (1, True)


def test_feed_tells_what_changed_last(acme):
    make_register(acme)
    chat(acme, "Older one", changed_at=clock.now().replace(year=2020))
    newer = chat(acme, "Newer <one>")

    response = page("register_feed")

    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(response.content)
    assert [entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")] == ["Newer <one>", "Older one"]
    assert feed.find(f"{atom}entry/{atom}link").get("href").endswith(f"/register/acme/#{newer.ref}")
    assert response["Content-Type"].startswith("application/atom+xml")
    assert response["Cache-Control"] == "public, max-age=300"


def test_data_has_the_fields_of_the_page(acme):
    make_register(acme)
    use_case = chat(acme)

    document = page("register_data").json()

    (one,) = document["use_cases"]
    assert (document["title"], document["unit"]) == ("AI at Acme", "Acme")
    assert one == {
        "ref": use_case.ref, "title": "Chat", "unit": "Acme", "stage": "Production",
        "facts": {"Purpose": "Answers & advice"}, "changed_at": use_case.changed_at.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_register_query_count(acme, django_assert_max_num_queries, rows):
    make_register(acme)
    for number in range(rows):
        chat(acme, f"Chat {number}")

    with django_assert_max_num_queries(6):
        page()


# --- how it is kept ----------------------------------------------------------------------------------------------


def test_register_is_made_seen_opened_and_closed(office, acme):
    chat(acme)
    made = office.post(reverse("portfolio:new_register"), TYPED | {"unit": acme.pk})
    register = PublicRegister.objects.get()
    seen = office.get(made.url).content.decode()
    assert "Answers &amp; advice" in seen
    assert page().status_code == 404

    office.post(reverse("portfolio:open_register", args=[register.pk]))
    assert page().status_code == 200
    office.post(reverse("portfolio:close_register", args=[register.pk]))

    assert page().status_code == 404
    events = AuditEvent.objects.filter(action__startswith="register.").order_by("pk")
    assert [event.action for event in events] == ["register.saved", "register.opened", "register.closed"]
    assert json.loads(events[0].payload)["facts"] == ["purpose", "personal_data"]


def test_register_is_changed(office, acme):
    register = make_register(acme)
    address = reverse("portfolio:edit_register", args=[register.pk])

    office.post(address, TYPED | {"unit": acme.pk, "facts": ["outputs"]})

    register.refresh_from_db()
    assert (register.facts, register.is_open) == (["outputs"], True)


def test_address_that_is_taken_is_refused(office, acme):
    make_register(acme)

    response = office.post(reverse("portfolio:new_register"), TYPED | {"unit": acme.pk})

    assert response.status_code == 422
    assert "Another register has this address." in response.content.decode()


def test_office_of_a_part_keeps_registers_of_its_units_only(acme):
    sales = make_unit("Sales", acme)
    register = make_register(acme)
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=sales))

    response = client.post(reverse("portfolio:new_register"), TYPED | {"unit": acme.pk, "slug": "other"})

    assert response.status_code == 422
    assert client.post(reverse("portfolio:open_register", args=[register.pk])).status_code == 404
    assert PublicRegister.objects.count() == 1


@pytest.mark.parametrize("number", [0, 1, 3])
def test_register_list_query_count(office, acme, django_assert_max_num_queries, number):
    for one in range(number):
        PublicRegister.objects.create(slug=f"r-{one}", unit=acme, title=f"Register {one}")

    with django_assert_max_num_queries(8):
        response = office.get(reverse("portfolio:register_list"))

    assert response.content.decode().count("Closed") == number
