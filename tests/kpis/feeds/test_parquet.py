from decimal import Decimal as D

import pytest

from kpis.models import FeedKind
from tests.common import parquet_samples as samples
from tests.factories import make_unit
from tests.kpis.factories import make_feed, make_use_case
from tests.kpis.feeds.deliveries import load, sums

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "content", [samples.ARROW, samples.ARROW_2, samples.DUCKDB], ids=["arrow", "arrow 2", "duckdb"]
)
def test_a_cost_file_comes_as_parquet_with_its_tags(content):
    unit = make_unit()
    use_case = make_use_case(unit)
    rules = [{"when": {"Tags.team": "cx"}, "use_case": use_case.ref}]
    feed = make_feed(unit, kind=FeedKind.FOCUS, mapping={"rules": rules})

    loaded = load(feed, content, "focus.parquet")

    assert (loaded.report.rows, loaded.report.rejected) == (6, 0)
    by_use_case = sums("effective_cost", by="coalesce(use_case_id, 0)")
    assert {key: found[3] for key, found in by_use_case.items()} == {use_case.pk: D("1.75"), 0: D(2)}
    assert sums("billed_cost")["2026-09"][3] == D("1.875")
