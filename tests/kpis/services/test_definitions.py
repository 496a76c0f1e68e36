import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier, Event
from time import sleep

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, stamps
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import Job
from kpis import access, catalogue, published
from kpis.checks import check_published
from kpis.models import DirtyMonth, KpiRevision, KpiValue, KpiVersion, PublishedDefinition
from kpis.selectors import headline
from kpis.selectors.sums import read
from kpis.selectors.versions import versions
from kpis.services import definitions, feeds, rollups
from tests.factories import make_person, make_unit
from tests.kpis.definitions import changed, own, publish_own_measure, shipped
from tests.kpis.factories import make_feed, make_file

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
TRAINED = "date,measure,num,den\n2026-10-31,training,90,120\n2026-10-31,headcount,150,\n"
OF_EVERYBODY = [{"measure": "training", "num": "num", "n": False}, {"measure": "headcount", "den": "num"}]


NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


@pytest.fixture
def office():
    return make_person(Role.CAIO_OFFICE, unit=make_unit("Northwind"))


def publish(draft, by, reason="The board asked for it"):
    row = definitions.publish_kpi(draft, reason, by=by)
    published.read()
    return row


def told():
    return [(event.action, json.loads(event.payload)) for event in AuditEvent.objects.order_by("pk")]


def test_a_changed_definition_is_counted_beside_the_old_one(office):
    feeds.load_file(make_feed().pk, make_file(TRAINED), by=None)
    rollups.roll_up_due()
    before = shipped("training_completion")

    row = publish(changed("training_completion", terms=OF_EVERYBODY, denominator="Everybody"), office)
    rollups.roll_up_due()

    values = KpiValue.objects.filter(kpi="training_completion").order_by("number")
    assert [(value.number, value.num, value.den) for value in values] == [(1, 90, 120), (2, 90, 150)]
    assert (row.number, row.shipped, row.by) == (2, 1, office)
    (reading,) = headline(None, OCTOBER, ["training_completion"])
    assert (reading.value, reading.kpi.version) == (60, 2)
    old = access.version_or_404(reading.kpi, "1")
    assert read([old], None, OCTOBER, OCTOBER)[old.key, ""][OCTOBER].sums.den == 120
    assert old == before
    newest, first = versions("training_completion")
    assert (newest.by, newest.reason, first.by) == (office.name, "The board asked for it", "")
    assert "Denominator: " in newest.changes[0]
    assert rollups.changes_of_recomputing() == []


def test_publishing_leaves_its_event_and_marks_every_month(office):
    feeds.load_file(make_feed().pk, make_file(TRAINED), by=None)
    rollups.roll_up_due()

    publish(changed("training_completion", terms=OF_EVERYBODY), office)

    (action, payload) = told()[-1]
    assert (action, payload["kpi"], payload["version"]) == ("definition.published", "training_completion", 2)
    assert payload["changes"].startswith(" (Measures: ")
    marked = DirtyMonth.objects.order_by("month").values_list("family", "month", "cause")
    assert list(marked) == [("people", OCTOBER, "A definition has a new version"),
                            ("people", date(2026, 11, 1), "A definition has a new version")]  # fmt: skip


def test_other_words_are_a_new_version_with_the_same_values(office):
    feeds.load_file(make_feed().pk, make_file(TRAINED), by=None)
    rollups.roll_up_due()

    publish(changed("training_completion", name="Trained people", low=70), office)
    publish(changed("training_completion", question="Who may use it?"), office)

    kpi = catalogue.current().by_key["training_completion"]
    assert (kpi.version, kpi.counted_by, kpi.name) == (3, 1, "Trained people")
    assert DirtyMonth.objects.count() == 0
    (reading,) = headline(None, OCTOBER, ["training_completion"])
    assert (reading.value, reading.status.value) == (75, "on_track")
    assert rollups.changes_of_recomputing() == []


def test_back_to_what_ships_is_a_version_of_its_own(office):
    publish(changed("training_completion", terms=OF_EVERYBODY), office)

    publish(shipped("training_completion"), office, "It was better")

    kpi = catalogue.current().by_key["training_completion"]
    assert (kpi.version, kpi.counted_by) == (3, 3)
    assert definitions.told_apart(kpi) == definitions.told_apart(shipped("training_completion"))


