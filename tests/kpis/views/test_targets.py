from datetime import date

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid, NotAllowed
from kpis.models import BudgetLine, Target
from kpis.services import targets
from tests.factories import make_person, make_unit, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]


def test_a_target_is_set_and_told(root, office):
    client = signed_in(office)
    url = reverse("kpis:set_target", args=["training_completion"])

    page = client.get(url)
    response = client.post(url, {"unit": root.pk, "period": "2026Q4", "low": "90", "tolerance": "5"})

    assert page.status_code == 200
    assert response.status_code == 302
    target = Target.objects.get()
    assert (target.unit, target.period, target.low, target.high, target.tolerance) == (root, "2026Q4", 90, None, 5)
    assert AuditEvent.objects.latest("pk").action == "target.set"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"period": "", "low": "", "tolerance": "5"}, "low"),
        ({"period": "", "low": "90", "tolerance": "-1"}, "tolerance"),
        ({"period": "2019", "low": "90", "tolerance": "1"}, "period"),
        ({"period": "", "low": "much", "tolerance": "1"}, "low"),
    ],
)
def test_a_bad_target_comes_back_with_what_was_typed(office, root, data, field):
    response = signed_in(office).post(
        reverse("kpis:set_target", args=["training_completion"]), {"unit": root.pk} | data
    )

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Target.objects.count() == 0


def test_bounds_in_the_wrong_order(office, root):
    data = {"unit": root.pk, "low": "5", "high": "-5", "tolerance": "1"}

    response = signed_in(office).post(reverse("kpis:set_target", args=["budget_variance"]), data)

    assert (response.status_code, Target.objects.count()) == (422, 0)


def test_nobody_sets_targets_of_other_units(root):
    elsewhere = make_unit("Elsewhere")
    person = make_person(Role.CAIO_OFFICE, unit=make_unit("Team", parent=root))
    bounds = {"low": 1, "high": None, "tolerance": 0}

    for unit in (elsewhere, root, None):
        with pytest.raises(NotAllowed):
            targets.set_target("training_completion", unit, "", by=person, **bounds)
    with pytest.raises(Invalid, match="needs a lower bound"):
        targets.set_target("training_completion", None, "", by=make_person(Role.CAIO), low=None, high=5, tolerance=0)


def test_the_budget_is_planned_and_shown(office, root):
    client = signed_in(office)

    response = client.post(
        reverse("kpis:set_budget"), {"unit": root.pk, "month": "2026-10", "planned": "1000", "committed": ""}
    )
    page = client.get(reverse("kpis:budget") + "?quarter=2026Q4")

    assert response.status_code == 302
    line = BudgetLine.objects.get()
    assert (line.month, line.planned, line.committed) == (date(2026, 10, 1), 1000, 0)
    assert page.context["budget"].planned == 1000
    assert AuditEvent.objects.latest("pk").action == "budget.set"


def test_a_month_is_written_as_one(office, root):
    response = signed_in(office).post(reverse("kpis:set_budget"), {"unit": root.pk, "month": "soon", "planned": "1"})

    assert (response.status_code, "month" in response.context["form"].errors) == (422, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_budget_query_count(office, root, rows, django_assert_num_queries):
    for number in range(rows):
        unit = make_unit(f"Team {number}", parent=root)
        BudgetLine.objects.create(unit=unit, month=date(2026, 10, 1), planned=5)
    client = signed_in(office)

    with django_assert_num_queries(20):
        client.get(reverse("kpis:budget"))
