import io
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import files
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.uploads.limits import Refused
from portfolio import ports, services
from portfolio.inventory.importing import Order, Rejected, examine, import_delivery
from portfolio.inventory.withdrawing import withdraw_batch
from portfolio.models import ExternalRow, FactChange, ImportBatch, MoveKind, Source, StageMove, UseCase
from portfolio.stages import Stage
from tests.factories import make_person

pytestmark = pytest.mark.django_db

HEAD = "agency,agency_name,id,use_case_name,agency_bureau,development_stage,is_high_impact,problem_solved,have_ato"
ONE = "X,Ministry of X,X-1,Chat,A,Pilot,Not High-impact,Slow answers,Yes"
TWO = "X,Ministry of X,,Search,A,Deployed,High-impact,,No"
THREE = "Y,Ministry of Y,Y-1,Vision,,,,,"


def deliver(*rows, by=None, **order):
    """Import a file of these rows."""
    content = "\n".join([HEAD, *rows]).encode()
    order = Order("omb-2025", **order)
    delivery = examine(io.BytesIO(content), order)
    return import_delivery(delivery, order, files.store("use.csv", content, "text/csv"), by=by)


def figures(report):
    return report.rows, report.created, report.updated, report.unchanged, report.rejected, report.absent


def chat():
    return UseCase.objects.get(title__startswith="Chat")


def test_import_registers_use_cases_with_facts_stage_and_cells():
    report = deliver(ONE, TWO, THREE)

    use_case = chat()
    assert figures(report) == (3, 3, 0, 0, 0, 0)
    assert report.by_stage["pilot"] == report.by_stage["production"] == report.by_stage["not_stated"] == 1
    assert (use_case.source, use_case.stage, str(use_case.unit)) == (Source.IMPORT, Stage.PILOT, "Ministry of X")
    assert str(use_case.unit.parent) == "US federal inventory"
    assert use_case.facts == {"high_impact": "no", "purpose": "Slow answers", "has_authority_to_operate": True}
    row = use_case.external_rows.get()
    assert (row.key, row.occurrence, row.before) == ("X/X-1", 1, None)
    assert row.cells == dict(zip(HEAD.split(","), ONE.split(","), strict=True))


def test_import_records_moves_and_approves_nothing():
    deliver(ONE, THREE)

    moves = list(StageMove.objects.values_list("before", "after", "kind"))
    assert moves == [(None, "pilot", MoveKind.RECORDED)]


def test_import_says_where_facts_come_from():
    report = deliver(ONE)

    changes = FactChange.objects.order_by("fact").values_list("fact", "value", "source", "batch")
    assert list(changes) == [
        ("has_authority_to_operate", True, "import", report.batch),
        ("high_impact", "no", "import", report.batch),
        ("purpose", "Slow answers", "import", report.batch),
    ]


def test_import_is_one_event_in_the_trail():
    report = deliver(ONE, TWO, THREE)

    event = AuditEvent.objects.get(action="inventory.imported")
    details = json.loads(event.payload)
    assert details["sha256"] == ImportBatch.objects.get(pk=report.batch).sha256
    assert (details["rows"], details["created"], details["into"]) == (3, 3, "US federal inventory")
    assert not AuditEvent.objects.filter(action__in=["use_case.registered", "use_case.moved"]).exists()
    connection.check_constraints()


def test_import_again_changes_nothing():
    deliver(ONE, TWO, THREE)
    before = list(UseCase.objects.order_by("pk").values())

    report = deliver(THREE, ONE, TWO)

    assert figures(report) == (3, 0, 0, 3, 0, 0)
    assert list(UseCase.objects.order_by("pk").values()) == before


def test_import_again_in_another_spelling_changes_nothing():
    deliver(ONE)

    report = deliver("X,Ministry of X,X-1,Chat,A,b) pilot,c) Not high-impact,Slow answers,true")

    assert figures(report) == (1, 0, 0, 1, 0, 0)


