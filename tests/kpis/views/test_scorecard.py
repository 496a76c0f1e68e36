from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis.services import feeds, rollups
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
HEADER = "date,measure,num,den,n,amount,unit,use_case,key"


@pytest.fixture
def client(root):
    return signed_in(make_person(Role.EXECUTIVE, unit=root))


def observe(unit, *rows):
    feeds.load_file(make_feed(unit).pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()


def address(name="kpis:scorecard", *args, **query):
    return reverse(name, args=args) + "?" + "&".join(f"{key}={value}" for key, value in query.items())


def reading(response, key="training_completion"):
    return next(found for found in response.context["card"].readings if found.kpi.key == key)


def test_the_scorecard_shows_the_month_that_is_over(client, root):
    observe(root, "2026-10-31,training,90,100,,,Northwind,,")

    response = client.get(address())

    assert response.status_code == 200
    assert response.context["month"] == date(2026, 10, 1)
    assert reading(response).value_words == "90%"
    assert b"Watch" in response.content


def test_a_unit_is_looked_at_with_those_below_it(client, root):
    child = make_unit("Claims", parent=root)
    observe(root, "2026-10-31,training,90,100,,,Northwind,,", "2026-10-31,training,10,100,,,Claims,,")

    assert reading(client.get(address())).value == 50
    assert reading(client.get(address(unit=child.pk))).value == 10
    assert reading(client.get(address(unit="all", month="2026-09"))).value is None


def test_units_of_others_are_not_counted_and_do_not_exist(client, root):
    foreign = make_unit("Elsewhere")
    observe(root, "2026-10-31,training,90,100,,,Northwind,,", "2026-10-31,training,0,900,,,Elsewhere,,")

    assert reading(client.get(address(unit="all"))).value == 90
    assert client.get(address(unit=foreign.pk)).status_code == 404


def test_htmx_gets_the_scorecard_alone(client):
    response = client.get(address(), headers={"HX-Request": "true", "HX-Target": "scorecard"})

    assert response.content.strip().startswith(b'<div class="flow" id="scorecard">')


@pytest.mark.parametrize("query", [{"month": "soon"}, {"unit": "Mars"}, {"month": "2026-13"}])
def test_a_page_that_is_not_there(client, query):
    assert client.get(address(**query)).status_code == 404


def test_a_person_without_units_gets_an_empty_page():
    client = signed_in(make_person(Role.OWNER))

    assert client.get(address()).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_scorecard_query_count(client, root, rows, django_assert_num_queries):
    units = [make_unit(f"Team {number}", parent=root) for number in range(rows)]
    observe(root, *(f"2026-10-31,training,9,10,,,{unit.name},," for unit in units))

    with django_assert_num_queries(10):  # session, user, roles, units; sums, histograms, answers, targets; …
        client.get(address())


def test_the_export_has_a_row_for_each_kpi(client, root):
    observe(root, "2026-10-31,training,90,100,,,Northwind,,")

    lines = client.get(address(format="csv")).getvalue().decode().splitlines()

    assert len(lines) == 31
    assert any('"Training completion","90' in line for line in lines)
    assert client.get(address(format="xlsx")).getvalue().startswith(b"PK")


def test_a_kpi_has_its_parts_records_and_lineage(client, root):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)))
    observe(root, f"2026-10-31,service_requests,900,1000,,,,{use_case.ref},", "2026-10-31,service_requests,1,1,,,,,")

    response = client.get(address("kpis:kpi_detail", "service_availability"))

    page = response.context["page"]
    assert [part.words for part in page.units] == ["90.01%"]
    assert [(part.ref, part.words) for part in page.records] == [(use_case.ref, "90%")]
    assert page.lineage.inputs == 2
    assert page.lineage.batches[0].rows == 2
    assert use_case.title.encode() in response.content


