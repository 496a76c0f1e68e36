from datetime import UTC, date, datetime

import pytest

from caio_portal.common import clock
from kpis import catalogue
from kpis.selectors.lineage import lineage
from kpis.services import rollups
from tests.kpis.factories import make_feed
from tests.kpis.feeds.deliveries import load

pytestmark = pytest.mark.django_db


def test_an_observation_that_counts_in_two_series_is_one():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        rows = "2026-10-05,enps_responses,5,10\n2026-10-05,enps_opinions,7,10\n2026-10-05,enps_invited,20,"
        load(make_feed(), f"date,measure,num,den\n{rows}")
        rollups.roll_up_due()

        found = lineage(catalogue.current().by_key["developer_enps"], None, date(2026, 10, 1))

    assert (found.inputs, sum(batch.rows for batch in found.batches)) == (3, 3)