def test_changed_cells_update_their_facts_and_keep_what_was_before():
    first = deliver(ONE)
    old = chat().facts

    report = deliver("X,Ministry of X,X-1,Chatbot,A,Deployed,High-impact,Slow answers,")

    use_case = chat()
    row = use_case.external_rows.get()
    assert figures(report) == (1, 0, 1, 0, 0, 0)
    assert (use_case.title, use_case.stage) == ("Chatbot", Stage.PRODUCTION)
    assert use_case.facts == {"high_impact": "yes", "purpose": "Slow answers"}
    assert row.before["facts"] == {"high_impact": "no", "has_authority_to_operate": True}
    assert row.before["batch"] == first.batch
    assert row.before["cells"]["use_case_name"] == "Chat"
    assert old.items() > row.before["facts"].items()
    assert list(use_case.moves.values_list("before", "after", "kind")) == [
        (None, "pilot", "recorded"), ("pilot", "production", "recorded"),
    ]  # fmt: skip


def test_changed_cells_leave_what_people_wrote():
    office = make_person(Role.CAIO_OFFICE)
    deliver(ONE, by=office)
    use_case = chat()
    UseCase.objects.filter(pk=use_case.pk).update(owner=office)
    services.write_facts(use_case.pk, {"purpose": "Written by hand", "personal_data": True}, by=office)

    deliver(ONE.replace("Yes", "No"))

    assert chat().facts == {
        "high_impact": "no", "purpose": "Written by hand", "personal_data": True, "has_authority_to_operate": False,
    }  # fmt: skip


def test_rows_that_are_gone_are_told_and_kept():
    deliver(ONE, TWO)

    report = deliver(ONE)

    assert figures(report) == (1, 0, 0, 1, 0, 1)
    assert UseCase.objects.active().count() == 2


def test_equal_keys_are_numbered_and_recognised_in_any_order():
    twin = TWO.replace("Deployed", "Pilot")
    deliver(TWO, twin, twin)

    report = deliver(twin, TWO.replace(",No", ",Yes"), twin)

    assert sorted(ExternalRow.objects.values_list("occurrence", flat=True)) == [1, 2, 3]
    assert figures(report) == (3, 0, 1, 2, 0, 0)
    assert UseCase.objects.get(facts__has_authority_to_operate=True).stage == Stage.PRODUCTION


def test_row_with_an_error_stops_the_whole_import():
    with pytest.raises(Rejected, match="1 row has an error; nothing was imported") as caught:
        deliver(ONE, ",Nowhere,1,Lost,,,,,")

    assert caught.value.report.problems[0] == {
        "line": 3, "column": "agency", "kind": "error", "message": "The row names no agency.", "value": "",
    }  # fmt: skip
    assert not UseCase.objects.exists()
    assert not ImportBatch.objects.exists()


def test_rows_with_errors_can_be_skipped():
    report = deliver(ONE, ",Nowhere,1,Lost,,,,,", skip_invalid=True)

    assert figures(report) == (2, 1, 0, 0, 1, 0)
    assert chat()


def test_dry_run_counts_and_writes_nothing():
    report = deliver(ONE, TWO, dry_run=True)

    assert figures(report) == (2, 2, 0, 0, 0, 0)
    assert (report.batch, report.by_stage["pilot"], report.unit) == (None, 1, "US federal inventory")
    assert not UseCase.objects.exists()
    assert not OrgUnit.objects.exists()
    assert not AuditEvent.objects.exists()


def test_two_units_may_each_have_an_inventory():
    deliver(ONE, unit="North")

    report = deliver(ONE, unit="South")

    assert figures(report) == (1, 1, 0, 0, 0, 0)
    assert UseCase.objects.filter(unit__parent__name="South").count() == 1


