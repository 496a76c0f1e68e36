import random
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.services.calendars import create_calendar, give_calendar
from kpis import catalogue
from kpis.models import DirtyMonth, KpiRevision, KpiValue, KpiVersion, Rollup
from kpis.services import feeds, rollups
from tests.factories import make_person, make_unit
from tests.kpis import recompute
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,n,amount,use_case,unit,vendor,key"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


def load(feed, *rows):
    return feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)


def test_sums_are_kept_per_unit_and_use_case():
    unit = make_unit("Claims")
    use_case = make_use_case(unit)
    load(
        make_feed(),
        f"2026-09-01,service_requests,90,100,,,{use_case.ref},,,",
        f"2026-09-02,service_requests,5,100,,,{use_case.ref},,,",
        "2026-09-02,service_requests,100,100,,,,Claims,,",
    )

    rolled = rollups.roll_up("service", SEPTEMBER)

    assert (rolled.values, rolled.written, rolled.revised) == (2, 2, 0)
    rows = KpiValue.objects.order_by("use_case_id").values_list(
        "kpi", "unit_id", "use_case_id", "num", "den", "n", "inputs"
    )
    assert list(rows) == [
        ("service_availability", unit.pk, use_case.pk, 95, 200, 200, 2),
        ("service_availability", unit.pk, None, 195, 300, 300, 3),
    ]
    assert DirtyMonth.objects.count() == 0
    assert Rollup.objects.get().changed == 2


def test_computing_again_changes_nothing():
    load(make_feed(), "2026-09-01,service_requests,90,100,,,,,,")
    rollups.roll_up("service", SEPTEMBER)

    again = rollups.roll_up("service", SEPTEMBER)

    assert (again.values, again.written, again.revised) == (1, 0, 0)
    assert rollups.changes_of_recomputing() == []


def test_a_restated_month_leaves_a_revision_with_its_cause():
    feed = make_feed()
    load(feed, "2026-09-01,service_requests,90,100,,,,,,")
    rollups.roll_up_due()
    batch = load(feed, "2026-09-01,service_requests,95,100,,,,,,").batches[0]

    rollups.roll_up_due()

    revision = KpiRevision.objects.get()
    assert (revision.before["num"], revision.after["num"], revision.value.num) == (90, 95, 95)
    assert revision.before["hist"] is None
    assert revision.batch.feed == feed
    assert batch.state == "loaded"


def test_what_is_withdrawn_becomes_no_data_once():
    feed = make_feed()
    batch = load(feed, "2026-09-01,service_requests,90,100,,,,,,").batches[0]
    rollups.roll_up_due()
    feeds.withdraw_batch(batch.pk, by=make_person(), reason="Wrong")

    first, second = rollups.roll_up("service", SEPTEMBER), rollups.roll_up("service", SEPTEMBER)

    value = KpiValue.objects.get()
    assert (value.num, value.den, value.n, value.inputs) == (0, 0, 0, 0)
    assert (first.revised, second.written) == (1, 0)
    assert KpiRevision.objects.get().cause == f"Batch {batch.pk} was withdrawn"


def test_series_stand_beside_each_other():
    load(make_feed(), "2026-09-01,safety_violations,1,1000,,,,,,", "2026-09-01,redteam_violations,358,1000,,,,,,")

    rollups.roll_up_due()

    rows = KpiValue.objects.order_by("series").values_list("kpi", "series", "num")
    assert list(rows) == [("safety_violation_rate", "", 1), ("safety_violation_rate", "red_team", 358)]


def test_a_month_is_provisional_until_it_is_over_and_its_feeds_are_through():
    feed = make_feed()
    load(feed, "2026-09-30,service_requests,1,1,,,,,,", "2026-10-30,service_requests,1,1,,,,,,")
    load(feed, "2026-11-10,service_requests,1,1,,,,,,")
    rollups.roll_up_due()

    rows = dict(KpiValue.objects.values_list("month__month", "provisional"))
    assert rows == {9: False, 10: False, 11: True}


def test_a_late_feed_keeps_its_months_provisional():
    load(make_feed(), "2026-09-15,service_requests,1,1,,,,,,")

    rollups.roll_up_due()

    assert KpiValue.objects.get().provisional is True


def test_every_sum_equals_a_plain_recomputation():
    generator = random.Random(7)
    units = [make_unit(), make_unit()]
    use_cases = [make_use_case(generator.choice(units)).ref for _ in range(5)]
    rows = []
    for number in range(400):
        measure, definition = generator.choice(list(catalogue.current().measures.items()))
        day = f"2026-{generator.randint(7, 10):02}-{generator.randint(1, 28):02}"
        num, den = generator.randint(-5, 90), generator.randint(90, 100)
        amount = generator.randint(1, 10**9) / 10**7 if definition.uom == "money" else ""
        place = generator.choice([f"{generator.choice(use_cases)},,", f",{generator.choice(units).name},"])
        rows.append(f"{day},{measure},{num},{den},{generator.randint(1, 9)},{amount},{place},k{number}")
    load(make_feed(), *rows)

    rollups.roll_up_due()

    expected = recompute.from_observations()
    families = {kpi.family for kpi in catalogue.current().kpis if kpi.terms}
    keys = {kpi.key for kpi in catalogue.current().kpis if kpi.terms}
    found = {scope: sums for scope, sums in recompute.stored(*families).items() if scope[0] in keys}
    assert found == expected
    assert rollups.changes_of_recomputing() == []


