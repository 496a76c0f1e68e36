"""Figures worked out by hand from exports of ticket systems and lists of incidents elsewhere."""

import pytest

from caio_portal.common.errors import Invalid
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db


def test_servicenow_by_incident_and_not_by_log_row(shared_data):
    feed = feed_of("tickets", date_format="dmy")

    loaded = load(feed, sample(shared_data, "incidents/servicenow_event_log_450_incidents.csv"))

    found = sums("resolution_hours")
    hours, count = sum(one[0] for one in found.values()), sum(one[2] for one in found.values())
    assert (loaded.report.rows, count) == (3_019, 434)
    assert round(hours / count, 1) == 228.5  # over the rows of the log it would be 261.3
    assert warned(loaded, "Tickets without resolved_at") == 16
    assert found["2016-03"][2] == 375


def test_jira_knows_mitigation_from_resolution(shared_data):
    use_case = make_use_case()
    feed = feed_of("tickets", mapping={"rules": [{"when": {"use_case": "uc-017"}, "use_case": use_case.ref}]})

    load(feed, sample(shared_data, "incidents/jira_export_synthetic.csv"))

    # 12 March, 9:30 to 11:05; resolved on the 13th at 17:02, and the false alarm after 65 minutes.
    assert sums("mitigation_hours", "use_case_id") == {use_case.pk: (pytest.approx(95 / 60), None, 1, None)}
    assert sums("resolution_hours")["2026-03"][0] == pytest.approx(31 + 32 / 60 + 65 / 60)


def test_columns_of_ones_own_are_named_by_the_feed():
    columns = {"number": "Nr", "began": "From", "mitigated": "To"}
    content = "Nr;From;To\n1;01.09.2026 08:00;01.09.2026 10:00\n2;02.09.2026 08:00;?\n"

    load(feed_of("tickets", date_format="dmy", mapping={"columns": columns}), content)

    assert sums("mitigation_hours") == {"2026-09": (2, None, 1, None)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2", "needs columns for the number, the beginning and the end"),
        ("number,opened_at,resolved_at\n1,2026-09-02,2026-09-01", "resolved_at: The end lies before the beginning."),
        ("number,opened_at,resolved_at\n1,,2026-09-01", "opened_at: The cell is empty."),
        ("number,opened_at,resolved_at\n1,soon,2026-09-01", "“soon” is not a date"),
        ("number,opened_at,resolved_at\n,2026-09-01,2026-09-01", "number: The cell is empty."),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("tickets"), content)


def test_incidents_elsewhere_never_count_as_ours(shared_data):
    feed = feed_of("external")

    listed = load(feed, sample(shared_data, "incidents/genai_incidents_sample_100.json"))
    load(feed_of("external"), sample(shared_data, "incidents/aiid_sample_incident_classifications.csv"))
    told = load(feed_of("external"), sample(shared_data, "incidents/agent_postmortems_9.json"))

    assert (warned(listed, "retracted"), warned(listed, "year only")) == (11, 11)
    assert listed.observations == 78
    assert (told.observations, warned(told, "hazard")) == (7, 2)
    assert sums("external_incidents")["2015-05"][0] == 1
    assert sums("mitigation_hours") == sums("resolution_hours") == {}


def test_a_list_without_identifiers_is_refused():
    with pytest.raises(Invalid, match="not a list of incidents"):
        load(feed_of("external"), '[{"title": "x"}]')