def test_unknown_columns_are_kept_and_told():
    order = Order("omb-2025")
    delivery = examine(io.BytesIO(f"{HEAD},Shoe size\n{ONE},42".encode()), order)

    report = import_delivery(delivery, order, files.store("f", b"x", "text/csv"), by=None)

    assert report.warnings == 1
    assert report.problems[0]["column"] == "Shoe size"
    assert chat().external_rows.get().cells["Shoe size"] == "42"


def test_file_without_rows_is_refused():
    with pytest.raises(Refused, match="has no rows"):
        deliver()


def test_plain_list_is_imported():
    order = Order("plain", unit="Acme")
    content = b"Title,Unit,Stage,Personal data\nChat,Sales,Live,yes\nPlan,,Idea,\n"
    delivery = examine(io.BytesIO(content), order)

    report = import_delivery(delivery, order, files.store("f", content, "text/csv"), by=None)

    assert figures(report) == (2, 2, 0, 0, 0, 0)
    assert sorted(UseCase.objects.values_list("unit__name", "stage")) == [("Acme", "idea"), ("Sales", "production")]


# --- withdrawal --------------------------------------------------------------------------------------------------


@pytest.fixture
def office():
    """Somebody of the office of the unit that imports go under."""
    deliver("Z,Ministry of Z,Z-9,Seed,,,,,")
    return make_person(Role.CAIO_OFFICE, unit=OrgUnit.objects.get(name="US federal inventory"))


def test_withdrawn_batch_voids_what_it_created(office):
    report = deliver(ONE, TWO)

    batch = withdraw_batch(report.batch, by=office)

    event = AuditEvent.objects.get(action="inventory.withdrawn")
    assert batch.state == "withdrawn"
    assert [use_case.title for use_case in UseCase.objects.active()] == ["Seed"]
    assert UseCase.objects.count() == 3
    assert json.loads(event.payload)["voided"] == 2


def test_withdrawn_batch_returns_what_it_changed(office):
    deliver(ONE)
    cells, before = chat().external_rows.get().cells, chat()
    report = deliver("X,Ministry of Q,X-1,Chatbot,A,Deployed,High-impact,Slow answers,")

    withdraw_batch(report.batch, by=office)

    after = chat()
    row = after.external_rows.get()
    assert (after.title, after.stage, after.facts, after.unit) == ("Chat", Stage.PILOT, before.facts, before.unit)
    assert (row.cells, row.before) == (cells, None)
    assert figures(deliver(ONE)) == (1, 0, 0, 1, 0, 1)


def test_withdrawn_batch_leaves_what_people_wrote_since(office):
    deliver(ONE)
    report = deliver(ONE.replace("Slow answers", "New purpose").replace("Yes", "No"))
    services.write_facts(chat().pk, {"purpose": "Written by hand"}, by=office)

    withdraw_batch(report.batch, by=office)

    assert chat().facts == {"high_impact": "no", "purpose": "Written by hand", "has_authority_to_operate": True}


def test_withdrawn_stage_that_was_not_stated_is_none_again(office):
    deliver(THREE)
    report = deliver("Y,Ministry of Y,Y-1,Vision,,Pilot,,,")

    withdraw_batch(report.batch, by=office)

    assert UseCase.objects.get(title="Vision").stage is None


def test_batch_is_withdrawn_after_the_ones_that_built_on_it(office):
    first = deliver(ONE)
    second = deliver(ONE.replace("Yes", "No"))

    with pytest.raises(NotAllowed, match=f"Batch {second.batch} changed rows of this batch"):
        withdraw_batch(first.batch, by=office)

    withdraw_batch(second.batch, by=office)
    withdraw_batch(first.batch, by=office)
    assert not UseCase.objects.active().filter(title="Chat").exists()


def test_batch_is_withdrawn_once_and_by_the_office_only(office):
    report = deliver(ONE)

    with pytest.raises(NotAllowed, match="Only the CAIO office"):
        withdraw_batch(report.batch, by=make_person(Role.REQUESTER))
    withdraw_batch(report.batch, by=office)
    with pytest.raises(NotAllowed, match="withdrawn already"):
        withdraw_batch(report.batch, by=office)