def test_confidential_use_cases_are_not_named(root):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)), confidential=True)
    observe(root, f"2026-10-31,service_requests,900,1000,,,,{use_case.ref},")
    client = signed_in(make_person(Role.VENDOR_MANAGER, unit=root))

    response = client.get(address("kpis:kpi_detail", "service_availability"))
    export = client.get(address("kpis:export_kpi", "service_availability")).getvalue()

    assert use_case.title.encode() not in response.content + export
    assert response.context["page"].reading.value == 90


def test_a_kpi_as_known_on_a_day(client, root):
    feed = make_feed(root)
    feeds.load_file(feed.pk, make_file(f"{HEADER}\n2026-09-30,training,50,100,,,Northwind,,"), by=None)
    rollups.roll_up_due()
    with clock.at(datetime(2026, 11, 20, tzinfo=UTC)):
        feeds.load_file(feed.pk, make_file(f"{HEADER}\n2026-09-30,training,60,100,,,Northwind,,"), by=None)
        rollups.roll_up_due()

    now = client.get(address("kpis:kpi_detail", "training_completion", month="2026-09"))
    then = client.get(address("kpis:kpi_detail", "training_completion", month="2026-09", known_on="2026-11-16"))

    assert (now.context["reading"].value, then.context["reading"].value) == (60, 50)
    assert b"Restated" in now.content
    assert b"As known on an earlier day" in then.content


def test_the_parts_of_a_kpi_as_known_on_a_day(client, root):
    use_case, gone = (make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC))) for _ in range(2))
    feed = make_feed(root)
    first = f"2026-09-30,service_requests,50,100,,,,{use_case.ref},\n2026-09-30,service_requests,9,10,,,,{gone.ref},"
    feeds.load_file(feed.pk, make_file(f"{HEADER}\n{first}"), by=None)
    rollups.roll_up_due()
    with clock.at(datetime(2026, 11, 20, tzinfo=UTC)):
        later = f"2026-09-30,service_requests,60,100,,,,{use_case.ref},\n2026-09-30,service_requests,1,10,,,,,"
        feeds.load_file(feed.pk, make_file(f"{HEADER}\n{later}"), by=None)
        rollups.roll_up_due()
    url = address("kpis:kpi_detail", "service_availability", month="2026-09")

    now, then = (client.get(url + known).context["page"] for known in ("", "&known_on=2026-11-16"))

    assert {part.ref: part.sums.num for part in now.records} == {use_case.ref: 60}
    assert {part.ref: part.sums.num for part in then.records} == {use_case.ref: 50, gone.ref: 9}
    assert [[part.sums.num for part in page.units] for page in (now, then)] == [[61], [59]]
    assert [[part.sums.num for part in page.tiers] for page in (now, then)] == [[60], [59]]
    assert [[part.sums.n for part in page.stages] for page in (now, then)] == [[100], [110]]
    assert [[batch.state for batch in page.lineage.batches] for page in (now, then)] == [["loaded"], ["superseded"]]


@pytest.mark.parametrize("key", ["time_to_decision", "high_risk_approved", "vendor_compliance", "retention_uplift"])
def test_a_kpi_without_figures_says_so(client, key):
    response = client.get(address("kpis:kpi_detail", key))

    assert response.status_code == 200
    assert b"Nothing has been measured yet" in response.content


@pytest.mark.parametrize("rows", [1, 3])
def test_kpi_detail_query_count(client, root, rows, django_assert_num_queries):
    use_cases = [make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC))) for _ in range(rows)]
    observe(root, *(f"2026-10-31,service_requests,9,10,,,,{use_case.ref}," for use_case in use_cases))

    with django_assert_num_queries(22):
        client.get(address("kpis:kpi_detail", "service_availability"))


def test_an_unknown_kpi_is_not_there(client):
    assert client.get("/kpis/happiness/").status_code == 404


def test_the_export_of_a_kpi(client, root):
    observe(root, "2026-10-31,training,90,100,,,Northwind,,")

    text = client.get(address("kpis:export_kpi", "training_completion")).getvalue().decode()

    assert '"Month","2026-10","90' in text
    assert '"Unit","Northwind","90' in text
