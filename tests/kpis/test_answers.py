from datetime import UTC, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import answers
from kpis.services import feeds, rollups
from portfolio.stages import Stage
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,amount,use_case,vendor,key"


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def observe(*rows):
    feeds.load_file(make_feed().pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()


def test_a_dossier_shows_the_figures_of_its_use_case(django_assert_num_queries):
    use_case = make_use_case(make_unit(), (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)))
    observe(f"2026-10-31,service_requests,999,1000,,{use_case.ref},,", "2026-10-31,service_requests,1,1000,,,,")
    (tab,) = answers.use_case_tabs(use_case, make_person(Role.EXECUTIVE))

    with django_assert_num_queries(3):  # roles, figures, targets
        context = tab.context()

    assert [reading.value_words for reading in context["readings"]] == ["99.9%"]


def test_a_vendor_page_shows_what_its_cost_files_say():
    vendor = VendorFactory(name="Solora")
    observe("2026-07-31,effective_cost,,,460,,Solora,", "2026-08-31,effective_cost,,,460,,Solora,")

    (panel,) = answers.vendor_panels(vendor, make_person(Role.EXECUTIVE))

    assert [row[1].text for row in panel.rows] == ["$460", "$460"]
    assert answers.vendor_panels(vendor, make_person(Role.REQUESTER)) == []


def test_kpis_are_found_by_those_who_may_see_them():
    assert [hit.title for hit in answers.search("ROI", make_person(Role.CAIO))] == ["AI portfolio ROI"]
    assert [hit.title for hit in answers.search("30", make_person(Role.CAIO))] == ["Time to decision"]
    assert answers.search("ROI", make_person(Role.REQUESTER)) == []
    assert [export.title for export in answers.exports(make_person(Role.AUDITOR))] == [
        "KPI scorecard",
        "KPI definitions",
    ]
