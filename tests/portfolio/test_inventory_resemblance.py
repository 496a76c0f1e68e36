"""From year to year: rows that come back under another identifier or name."""

import io

import pytest
from django.urls import reverse

from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.common import files
from caio_portal.common.errors import Invalid
from portfolio.inventory.importing import Order, examine, import_delivery
from portfolio.inventory.withdrawing import withdraw_batch
from portfolio.models import ExternalRow, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_inventory_pages import run, upload

pytestmark = pytest.mark.django_db

HEAD = "agency,agency_name,id,use_case_name,development_stage,is_high_impact,problem_solved"
CHAT = "X,Ministry of X,X-1,Chat for citizens,Pilot,High-impact,Slow answers"
SORT = "X,Ministry of X,X-2,Sorting of incoming letters,Pilot,Not High-impact,Heaps"


def content(*rows):
    return "\n".join([HEAD, *rows]).encode()


def deliver(*rows, **order):
    data = content(*rows)
    order = Order("omb-2025", **{"unit": "Acme", **order})
    return import_delivery(examine(io.BytesIO(data), order), order, files.store("f", data, "text/csv"), by=None)


def alike(*rows):
    return [(one["line"], one["known_title"], one["why"]) for one in deliver(*rows, dry_run=True).alike]


def chat():
    return UseCase.objects.get(title__startswith="Chat")


def figures(report):
    return report.created, report.updated, report.unchanged, report.absent, report.recognised


def test_row_with_another_identifier_resembles_the_one_that_is_gone():
    deliver(CHAT, SORT)

    assert alike(SORT, CHAT.replace("X-1", "X-77")) == [
        (3, "Chat for citizens", "The titles are alike, in the same unit.")
    ]


def test_row_with_another_name_resembles_the_one_with_its_identifier():
    deliver(CHAT)

    found = alike("Z,Ministry of Z,X-1,Chat assistant for the citizens,Pilot,,")

    assert found == [(2, "Chat for citizens", "The identifier is the same.")]


def test_rows_that_are_there_and_strangers_resemble_nobody():
    deliver(CHAT, SORT)

    assert alike(CHAT, SORT, "X,Ministry of X,X-3,Forecast of floods,Pilot,,") == []


def test_nobody_is_the_partner_of_two_rows():
    deliver(CHAT)

    found = alike(CHAT.replace("X-1", "X-8").replace("Chat for", "Chat with"), CHAT.replace("X-1", "X-9"))

    assert found == [(3, "Chat for citizens", "The titles are alike, in the same unit.")]


def test_recognised_row_updates_its_use_case_and_takes_the_new_key():
    deliver(CHAT)
    use_case = chat()
    new = CHAT.replace("X-1", "X-77").replace("Pilot", "Deployed")

    report = deliver(new, same=[(2, use_case.pk)])

    row = ExternalRow.objects.get()
    assert figures(report) == (0, 1, 0, 0, 1)
    assert (row.key, row.use_case_id, row.cells["id"]) == ("X/X-77", use_case.pk, "X-77")
    assert chat().stage == Stage.PRODUCTION
    assert figures(deliver(new)) == (0, 0, 1, 0, 0)


def test_withdrawn_batch_gives_the_old_key_back():
    deliver(CHAT)
    report = deliver(CHAT.replace("X-1", "X-77").replace("Pilot", "Deployed"), same=[(2, chat().pk)])

    withdraw_batch(report.batch, by=make_person(Role.CAIO_OFFICE, unit=OrgUnit.objects.get(name="Acme")))

    assert (ExternalRow.objects.get().key, chat().stage) == ("X/X-1", Stage.PILOT)
    assert figures(deliver(CHAT)) == (0, 0, 1, 0, 0)


def plain(text, **order):
    data = text.encode()
    order = Order("plain", **{"unit": "Acme", **order})
    return import_delivery(examine(io.BytesIO(data), order), order, files.store("f", data, "text/csv"), by=None)


