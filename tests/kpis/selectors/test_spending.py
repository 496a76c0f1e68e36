from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import selectors
from kpis.models import Alert, AlertKind, BudgetLine, FeedKind
from kpis.selectors.costs import costs
from kpis.services import alerts, feeds, rollups
from portfolio.models import CostCategory, CostLine
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed, make_file, make_use_case
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
HEADER = "BillingAccountId,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost,Tags"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


@pytest.fixture
def root():
    return make_unit("Northwind")


def spend(root, *rows):
    lines = [f'a,{day:%Y-%m}-01,{day},{cost},{cost},"{{""use_case"": ""{ref}""}}"' for day, cost, ref in rows]
    feeds.load_file(make_feed(root, kind=FeedKind.FOCUS).pk, make_file("\n".join([HEADER, *lines])), by=None)
    rollups.roll_up_due()


def plan(unit, amount, *numbers):
    for number in numbers:
        BudgetLine.objects.create(unit=unit, month=date(2026, number, 1), planned=amount)


def texts(kind):
    return [(alert.grave, alert.text) for alert in Alert.objects.running().filter(kind=kind).order_by("pk")]


def monthly(cost):
    return [(date(2026, number, 3), cost, "") for number in range(5, 11)]


@pytest.mark.parametrize(
    ("cost", "found"),
    [
        (1300, [(True, "Northwind will spend about $3.9k of the $3k planned for 2026Q4 (+30%): the money will "
                 "be gone on 10 December.")]),
        (1070, [(False, "Northwind will spend about $3.2k of the $3k planned for 2026Q4 (+7%): the money will "
                 "be gone on 25 December.")]),
        (1030, []),  # within the band
        (930, []),  # a little less is no concern
        (500, [(False, "Northwind will spend about $1.5k of the $3k planned for 2026Q4 (-50%).")]),
    ],
)  # fmt: skip
def test_a_budget_is_told_of_before_the_money_is_gone(root, cost, found):
    plan(root, 1000, 10, 11, 12)
    spend(root, *monthly(cost))

    alerts.watch()

    assert texts(AlertKind.BUDGET) == found


def test_a_plan_of_nothing_is_a_plan(root):
    plan(root, 0, 10, 11, 12)
    spend(root, *monthly(500))

    alerts.watch()

    said = "Northwind will spend about $1.5k in 2026Q4, for which nothing is planned."
    assert texts(AlertKind.BUDGET) == [(True, said)]


def test_units_with_a_plan_are_watched_by_themselves(root):
    claims = make_unit("Claims", parent=root)
    use_case = make_use_case(claims, (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC)))
    plan(claims, 100, 10, 11, 12)
    plan(root, 5000, 10, 11, 12)
    spend(root, *[(day, 1000, use_case.ref) for day, _, _ in monthly(0)], *monthly(4000))

    alerts.watch()

    assert [text.split(" will")[0] for _, text in texts(AlertKind.BUDGET)] == ["Claims"]


def days(ref, *costs):
    start = date(2026, 11, 14) - timedelta(days=len(costs) - 1)
    return [(start + timedelta(days=number), cost, ref) for number, cost in enumerate(costs)]


@pytest.mark.parametrize(
    ("costs", "raised"),
    [
        ([200] * 20 + [900], True),
        ([200] * 21, False),
        ([200] * 10 + [900], False),  # too little is known of what is usual
        ([20] * 20 + [90], False),  # not worth the words
    ],
)
def test_a_day_of_sudden_cost_is_told(root, costs, raised):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC)))
    spend(root, *days(use_case.ref, *costs))

    alerts.watch()

    expected = f"{use_case.ref} cost $900 on 14 November; a day before that cost $200."
    assert texts(AlertKind.SPIKE) == ([(False, expected)] if raised else [])