def test_definitions_are_kept_with_their_version():
    rollups.record_versions()
    rollups.record_versions()

    assert KpiVersion.objects.count() == 30


def test_a_changed_definition_without_a_new_version_is_refused():
    rollups.record_versions()
    version = KpiVersion.objects.get(kpi="high_risk_approved")
    version.document["definition"]["numerator"] = "Something else"
    version.save()

    with pytest.raises(ValueError, match="raise its version"):
        rollups.record_versions()


def test_marking_asks_for_a_job_only_in_the_present():
    rollups.mark_families([("service", SEPTEMBER)], "Test")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM job")
        assert cursor.fetchone() == (0,)
    assert rollups.due() == [("service", SEPTEMBER)]


def test_what_is_complete_is_no_longer_provisional():
    load(make_feed(), "2026-11-30,service_requests,1,1,,,,,,")
    rollups.roll_up_due()
    rollups.mark_settled()
    assert rollups.due() == []

    with clock.at(datetime(2026, 12, 1, tzinfo=UTC)):
        rollups.mark_settled()
        rollups.roll_up_due()

    assert (KpiValue.objects.get().provisional, KpiRevision.objects.count()) == (False, 0)


def test_buckets_of_durations_are_added_up(shared_data):
    use_case = make_use_case()
    feed = make_feed(
        kind="prometheus", mapping={"rules": [{"when": {"use_case_id": "uc-017"}, "use_case": use_case.ref}]}
    )
    content = (shared_data / "feeds" / "telemetry" / "prometheus" / "latency_daily_buckets.json").read_bytes()
    feeds.load_file(feed.pk, make_file(content), by=None)

    rollups.roll_up_due()

    expected = {
        scope: sums for scope, sums in recompute.from_observations().items() if scope[0] == "latency_compliance"
    }
    assert recompute.stored("service") == expected
    values = KpiValue.objects.filter(kpi="latency_compliance").order_by("use_case_id")
    assert [sum(value.hist) == value.n for value in values] == [True, True, True]
    assert rollups.changes_of_recomputing() == []


def test_all_families_of_a_month_are_computed_in_one_pass(django_assert_max_num_queries):
    load(make_feed(), "2026-09-01,service_requests,90,100,,,,,,", "2026-09-01,training,1,2,,,,,,")

    with django_assert_max_num_queries(12):
        done = rollups.roll_up_due()

    assert [(one.family, one.month.month, one.written) for one in done] == [("people", 9, 1), ("service", 9, 1)]
    assert sorted(Rollup.objects.values_list("family", flat=True)) == ["people", "service"]


def test_distinct_people_are_added_neither_from_use_cases_nor_over_days():
    unit = make_unit("Northwind")
    child = make_unit("Claims", parent=unit)
    first, second = make_use_case(child), make_use_case(child)
    content = "\n".join([
        "date,measure,num,den,unit,use_case",
        f"2026-10-07,active_users,30,50,,{first.ref}", f"2026-10-31,active_users,40,50,,{first.ref}",
        f"2026-10-24,active_users,20,60,,{second.ref}",
        "2026-10-31,active_users,45,80,Claims,", "2026-10-17,active_users,44,80,Claims,",
        "2026-10-31,active_users,5,20,Northwind,",
    ])  # fmt: skip

    loaded = feeds.load_file(make_feed(unit).pk, make_file(content), by=None)
    rollups.roll_up_due()

    rows = KpiValue.objects.filter(kpi="adoption_rate").order_by("num")
    assert [(row.unit_id, row.use_case_id, row.num, row.den) for row in rows] == [
        (unit.pk, None, 5, 20), (child.pk, second.pk, 20, 60), (child.pk, first.pk, 40, 50), (child.pk, None, 45, 80),
    ]  # fmt: skip
    assert sum(loaded.report.warnings.values()) == 2
    assert recompute.stored("usage") == recompute.from_observations()


def test_a_new_version_counts_the_past_beside_the_old_one():
    feeds.load_file(make_feed().pk, make_file("date,measure,num,den\n2026-10-31,training,1,2"), by=None)
    rollups.roll_up_due()
    rollups.record_versions()
    assert DirtyMonth.objects.count() == 0
    KpiVersion.objects.filter(kpi="training_completion").update(number=0)

    rollups.record_versions()

    marked = DirtyMonth.objects.filter(family="people", month=date(2026, 10, 1))
    assert [row.cause for row in marked] == ["A definition has a new version"]


def test_another_calendar_marks_what_is_counted_in_business_days():
    unit = make_unit()
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    rollups.roll_up_due()

    calendar = create_calendar('name = "Gulf"\nweekend = ["friday", "saturday"]\n', by=office)
    assert rollups.due() == []
    give_calendar(unit, calendar, by=office)

    marked = list(DirtyMonth.objects.values_list("family", "cause").distinct())
    assert marked == [("delivery", f"{unit.name} goes by Gulf")]
