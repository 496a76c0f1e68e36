from decimal import Decimal

from caio_portal.briefings.difference import difference, previous_of
from tests.briefings.factories import make_figure, make_snapshot


def test_only_what_reads_otherwise_is_a_difference():
    before = make_snapshot(quarter="2026Q2", headline=(make_figure("measured", 82), make_figure("approved", 90)))
    now = make_snapshot(
        previous=previous_of(before, "hash"), headline=(make_figure("measured", 85), make_figure("approved", 90))
    )

    (found,) = difference(now)

    assert (found.key, found.before, found.after, found.change) == ("measured", "82", "85", Decimal(3))


def test_a_new_figure_was_not_in_the_briefing_before():
    before = make_snapshot(quarter="2026Q2", headline=())
    now = make_snapshot(previous=previous_of(before, "hash"))

    assert [(row.before, row.change) for row in difference(now)] == [("not in it", None)]


def test_the_first_briefing_has_no_difference():
    assert difference(make_snapshot()) == ()
