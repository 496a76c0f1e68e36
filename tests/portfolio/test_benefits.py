"""Benefits: what each state demands, and that one which several use cases bring is counted once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import selectors, services, worth
from portfolio.models import Benefit, CostLine, UseCase
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db

MEASURED = {
    "state": "measured", "baseline": 30, "target": 20, "value": 21, "sample": 120, "method": "All cases of May.",
}  # fmt: skip


@pytest.fixture
def owner(unit):
    return make_person(Role.OWNER, unit=unit)


@pytest.fixture
def use_case(unit, owner):
    return make_use_case("Triage", unit=unit, owner=owner, registered_at="2026-01-10T00:00Z")


def benefit(**fields) -> Benefit:
    usual = {"metric": "Minutes a case", "uom": "minutes", "period": "month", "lower_is_better": True}
    return Benefit(**usual | {"worth": 10, "currency": "USD"} | fields)


def stated(use_case, by, **fields) -> Benefit:
    return services.state_benefit(use_case.pk, benefit(**fields), by=by)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"state": "baselined"}, "baseline"),
        (MEASURED | {"value": None}, "value"),
        (MEASURED | {"sample": None}, "sample"),
        (MEASURED | {"sample": 0}, "sample"),
        (MEASURED | {"method": " "}, "method"),
        (MEASURED | {"low": 20}, "high"),
        (MEASURED | {"high": 22}, "low"),
        (MEASURED | {"low": 22, "high": 23}, "low"),
        ({"low": 1, "high": 2}, "value"),
    ],
)
def test_a_state_demands_its_figures(use_case, owner, fields, field):
    with pytest.raises(Invalid) as refusal:
        stated(use_case, owner, **fields)

    assert (refusal.value.field, Benefit.objects.count()) == (field, 0)


def test_nobody_verifies_what_they_claimed(unit, office):
    use_case = make_use_case(unit=unit)
    claimed = stated(use_case, office, **MEASURED)
    claimed.state = "verified"

    with pytest.raises(NotAllowed, match="You claimed this benefit"):
        services.state_benefit(use_case.pk, claimed, by=office)
    other = make_person(Role.CAIO_OFFICE, unit=unit)
    assert services.state_benefit(use_case.pk, claimed, by=other).verified_by == other


def test_finance_signs_only_what_was_measured_and_as_it_stands(use_case, owner, office):
    claimed = stated(use_case, owner, target=20)
    claimed.state, claimed.baseline, claimed.value = "verified", 30, 21
    claimed.sample, claimed.method = 120, "All cases of May."
    with pytest.raises(Invalid) as unmeasured:
        services.state_benefit(use_case.pk, claimed, by=office)

    claimed.state = "measured"
    services.state_benefit(use_case.pk, claimed, by=owner)
    claimed.state, claimed.value = "verified", 15
    with pytest.raises(Invalid) as changed:
        services.state_benefit(use_case.pk, claimed, by=office)

    assert (unmeasured.value.field, changed.value.field) == ("state", "value")


def test_the_database_keeps_the_verifier_apart(use_case, owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        Benefit.objects.create(
            use_case=use_case, metric="m", uom="x", period="once", baseline=1, value=2, state="verified",
            claimed_by=owner, verified_by=owner,
        )  # fmt: skip


@pytest.fixture
def shared(use_case, unit, owner):
    """A benefit of 90 USD a month, and another use case that brings it, too."""
    whole = stated(use_case, owner, **MEASURED)  # (30 - 21) * 10 USD
    other = make_use_case("Letters", unit=unit, owner=owner)
    part = stated(other, owner, same_as=whole, share=30)
    return whole, part


def test_a_shared_benefit_is_counted_once(shared):
    whole, part = shared

    a_year = {row["use_case"]: row["a_year"] for row in worth.yearly()}

    assert a_year == {whole.use_case_id: 756, part.use_case_id: 324}  # of 90 * 12 = 1080: 70 % and 30 %
    assert sum(a_year.values()) == 1080


def test_a_benefit_marked_as_the_same_adds_nothing(shared, owner):
    whole, part = shared
    part.share = 0
    services.state_benefit(part.use_case_id, part, by=owner)

    assert {row["use_case"]: row["a_year"] for row in worth.yearly()} == {whole.use_case_id: 1080}


def test_each_dossier_counts_its_share(shared, owner):
    own, others = (selectors.value_of(UseCase.objects.get(pk=each.use_case_id), owner) for each in shared)

    assert [(line.share, line.money) for line in own.benefits] == [(70, 63)]
    assert [(line.share, line.money, line.whole) for line in others.benefits] == [(30, 27, shared[0])]
    assert own.worths[0].counted[2].number == others.worths[0].counted[2].number == 1  # measured


def test_the_shares_are_at_most_the_whole(shared, unit, owner):
    third = make_use_case(unit=unit, owner=owner)

    with pytest.raises(Invalid) as refusal:
        stated(third, owner, same_as=shared[0], share=71)

    assert (refusal.value.field, "70 %" in str(refusal.value)) == ("share", True)
    assert stated(third, owner, same_as=shared[0], share=70).share == 70


def test_a_share_has_no_figures_and_no_shares_of_its_own(shared, unit, owner):
    whole, part = shared
    third = make_use_case(unit=unit, owner=owner)

    part.refresh_from_db()
    assert (part.worth, part.target, part.currency, part.state) == (None, None, "", "claimed")
    for fields in ({"same_as": part}, {"same_as": whole, "uom": "hours"}, {"same_as": whole, "period": "year"}):
        with pytest.raises(Invalid):
            stated(third, owner, **fields)
    with pytest.raises(NotAllowed, match="has a share of it"):
        services.remove_benefit(whole.pk, by=owner)
    whole.same_as = stated(third, owner, metric="Other")
    with pytest.raises(Invalid):
        services.state_benefit(whole.use_case_id, whole, by=owner)


def test_the_database_refuses_a_share_with_figures(shared):
    with pytest.raises(IntegrityError), transaction.atomic():
        Benefit.objects.filter(pk=shared[1].pk).update(worth=1, currency="USD")


def test_what_is_perhaps_counted_twice_is_pointed_out(use_case, unit, owner):
    mine = stated(use_case, owner, target=20)
    other = make_use_case("Letters", unit=unit, owner=owner)
    twin = stated(other, owner, metric="minutes a CASE", target=20)
    stated(other, owner, metric="Minutes a case", period="year", target=20)
    client = signed_in(owner)

    page = client.get(reverse("portfolio:use_case_tab", args=[use_case.ref, "value"])).content.decode()
    form = client.get(reverse("portfolio:edit_benefit", args=[use_case.ref, mine.pk]) + f"?same_as={twin.pk}")

    assert page.count("Perhaps counted twice") == 1
    assert f"?same_as={twin.pk}" in page
    assert form.context["form"]["same_as"].value() == str(twin.pk)


def test_a_twin_that_one_may_not_see_is_not_told(use_case, unit, owner):
    stated(use_case, owner, target=20)
    stranger = make_person(Role.OWNER)
    secret = make_use_case(unit=unit, owner=stranger, confidential=True)
    stated(secret, stranger, target=20)

    assert [line.twins for line in selectors.value_of(use_case, owner).benefits] == [()]


def test_the_page_states_sample_interval_and_verifier(use_case, owner, office):
    measured = stated(use_case, owner, **MEASURED, low=20, high=22, confidence=95)
    measured.state = "verified"
    services.state_benefit(use_case.pk, measured, by=office)

    response = signed_in(owner).get(reverse("portfolio:use_case_tab", args=[use_case.ref, "value"]))

    page = response.content.decode()
    assert all(word in page for word in ("n = 120", "20 to 22, 95 %", office.name))
    assert response.context["value"].benefits[0].interval == (80, 100)


@pytest.mark.parametrize("rows", [1, 3])
def test_value_page_query_count(use_case, owner, rows, django_assert_max_num_queries):
    for number in range(rows):
        stated(use_case, owner, metric=f"m{number}", target=20)
    client, url = signed_in(owner), reverse("portfolio:use_case_tab", args=[use_case.ref, "value"])
    client.get(url)

    with django_assert_max_num_queries(19):
        client.get(url)


def test_a_running_cost_comes_every_month(use_case, owner):
    data = {"month": "2026-11", "category": "models", "kind": "planned", "amount": "100", "currency": "USD"}
    client, url = signed_in(owner), reverse("portfolio:record_cost", args=[use_case.ref])

    client.post(url, data | {"running": "yes", "months": "3"})
    client.post(url, data | {"amount": "500", "kind": "actual"})
    refused = client.post(url, data | {"months": "3"})

    assert list(CostLine.objects.order_by("month", "pk").values_list("month", "amount", "running")) == [
        (date(2026, 11, 1), 100, True), (date(2026, 11, 1), 500, False), (date(2026, 12, 1), 100, True),
        (date(2027, 1, 1), 100, True),
    ]  # fmt: skip
    assert refused.status_code == 422
    [row] = selectors.value_of(use_case, owner).worths[0].categories
    assert (row.planned, row.committed, row.actual, row.once, row.running) == (300, 0, 500, 500, 300)


def test_worth_by_hand_in_the_dossier(use_case, owner):
    """Cost: 1,200 in January. Brings 90 a month from February on: over 36 months 35 times."""
    CostLine.objects.create(
        use_case=use_case, month=date(2026, 1, 1), category="people", kind="actual", amount=1200, currency="USD"
    )
    stated(use_case, owner, **MEASURED, starts_on=date(2026, 2, 1))

    found = selectors.value_of(use_case, owner).worths[0].worth

    assert (found.gain, found.cost) == (3150, 1200)
    assert found.roi == Decimal(1950) / 1200
    assert found.payback == date(2027, 3, 1)  # 1,200 / 90: the 14th month with a benefit
    factor = Decimal("1.08") ** (Decimal(1) / 12)
    assert round(found.npv, 6) == round(sum(90 / factor**step for step in range(1, 36)) - 1200, 6)


def test_the_form_shows_figures_as_they_were_typed(use_case, owner):
    stated(use_case, owner, **MEASURED | {"baseline": Decimal("30.50"), "worth": 1200})
    pk = Benefit.objects.get().pk

    page = signed_in(owner).get(reverse("portfolio:edit_benefit", args=[use_case.ref, pk])).content.decode()

    assert 'value="30.5"' in page
    assert 'value="1200"' in page
    assert ".000000" not in page