def test_inventory_in_other_columns_meets_the_use_cases_of_the_one_before():
    deliver(CHAT)
    before = chat()
    text = "ID,Title,Unit,Stage,Purpose\nX-1,Chat for all citizens,Ministry of X,Live,New purpose\n"

    (one,) = plain(text, dry_run=True).alike
    report = plain(text, same=[(one["line"], one["use_case"])])

    after = chat()
    assert one["why"] == "The identifier is the same."
    assert figures(report) == (0, 1, 0, 0, 1)
    assert (after.title, after.stage) == ("Chat for all citizens", Stage.PRODUCTION)
    assert after.facts == {"high_impact": "yes", "purpose": "New purpose"}
    assert figures(plain(text)) == (0, 0, 1, 0, 0)
    withdraw_batch(report.batch, by=make_person(Role.CAIO_OFFICE, unit=OrgUnit.objects.get(name="Acme")))
    again = chat()
    assert (again.title, again.stage, again.facts) == (before.title, before.stage, before.facts)
    assert ExternalRow.objects.count() == 1


def test_use_case_registered_here_is_joined_and_keeps_all_it_says():
    acme = make_unit("Acme")
    own = make_use_case("Chat for citizens", unit=make_unit("Ministry of X", acme), facts={"purpose": "Ours"})

    (one,) = deliver(CHAT, dry_run=True).alike
    report = deliver(CHAT, same=[(2, own.pk)])

    own.refresh_from_db()
    assert (one["use_case"], one["is_own"], one["is_sure"]) == (own.pk, True, True)
    assert own.facts == {"purpose": "Ours"}
    assert UseCase.objects.count() == 1
    assert ExternalRow.objects.get().use_case_id == own.pk
    withdraw_batch(report.batch, by=make_person(Role.CAIO_OFFICE, unit=acme))
    own.refresh_from_db()
    assert (own.voided_at, own.facts, ExternalRow.objects.count()) == (None, {"purpose": "Ours"}, 0)


def test_use_case_that_is_not_free_cannot_be_recognised():
    deliver(CHAT, SORT)

    with pytest.raises(Invalid, match="Line 4 was recognised as a use case that is taken"):
        deliver(CHAT, SORT, SORT.replace("X-2", "X-9"), same=[(4, chat().pk)])


def test_people_tick_which_rows_are_the_same():
    office = signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Acme")))
    deliver(CHAT, SORT)
    address = upload(office, content(SORT, CHAT.replace("X-1", "X-77")))
    page = office.get(address).content.decode()
    box = f"3-{chat().pk}"

    done = run(office.post(f"{address}continue/", {"same": [box, "2-999", "nonsense"]}).url)

    assert "Perhaps known already" in page
    assert f'value="{box}" checked' in page
    assert UseCase.objects.count() == 2
    assert "1 updated" in office.get(done).content.decode()


def test_row_that_is_not_ticked_is_new():
    office = signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Acme")))
    deliver(CHAT)
    address = upload(office, content(CHAT.replace("X-1", "X-77")))

    run(office.post(f"{address}continue/").url)

    assert UseCase.objects.count() == 2
    assert office.get(reverse("portfolio:batch_list")).status_code == 200


def test_earlier_year_of_the_federal_inventory_is_recognised(shared_data):
    """The list of a year before, made from this year's: a fifth of the identifiers and some names are others."""
    with (shared_data / "omb_2025_use_cases.csv.gz").open("rb") as file:
        order = Order("omb-2025")
        delivery = examine(file, order)
    stored = files.store("f", b"x", "text/csv")
    import_delivery(delivery, order, stored, by=None)
    changed = [row for row in delivery.rows if row.said.get("id") and len(row.title) > 20][::5]
    for number, row in enumerate(changed):
        row.key = f"{row.agency}/NEW-{number}"
        row.said = {**row.said, "id": f"NEW-{number}"}
        if number % 2:
            row.title = f"{row.title} (new)"

    report = import_delivery(delivery, Order("omb-2025", dry_run=True), None, by=None)

    right = {(row.line, row.title.removesuffix(" (new)")) for row in changed}
    found = {(one["line"], one["known_title"]) for one in report.alike}
    assert report.created == len(changed)
    assert len(report.alike) == 300
    assert len(found & right) > 0.97 * len(found)
