"""Figures worked out by hand from the roster, the training records and the survey."""

from datetime import UTC, datetime

import pytest

from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from kpis.models import Observation
from tests.factories import make_unit
from tests.kpis.feeds.deliveries import feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db
TRANSCRIPT = "hr/lms_cornerstone_style_transcript.csv"
HEADER = "User ID,Training Title,Transcript Status,Transcript Completed Date"


@pytest.fixture(autouse=True)
def _in_november():
    with clock.at(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        yield


def roster_of(*people: str):
    feed = feed_of("roster", name="Staff")
    load(feed, "\n".join(["employee_id,status,org", *people]))
    return feed


def test_completion_against_the_roster_and_not_against_the_records(shared_data):
    units = {name: make_unit(name) for name in ("HR", "Legal", "Finance", "Engineering")}
    load(feed_of("roster", name="Staff"), sample(shared_data, "hr/worker_roster.csv"))

    loaded = load(feed_of("training", mapping={"roster": "Staff"}), sample(shared_data, TRANSCRIPT))

    # 381 are active, 8 of them exempt; 259 have completed. Over the records it would be 266 of 407, or 65.4 %.
    assert sums("training") == {"2026-11": (259, 373, 373, None)}
    assert round(100 * 259 / 373, 1) == 69.4
    assert sums("headcount")["2026-11"][0] == 381
    assert warned(loaded, "without any record") == 20
    assert set(sums("training", "unit_id")) >= {unit.pk for unit in units.values()}


def test_a_later_registration_does_not_undo_a_completion():
    roster_of("a,Active,", "b,Active,", "c,Terminated,")

    loaded = load(
        feed_of("training", mapping={"roster": "Staff"}),
        f"{HEADER}\na,RAI,Completed,08/05/2026\na,RAI,Registered,\nc,RAI,Completed,08/05/2026\n",
    )

    assert sums("training")["2026-11"][:2] == (1, 2)
    assert warned(loaded, "not active") == 1


def test_a_completion_expires():
    roster_of("a,Active,", "b,Active,")
    feed = feed_of("training", mapping={"roster": "Staff", "valid_days": 365, "training": "RAI"})

    load(feed, f"{HEADER}\na,RAI,Completed,08/05/2025\nb,RAI,Completed,08/05/2026\nb,Other,Completed,08/05/2026\n")

    assert sums("training")["2026-11"][:2] == (1, 2)


@pytest.mark.parametrize(
    ("mapping", "content", "sentence"),
    [
        ({}, HEADER, "names no roster"),
        ({"roster": "Nowhere"}, HEADER, "The feed Nowhere has brought no file yet"),
        ({"roster": "Staff"}, "a,b\n1,2", "no column for person"),
        ({"roster": "Staff"}, f"{HEADER}\na,RAI,Completed,\na,Other,Completed,", "several trainings"),
    ],
)
def test_what_cannot_be_counted_gets_a_sentence(mapping, content, sentence):
    roster_of("a,Active,")

    with pytest.raises(Invalid, match=sentence):
        load(feed_of("training", mapping=mapping), content)


def test_the_survey_is_pooled_per_team(shared_data):
    teams = {name: make_unit(name).pk for name in ("Risk", "Search", "Payments", "Tiny team")}

    loaded = load(feed_of("survey"), sample(shared_data, "hr/survey_qualtrics_style_enps.csv"))

    # 242 scores without the two previews: 95 promoters (9 or 10) and 64 detractors (0 to 6).
    assert (loaded.report.rows, warned(loaded, "preview")) == (260, 2)
    assert sum(one[1] for one in sums("enps_responses").values()) == 242
    assert sum(one[0] for one in sums("enps_responses").values()) == 95 - 64
    assert set(sums("enps_responses", "unit_id")) >= set(teams.values())
    assert sum(one[0] for one in sums("enps_opinions").values()) == 95 + 64
    assert Observation.objects.count() <= 30  # counts per team and month: neither people nor comments are kept


def test_satisfaction_counts_the_two_best_boxes():
    rows = ["2026-09-01,5 - Very content,Risk", "2026-09-02,4,Risk", "2026-09-03,3,Risk", "2026-09-04,,Risk"]

    load(feed_of("survey", mapping={"measure": "satisfaction"}), "\n".join(["date,rating,team", *rows]))

    assert sums("satisfaction") == {"2026-09": (2, 3, 3, None)}


def test_the_roster_says_how_many_were_asked_and_so_does_the_mapping():
    staff = [f"e{n},active,{'Risk' if n < 6 else 'Search'}" for n in range(10)]
    roster_of(*staff, "e99,terminated,Risk")
    answers = "date,score,team\n2026-09-01,9,Risk\n2026-09-02,3,Risk\n2026-09-03,9,Elsewhere\n"

    loaded = load(feed_of("survey", mapping={"roster": "Staff"}), answers)
    load(feed_of("survey", mapping={"measure": "satisfaction", "invited": {"": 7}}), "date,rating\n2026-09-01,5\n")

    assert sums("enps_invited")["2026-09"][0] == 10  # those who said nothing, and whole teams of them, as well
    assert sums("satisfaction_invited")["2026-09"][0] == 7
    assert warned(loaded, "nobody says how many") == 1
    assert warned(load(feed_of("survey", mapping={"invited": {"Risk": 1}}), answers), "More answers than people") == 1


def test_a_score_outside_the_scale_is_named():
    with pytest.raises(Invalid, match="“11” is not a whole number from 0 to 10"):
        load(feed_of("survey"), "date,score\n2026-09-01,11\n2026-09-01,1")
