"""What few people answered is not told: neither where it stands, nor by taking away what stands elsewhere."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import catalogue, selectors
from kpis.catalogue import Kpi
from kpis.models import DeliveryStyle, KeyResult, Objective
from kpis.months import Window
from kpis.selectors.detail import detail
from kpis.selectors.discretion import Answered, Discretion
from kpis.selectors.objectives import standings
from kpis.services import rollups
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_objective
from tests.kpis.feeds.deliveries import load

JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in (7, 8, 9))
HEADER = "date,measure,num,den,unit\n"


def survey(window: Window = Window.QUARTER) -> Kpi:
    return catalogue.current().by_key["developer_enps"].model_copy(update={"window": window})


def told(answers: dict[tuple[int, ...], dict[date, int]], month: date, window: Window = Window.QUARTER) -> set[int]:
    """The units (with those below them) of which something is told in a month."""
    found = Discretion(
        Answered("developer_enps", each, path, n) for path, by_month in answers.items() for each, n in by_month.items()
    )
    units = {unit for path in answers for unit in path}
    below = {unit: {path[-1] for path in answers if unit in path} | {unit} for unit in units}
    return {unit for unit in units if found.until(survey(window), below[unit], month) == month}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({(1,): 0, (1, 2): 10, (1, 3): 20}, {1, 2, 3}),
        ({(1,): 0, (1, 2): 4}, set()),
        ({(1, 2): 10, (1, 3): 3, (1, 4): 20}, {1, 4}),  # 1 less 2 and 4 would be 3
        ({(1, 2): 2, (1, 3): 3, (1, 4): 20}, {1, 4}),  # together they are enough
        ({(1,): 2, (1, 2): 10}, {1}),  # what 1 has itself would be what is left
        ({(1, 2): 3, (1, 3, 4): 6, (1, 6): 20}, {1, 6}),  # nor what makes up 3
    ],
)
def test_no_rest_of_a_unit_is_small(answers, expected):
    assert told({path: {JULY: n} for path, n in answers.items()}, JULY) == expected


@pytest.mark.parametrize(
    ("counts", "until"),
    [
        ((20, 0, 0), SEPTEMBER),
        ((20, 3, 0), JULY),  # August less July would be 3
        ((20, 3, 4), SEPTEMBER),
        ((3, 3, 0), SEPTEMBER),
        ((3, 0, 0), None),
    ],
)
def test_late_answers_wait_until_there_are_enough(counts, until):
    found = Discretion(
        Answered("developer_enps", month, (1,), n) for month, n in zip((JULY, AUGUST, SEPTEMBER), counts, strict=True)
    )

    assert found.until(survey(), {1}, SEPTEMBER) == until
    assert found.until(survey(), None, SEPTEMBER) == until


def test_sliding_windows_hold_no_small_month():
    counts = {(1,): {JULY: 20, AUGUST: 3, SEPTEMBER: 20}}

    assert told(counts, SEPTEMBER, Window.TRAILING_3) == set()
    assert told(counts, SEPTEMBER, Window.MONTH) == {1}
    assert told(counts, AUGUST, Window.MONTH) == set()


@pytest.fixture
def company():
    """Twelve answers, two of them of Tiny; one more came late, in November."""
    with clock.at(datetime(2026, 11, 10, 12, tzinfo=UTC)):
        root = make_unit("Company")
        risk, tiny = make_unit("Risk", root), make_unit("Tiny", root)
        feed = make_feed(root, style=DeliveryStyle.DELTA)
        rows = "2026-10-05,enps_responses,5,10,Risk\n2026-10-05,enps_responses,-2,2,Tiny\n"
        load(feed, f"{HEADER}{rows}")
        rollups.roll_up_due()
    with clock.at(datetime(2026, 11, 12, 12, tzinfo=UTC)):
        load(feed, f"{HEADER}2026-10-06,enps_responses,1,1,Risk\n2026-11-06,enps_responses,1,1,Risk\n")
        rollups.roll_up_due()
        yield root, risk, tiny


@pytest.mark.django_db
def test_scorecard_page_objective_and_history_tell_the_same(company):
    root, risk, tiny = company
    kpi, office = catalogue.current().by_key["developer_enps"], make_person(Role.CAIO_OFFICE, unit=root)
    KeyResult.objects.create(objective=make_objective(risk), kpi=kpi.key, title="Better", start=0, target=50)

    def values(month):
        return [
            selectors.headline(units, date(2026, month, 1), [kpi.key], length=1)[0].value
            for units in (None, {root.pk, risk.pk, tiny.pk}, {risk.pk}, {tiny.pk})
        ]

    then = detail(kpi, None, date(2026, 10, 1), office, known_on=datetime(2026, 11, 11, tzinfo=UTC))
    now = detail(kpi, None, date(2026, 11, 1), office)

    whole = D(4) / 13 * 100
    assert values(10) == values(11) == [whole, whole, None, None]  # November's one answer waits
    assert (now.reading.value, now.reading.sums.n) == (whole, 13)
    assert {part.name: part.hidden for part in now.units} == {"Risk": True, "Tiny": True}
    assert (then.reading.value, then.reading.sums.n) == (None, 0)  # the one of 6 October would be the difference
    assert "13" not in " ".join(each.before + each.after for each in now.lineage.revisions)
    assert standings(Objective.objects.all())[0].results[0].value is None


@pytest.mark.django_db
def test_days_between_which_many_answered_are_told(company):
    root, *_ = company
    kpi, office = catalogue.current().by_key["developer_enps"], make_person(Role.CAIO_OFFICE, unit=root)
    with clock.at(datetime(2026, 11, 14, 12, tzinfo=UTC)):
        load(make_feed(root), f"{HEADER}2026-10-07,enps_responses,6,6,Risk\n")
        rollups.roll_up_due()
        then = detail(kpi, None, date(2026, 10, 1), office, known_on=datetime(2026, 11, 13, tzinfo=UTC))

    assert then.reading.sums.n == 13