def test_an_own_kpi_is_counted_from_a_file_end_to_end(office, capsys):
    publish_own_measure(office)
    published.read()
    publish(own(), office)
    kpi = catalogue.current().by_key["prompts_reused"]
    assert (kpi.number, kpi.version, kpi.family) == (1000, 1, "own")
    assert catalogue.current().measures["prompts_kept"].id == 10_000
    content = "date,measure,num,den\n2026-10-02,prompts_kept,30,50\n2026-10-09,prompts_kept,10,50\n"

    feeds.load_file(make_feed(office_unit(office)).pk, make_file(content), by=None)
    rollups.roll_up_due()

    (reading,) = headline(None, OCTOBER, ["prompts_reused"])
    assert (reading.value, reading.sums.n, reading.status.value) == (40, 100, "watch")
    call_command("rollup_kpis", "--all", "--check")
    assert json.loads(capsys.readouterr().out) == {"differences": 0, "where": []}
    rollups.record_versions()
    assert KpiVersion.objects.filter(kpi="prompts_reused").count() == 1


def office_unit(person):
    return person.grants.get().unit


def test_what_is_retired_is_not_computed_and_keeps_its_history(office):
    feeds.load_file(make_feed().pk, make_file(TRAINED), by=None)
    rollups.roll_up_due()

    definitions.retire_kpi("training_completion", "Nobody asks", by=office)
    published.read()

    book = catalogue.current()
    assert "training_completion" not in book.in_force
    assert book.by_key["training_completion"].name == "Training completion"
    assert book.families_of("training") == frozenset()
    assert KpiValue.objects.get(kpi="training_completion").num == 90
    with pytest.raises(NotAllowed, match="retired already"):
        definitions.retire_kpi("training_completion", "Again", by=office)
    publish(shipped("training_completion"), office)
    assert catalogue.current().in_force["training_completion"].counted_by == 1
    assert DirtyMonth.objects.filter(family="people").exists()


def test_numbers_are_not_given_again(office):
    publish_own_measure(office)
    published.read()
    publish(own(), office)
    definitions.retire_kpi("prompts_reused", "Enough", by=office)
    publish(own("prompts_again"), office)

    assert catalogue.current().by_key["prompts_again"].number == 1001


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("training_completion", {}, "Nothing is different"),
        ("risk_posture", {"formula": "mean"}, "own records"),
        ("risk_posture", {"numerator": "Something else"}, "own records"),
        ("risk_posture", {"window": "trailing_3"}, "not added up"),
        ("cost_per_key_action", {"numerator": "Else"}, "Other pages"),
        ("developer_enps", {"suppress_below": 3}, "fewer than 5"),
        ("training_completion", {"window": "quarter"}, "not added up"),
    ],
)
def test_what_may_not_change_is_refused(office, key, changes, said):
    with pytest.raises(Invalid, match=said):
        definitions.publish_kpi(changed(key, **changes), "Because", by=office)

    assert not PublishedDefinition.objects.exists()
    assert not KpiVersion.objects.exists()


def test_a_kpi_of_the_same_answers_hides_as_few_people(office):
    with pytest.raises(Invalid, match="fewer than 5"):
        definitions.publish_kpi(
            changed("developer_enps", key="our_enps", name="Our eNPS", suppress_below=0), "Because", by=office
        )


def test_two_kpis_or_measures_of_one_name_are_not_told_apart(office):
    with pytest.raises(Invalid, match="another training COMPLETION"):
        definitions.publish_kpi(changed("latency_compliance", name="training COMPLETION"), "Because", by=office)
    with pytest.raises(Invalid, match="another "):
        publish_own_measure(office, name=catalogue.current().measures["training"].name.upper())

    assert not PublishedDefinition.objects.exists()


def test_a_reason_is_needed_and_nothing_is_half_done(office):
    with pytest.raises(Invalid, match="Say why"):
        definitions.publish_kpi(changed("training_completion", low=10), "  ", by=office)

    assert not KpiVersion.objects.exists()


def test_records_may_have_other_words_bounds_and_percentiles(office):
    publish(changed("time_to_decision", percentile=85, high=20, name="Wait"), office)

    kpi = catalogue.current().by_key["time_to_decision"]
    assert (kpi.percentile, kpi.counted_by) == (85, 2)


@pytest.mark.parametrize("role", [Role.CAIO_OFFICE, Role.AUDITOR])
def test_only_those_who_hold_everything_publish(role, office):
    part = make_unit("Claims", parent=office_unit(office))
    person = make_person(role, unit=part)

    with pytest.raises(NotAllowed):
        definitions.publish_kpi(changed("training_completion", low=10), "Because", by=person)
    with pytest.raises(NotAllowed):
        definitions.retire_kpi("training_completion", "Because", by=person)
    with pytest.raises(NotAllowed):
        publish_own_measure(person)


def test_what_was_published_is_never_changed(office):
    row = publish(changed("training_completion", low=10), office)

    with pytest.raises(DatabaseError), transaction.atomic():
        PublishedDefinition.objects.filter(pk=row.pk).update(reason="Another")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key": "training"}, "ships with the portal"),
        ({"key": "Prompts"}, "Small letters"),
        ({"key": "new"}, "taken"),
        ({"uom": "count"}, "stay"),
        ({"counts": "stock"}, "stay"),
        ({}, "Nothing is different"),
    ],
)
def test_what_a_measure_counts_stays(office, fields, said):
    publish_own_measure(office)
    published.read()

    with pytest.raises(Invalid, match=said):
        publish_own_measure(office, **fields)

    assert PublishedDefinition.objects.count() == 1


