"""The ranked list by weights that the office sets, and the reasons to stop."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import services
from portfolio.models import Benefit, CostLine, UseCase, Weighing
from portfolio.priorities import scoring
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
RANKED, STOP, WEIGH = "/priorities/", "/priorities/stop/", "/priorities/weights/"


@pytest.fixture
def client(unit):
    return signed_in(make_person(Role.EXECUTIVE, unit=unit))


def bring(use_case, a_year, state="claimed"):
    Benefit.objects.create(
        use_case=use_case, metric="Money", uom="USD", period="year", worth=1, currency="USD", target=a_year,
        baseline=0 if state != "claimed" else None, value=a_year if state != "claimed" else None, state=state,
    )  # fmt: skip
    return use_case


def spend(use_case, amount, months_back=1):
    month = (clock.today() - timedelta(days=30 * months_back)).replace(day=1)
    CostLine.objects.create(
        use_case=use_case, month=month, category="people", kind="actual", amount=amount, currency="USD"
    )


def row_of(use_case, weights=None):
    return scoring.scored(UseCase.objects.filter(pk=use_case.pk), weights or Weighing()).get()


@pytest.mark.parametrize(
    ("a_year", "score"), [(None, 0), (1, 25), (99_999, 25), (100_000, 50), (1_000_000, 75), (10_000_000, 100)]
)
def test_value_is_what_it_brings_a_year(unit, a_year, score):
    use_case = make_use_case(unit=unit)
    if a_year:
        bring(use_case, a_year)

    assert row_of(use_case).value_score == score


@pytest.mark.parametrize(
    ("stage", "days", "score"),
    [
        (None, 0, 0),
        ("idea", 0, 25),
        ("idea", 400, 0),
        ("experiment", 0, 50),
        ("pilot", 400, 50),
        ("production", 900, 100),
    ],
)
def test_feasibility_is_how_far_it_has_come(unit, stage, days, score):
    source = {} if stage else {"source": "import"}
    use_case = make_use_case(unit=unit, stage=stage, stage_since=clock.now() - timedelta(days=days), **source)

    assert row_of(use_case).feasibility_score == score


@pytest.mark.parametrize(("tier", "score"), [(1, 100), (2, 75), (3, 40), (4, 15), (5, 0), (None, 30)])
def test_a_lower_tier_scores_higher(unit, tier, score):
    assert row_of(make_use_case(unit=unit, tier=tier)).risk_score == score


@pytest.mark.parametrize(
    ("topics", "facts", "score"),
    [
        ([], {}, 50),
        (["science"], {}, 0),
        (["science"], {"topic_area": "procurement_and_finance"}, 40),
        (["science"], {"topic_area": "science"}, 100),
    ],
)
def test_fit_is_being_in_a_topic_area_that_the_office_named(unit, topics, facts, score):
    assert row_of(make_use_case(unit=unit, facts=facts), Weighing(topics=topics)).fit_score == score


@pytest.mark.parametrize(
    ("weights", "score"),
    [((40, 20, 20, 20), 45), ((0, 0, 1, 0), 100), ((0, 100, 0, 0), 25), ((1, 1, 1, 0), 50), ((0, 0, 0, 7), 50)],
)
def test_the_score_is_the_weighed_mean(unit, weights, score):
    use_case = bring(make_use_case(unit=unit, tier=1), 20_000)
    value, feasibility, risk, fit = weights

    found = row_of(use_case, Weighing(value=value, feasibility=feasibility, risk=risk, fit=fit))

    assert found.score == score


def test_the_best_comes_first_and_what_is_retired_is_left_out(client, unit):
    poor, rich = make_use_case("Poor", unit=unit, tier=3), bring(make_use_case("Rich", unit=unit, tier=1), 5_000_000)
    make_use_case("Gone", unit=unit, stage=Stage.RETIRED)
    make_use_case("Foreign", unit=make_unit())

    table = client.get(RANKED).context["table"]

    assert [row.title for row in table.rows] == [rich.title, poor.title]


def to_stop(**wanted):
    return {
        row.title: (row.against, scoring.reasons(row))
        for row in scoring.to_stop(UseCase.objects.filter(**wanted), Weighing())
    }


def test_what_costs_more_than_it_brings(unit):
    spend(bring(make_use_case("Dear", unit=unit), 1_000), Decimal(5_000))
    spend(bring(make_use_case("Cheap", unit=unit), 9_000), Decimal(5_000))
    spend(make_use_case("Long ago", unit=unit), Decimal(5_000), months_back=20)

    assert to_stop() == {"Dear": (1, ["It cost $5,000 in the last twelve months and brings $1,000 a year."])}


def test_what_stays_unproven_in_production(unit):
    since = clock.now() - timedelta(days=500)
    bring(make_use_case("Claimed", unit=unit, stage="production", stage_since=since), 500_000)
    bring(make_use_case("Measured", unit=unit, stage="production", stage_since=since), 500_000, "measured")
    make_use_case("Young", unit=unit, stage="production")

    assert list(to_stop()) == ["Claimed"]


def test_what_lingers_and_what_risks_much_for_little(unit):
    make_use_case("Stuck", unit=unit, stage="experiment", stage_since=clock.now() - timedelta(days=300))
    make_use_case("A little late", unit=unit, stage="experiment", stage_since=clock.now() - timedelta(days=150))
    make_use_case("Risky", unit=unit, tier=4)
    bring(make_use_case("Worth it", unit=unit, tier=4), 200_000)

    assert to_stop() == {
        "Stuck": (1, ["180 days longer than usual in its stage."]),
        "Risky": (1, ["Its tier is high, and its value a year is small or not stated."]),
    }


def test_the_candidates_with_most_reasons_come_first(client, unit):
    make_use_case("One", unit=unit, tier=4)
    spend(make_use_case("Two", unit=unit, tier=4), Decimal(10))

    page = client.get(STOP)

    assert [row.title for row in page.context["table"].rows] == ["Two", "One"]
    assert "It cost $10 in the last twelve months and states no value a year." in page.content.decode()


@pytest.mark.parametrize("address", [RANKED, STOP])
def test_the_lists_are_files_too(client, unit, address):
    make_use_case("Risky", unit=unit, tier=4)

    lines = b"".join(client.get(address, {"format": "csv"})).decode("utf-8-sig").splitlines()

    assert len(lines) == 2
    assert lines[1].startswith('"Risky"')


def test_the_office_sets_the_weights(office):
    client = signed_in(office)

    saved = client.post(WEIGH, {"value": 10, "feasibility": 0, "risk": 90, "fit": 0, "topics": ["science"]})

    weights = scoring.weighing()
    assert (saved.status_code, str(weights)) == (302, "value 10, feasibility 0, risk 90, fit 0")
    assert (weights.topics, weights.by) == (["science"], office)
    assert AuditEvent.objects.filter(action="priorities.weighed").count() == 1


@pytest.mark.parametrize("changes", [{"value": 101}, {"value": -1}, {"value": 0}, {"topics": ["colour"]}])
def test_weights_that_cannot_be_come_back_as_they_were_typed(office, changes):
    typed = {"value": 1, "feasibility": 0, "risk": 0, "fit": 0, **changes}

    response = signed_in(office).post(WEIGH, typed)

    assert (response.status_code, Weighing.objects.count()) == (422, 0)
    assert response.context["form"]["value"].value() == str(typed["value"])


def test_earlier_weights_are_kept(office):
    services.weigh(Weighing(value=1), by=office)
    services.weigh(scoring.weighing(), by=office)

    assert Weighing.objects.count() == 2
    with pytest.raises(Invalid):
        services.weigh(Weighing(value=0, feasibility=0, risk=0, fit=0), by=office)


def test_a_part_of_the_organisation_weighs_nothing(unit):
    with pytest.raises(NotAllowed):
        services.weigh(Weighing(), by=make_person(Role.CAIO_OFFICE, unit=make_unit(parent=unit)))


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["priority_list", "stop_list"])
def test_query_counts(client, unit, name, rows, django_assert_max_num_queries):
    for _ in range(rows):
        spend(make_use_case(unit=unit, tier=4, facts={"topic_area": "science"}), Decimal(3))
    client.get(reverse(f"portfolio:{name}"))

    with django_assert_max_num_queries(9):
        client.get(reverse(f"portfolio:{name}"))


def test_costs_of_the_month_to_come_do_not_count(unit):
    use_case = make_use_case("Planned", unit=unit)
    month = date(clock.today().year + 1, 1, 1)
    CostLine.objects.create(use_case=use_case, month=month, category="people", kind="actual", amount=9, currency="USD")

    assert to_stop() == {}
