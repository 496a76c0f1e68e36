"""How many of those who were asked answered: beside the score, and no more telling than it."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import catalogue, selectors
from kpis.models import DeliveryStyle
from kpis.selectors.detail import detail
from kpis.services import rollups
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed
from tests.kpis.feeds.deliveries import load

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
HEADER = "date,measure,num,den,unit\n"


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def survey(feed, day, **teams):
    """Answers, and how many were asked, of each team."""
    lines = [f"{day},enps_responses,1,{answers},{team}" for team, (answers, _) in teams.items() if answers]
    lines += [f"{day},enps_invited,{asked},,{team}" for team, (_, asked) in teams.items()]
    return load(feed, HEADER + "\n".join(lines))


def enps(unit_ids=None, month=OCTOBER):
    (reading,) = selectors.headline(unit_ids, month, ["developer_enps"], length=2)
    return reading


def test_the_response_rate_stands_beside_the_score_and_a_low_one_is_marked():
    root = make_unit("Company")
    risk, search = make_unit("Risk", root), make_unit("Search", root)
    make_unit("Silent", root), make_unit("Tiny", root)
    feed = make_feed(root, style=DeliveryStyle.DELTA)
    survey(feed, "2026-10-05", Risk=(10, 40), Search=(45, 50), Silent=(0, 20), Tiny=(2, 8))
    survey(feed, "2026-10-20", Risk=(8, 40))  # the others of the same people: they were asked once
    rollups.roll_up_due()

    office = make_person(Role.CAIO_OFFICE, unit=root)
    page = detail(catalogue.current().by_key["developer_enps"], None, OCTOBER, office)
    parts = {part.name: part for part in page.units}

    assert enps().response == D(65) / 118
    assert (enps({search.pk}).response_words, enps({search.pk}).is_low_response) == (
        "90% of those invited answered", False,
    )  # fmt: skip
    assert (enps({risk.pk}).value, enps({risk.pk, search.pk}).value) == (None, None)  # all less them would be Tiny
    assert (parts["Search"].response_words, parts["Search"].is_low_response) == ("90%", False)
    assert (parts["Silent"].response_words, parts["Silent"].words) == ("0%", "–")
    # Two answers could tell who gave them; and Risk would tell of Tiny, for the sum is known.
    assert {name for name, part in parts.items() if part.hidden} == {"Risk", "Tiny"}
    assert (parts["Tiny"].response, parts["Risk"].response) == (None, None)
    html = signed_in(office).get(reverse("kpis:kpi_detail", args=["developer_enps"]) + "?month=2026-10").content
    assert b"Response rate" in html
    assert b"not shown: too few answers" in html


def test_waves_of_a_quarter_are_added_and_nobody_guesses_how_many_were_asked():
    feed = make_feed(make_unit("Risk"))
    survey(feed, "2026-08-05", Risk=(10, 40))
    load(feed, HEADER + "2026-10-05,enps_responses,1,10,Risk")
    survey(feed, "2026-09-05", Risk=(30, 40))
    rollups.roll_up_due()

    september, october = enps(month=date(2026, 9, 1)), enps()

    assert september.response == D("0.5")
    assert (october.sums.n, october.response, october.response_words) == (10, None, "")


def test_too_few_answers_have_no_response_rate_either():
    feed = make_feed(make_unit("Tiny"))
    survey(feed, "2026-10-05", Tiny=(3, 4))
    rollups.roll_up_due()

    assert (enps().value, enps().response) == (None, None)