def test_the_budget_page_tells_of_use_cases_categories_and_pieces_of_work(root):
    secret = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC)), confidential=True)
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC)))
    vendor = VendorFactory(name="Solora")
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=root))
    typed = {"unit": root.pk, "month": "2026-10", "until": "2026-12", "planned": "1000", "committed": "400"}
    for more in ({"use_case": use_case.pk}, {"vendor": vendor.pk}, {"category": "Licences"}):
        assert client.post(reverse("kpis:set_budget"), typed | more).status_code == 302
    spend(root, (date(2026, 10, 3), 900, use_case.ref), (date(2026, 10, 3), 7, secret.ref))

    page = signed_in(make_person(Role.OWNER, unit=root)).get(reverse("kpis:budget") + "?quarter=2026Q4")

    found = page.context["costs"]
    assert BudgetLine.objects.count() == 9
    assert page.context["budget"].planned == 9000
    assert [(each.name, each.planned, each.actual) for each in found.use_cases] == [
        (use_case.title, 3000, 900), ("Other use cases", 0, 7), ("Not allocated to a use case", 6000, 0),
    ]  # fmt: skip
    assert [(each.name, each.planned, each.committed) for each in found.categories] == [
        ("Infrastructure", 0, 0), ("No category", 6000, 2400), ("Licences", 3000, 1200),
    ]  # fmt: skip
    assert secret.title.encode() not in page.content


@pytest.mark.parametrize(
    "change",
    [
        {"until": "2026-09"},
        {"until": "2027-10"},
        {"until": "soon"},
        {"category": "Fun"},
        {"use_case": "OTHER"},
        {"planned": "-1"},
    ],
)
def test_a_plan_that_cannot_be_comes_back(root, change):
    elsewhere = make_use_case(make_unit("Claims", parent=root), (Stage.PILOT, datetime(2026, 1, 1, tzinfo=UTC)))
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=root))
    known = {name: elsewhere.pk if value == "OTHER" else value for name, value in change.items()}

    typed = {"unit": root.pk, "month": "2026-10", "planned": "1000"} | known

    assert client.post(reverse("kpis:set_budget"), typed).status_code == 422
    assert BudgetLine.objects.count() == 0


def test_plan_commitment_cost_forecast_and_variance_of_everything_that_is_planned_for(root):
    claims = make_unit("Claims", parent=root)
    use_case, secret = make_use_case(claims), make_use_case(claims, confidential=True)
    vendor = VendorFactory(name="Solora")
    header = f"{HEADER},ProviderName,ServiceCategory"
    rows = [
        f'a,2026-{month:02}-01,2026-{month:02}-03,{cost},0,"{{""use_case"": ""{ref}""}}",Solora,{kind}'
        for month in (7, 8, 9, 10)
        for cost, ref, kind in ((100, use_case.ref, "AI and Machine Learning"), (30, secret.ref, "Compute"),
                                (20, "", "Compute"))
    ]  # fmt: skip
    feeds.load_file(make_feed(root, kind=FeedKind.FOCUS).pk, make_file("\n".join([header, *rows])), by=None)
    models, people = CostCategory.MODELS, CostCategory.PEOPLE
    for number in (10, 11, 12):
        month = date(2026, number, 1)
        BudgetLine.objects.create(
            unit=claims, use_case=use_case, month=month, planned=80, committed=50, category=models.label
        )
        BudgetLine.objects.create(unit=root, vendor=vendor, month=month, planned=60)
    october = date(2026, 10, 1)
    for category, amount in ((people, 500), (models, 70)):  # what models cost stands in the cost file already
        CostLine.objects.create(
            use_case=use_case, month=october, category=category, kind="actual", amount=amount, currency="USD"
        )
    rollups.mark_records()
    rollups.roll_up_due()

    found = costs(selectors.budget(None, "2026Q4"), None, make_person(Role.CAIO, unit=make_unit()))

    def told(shares):
        return [
            (each.name, each.planned, each.committed, each.actual, round(each.forecast), each.variance_words)
            for each in shares
        ]

    assert told(found.units) == [("Claims", 240, 150, 130, 390, "+62.5%"), ("Northwind", 180, 0, 20, 60, "−66.7%")]
    assert told(found.use_cases) == [
        ("Other use cases", 240, 150, 130, 390, "–"), ("Not allocated to a use case", 180, 0, 20, 60, "–"),
    ]  # fmt: skip
    assert told(found.vendors) == [("Solora", 180, 0, 150, 450, "+150%")]
    assert told(found.categories) == [
        ("People", 0, 0, 500, 833, "–"), ("Models and tokens", 240, 150, 100, 300, "+25%"),
        ("Infrastructure", 0, 0, 50, 150, "–"), ("No category", 180, 0, 0, 0, "−100%"),
    ]  # fmt: skip
    seen = costs(selectors.budget({claims.pk}, "2026Q4"), {claims.pk}, make_person(Role.CAIO_OFFICE, unit=root))
    assert [each.name for each in seen.use_cases] == [use_case.title, secret.title]