def test_withdrawn_rows_come_back_with_the_next_delivery(office):
    report = deliver(ONE)
    ref = chat().ref
    withdraw_batch(report.batch, by=office)

    again = deliver(ONE)

    use_case = UseCase.objects.active().get(title="Chat")
    assert figures(again) == (1, 1, 0, 0, 0, 1)
    assert (use_case.ref, use_case.facts["purpose"]) == (ref, "Slow answers")
    withdraw_batch(again.batch, by=office)
    assert not UseCase.objects.active().filter(title="Chat").exists()


# --- the command -------------------------------------------------------------------------------------------------


def run(*arguments):
    out = StringIO()
    call_command("import_inventory", *map(str, arguments), stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_command_imports_the_federal_inventory_from_both_formats(shared_data):
    found = run(shared_data / "omb_2025_use_cases.csv.gz", "--json")
    again = run(shared_data / "omb_2025_use_cases.xlsx")

    expected = {"rows": 3611, "created": 3611, "updated": 0, "unchanged": 0, "rejected": 0, "warnings": 116}
    assert found.items() >= expected.items()
    assert found["by_stage"] == {
        "idea": 0, "experiment": 1479, "pilot": 440, "production": 1040, "retired": 314, "not_stated": 338,
    }  # fmt: skip
    assert again.items() >= (expected | {"created": 0, "unchanged": 3611}).items()
    assert (again["by_stage"], again["by_tier"]) == (found["by_stage"], found["by_tier"])
    assert UseCase.objects.active().count() == sum(found["by_tier"].values()) == 3611
    assert UseCase.objects.values("unit").distinct().count() == 41
    _require_tiers(found)


def _require_tiers(found):
    high, presumed = (
        UseCase.objects.filter(facts__high_impact="yes"),
        UseCase.objects.filter(facts__high_impact="presumed_not"),
    )
    unknown = UseCase.objects.exclude(facts__has_key="high_impact")
    assert (high.count(), presumed.count(), unknown.count()) == (445, 110, 426)
    assert not high.exclude(tier__gte=3).exists()
    assert not presumed.exclude(tier__gte=2).exists()
    assert {_asks_for_determination(use_case) for use_case in presumed[:5]} == {True}
    assert not unknown.filter(tier_provisional=False).exists()
    assert not unknown.filter(tier=1).exists()
    assert found["by_tier"]["3"] + found["by_tier"]["4"] + found["by_tier"]["5"] >= 445
    assert found["by_tier"]["1"] == UseCase.objects.filter(tier=1, facts__high_impact="no").count()
    assert found["by_tier"]["not_known"] == UseCase.objects.filter(tier=None).count()
    assert found["provisional"] == UseCase.objects.filter(tier_provisional=True).count()


def _asks_for_determination(use_case):
    controls = ports.preview.ask(use_case.facts, use_case.stage).controls
    return "Written determination" in [control.title for control in controls]


def test_command_dry_run(tmp_path):
    path = tmp_path / "use.csv"
    path.write_text(f"{HEAD}\n{ONE}\n")

    found = run(path, "--dry-run", "--unit", "Here")

    assert (found["created"], found["unit"], found["dry_run"]) == (1, "Here", True)
    assert not UseCase.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"agency,use_case_name\nX,M\xfcller\n", "not UTF-8"),
        (b"a,b\n1,2\n", "columns are missing"),
        (f"{HEAD}\n{ONE},more".encode(), "Line 2 has 10 cells"),
        (f"{HEAD}\n,,,,,,,,x".encode(), "1 row has an error"),
    ],
)
def test_command_refuses_in_a_sentence(tmp_path, content, words):
    path = tmp_path / "use.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=words):
        run(path)

    assert not UseCase.objects.exists()


def test_command_without_its_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.csv")


def test_import_with_an_unknown_profile_is_invalid():
    with pytest.raises(Invalid):
        examine(io.BytesIO(b""), Order("omb-1999"))