def test_a_measure_gets_other_words(office):
    publish_own_measure(office)
    publish_own_measure(office, name="Kept prompts")
    published.read()

    assert list(PublishedDefinition.objects.values_list("number", flat=True)) == [1, 2]
    measure = catalogue.current().measures["prompts_kept"]
    assert (measure.id, measure.name) == (10_000, "Kept prompts")


def test_an_upgrade_that_counts_records_otherwise_makes_a_version(office):
    old = changed("risk_posture", name="Our risk", numerator="As it was counted before", version=1)
    PublishedDefinition.objects.create(
        kind="kpi", key="risk_posture", number=1, document=old.model_dump(mode="json"), reason="Ours", by=office,
        shipped=0, at=clock.now(),
    )  # fmt: skip

    assert (definitions.follow_upgrade(), definitions.follow_upgrade()) == (1, 0)

    published.read()
    kpi = catalogue.current().by_key["risk_posture"]
    assert (kpi.name, kpi.numerator, kpi.version) == ("Our risk", shipped("risk_posture").numerator, 2)
    assert told()[-1][0] == "definition.followed"
    assert DirtyMonth.objects.filter(family="risks").exists()
    rollups.record_versions()


def test_another_process_counts_by_what_was_published_meanwhile(office):
    feeds.load_file(make_feed().pk, make_file(TRAINED), by=None)
    publish(changed("training_completion", terms=OF_EVERYBODY), office)
    catalogue.keep(None, 0)

    rollups.roll_up_due()

    assert KpiValue.objects.get(kpi="training_completion").den == 150


def test_what_no_longer_fits_what_ships_is_told_before_the_portal_starts(office):
    publish_own_measure(office)
    published.read()
    publish(own(), office)
    assert (check_published(databases=["default"]), check_published()) == ([], [])
    broken = PublishedDefinition.objects.get(kind="kpi").document | {"key": "prompts_lost", "number": 1001}
    broken["terms"] = [{"measure": "no_longer_there", "num": "num", "den": "den"}]
    PublishedDefinition.objects.create(
        kind="kpi", key="prompts_lost", number=1, document=broken, reason="Ours", by=office, at=clock.now()
    )

    (error,) = check_published(databases=["default"])

    assert error.id == "kpis.E002"
    assert "prompts_lost names unknown measures: no_longer_there." in error.msg


def test_jobs_know_of_it(office):
    publish(changed("training_completion", name="Trained"), office)
    catalogue.keep(None, 0)

    stamps.read()

    assert catalogue.current().by_key["training_completion"].name == "Trained"


def test_nothing_is_read_again_while_nothing_is_published(office, django_assert_num_queries):
    publish(changed("training_completion", name="Trained"), office)

    with django_assert_num_queries(0):
        published.told(catalogue.kept())
    with django_assert_num_queries(1):
        published.latest()


@pytest.mark.django_db(transaction=True)
def test_two_people_publishing_at_once_make_two_versions(office):
    drafts = [changed("training_completion", low=low) for low in (60, 70)]
    ready = Barrier(2)

    def work(draft):
        ready.wait()
        try:
            return definitions.publish_kpi(draft, "At once", by=office).number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        numbers = sorted(pool.map(work, drafts))

    assert numbers == [2, 3]
    assert KpiVersion.objects.filter(kpi="training_completion").count() == 3
    assert catalogue.current().by_key["training_completion"].version == 3
    assert Job.objects.filter(kind="kpis.rollup").count() == 0
    assert KpiRevision.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_loaded_while_somebody_publishes_is_counted_by_both(office):
    """The load began first and has not ended: the publication waits for it, and counts what it brought."""
    publish_own_measure(office)
    feed, file = make_feed(office_unit(office)), make_file("date,measure,num,den\n2026-10-02,prompts_kept,3,4\n")
    marked, asked = Event(), Event()

    def load():
        with clock.at(NOW), transaction.atomic():
            feeds.load_file(feed.pk, file, by=None)
            marked.set()
            asked.wait()
            sleep(0.2)  # the other one is at the lock
        connection.close()

    def publish():
        marked.wait()
        asked.set()
        with clock.at(NOW):
            definitions.publish_kpi(own(), "At once", by=office)
            rollups.roll_up_due()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(load), pool.submit(publish)]:
            done.result(timeout=20)

    assert KpiValue.objects.get(kpi="prompts_reused").den == 4
