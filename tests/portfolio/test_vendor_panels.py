from datetime import date

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from portfolio.models import AiSystem, SystemProduct, SystemUse, UseCase
from portfolio.stages import Stage
from portfolio.vendor_panels import use_cases_relying
from tests.factories import make_person, make_unit
from tests.vendors.factories import ProductFactory


def make_use_case(ref, unit, product, **fields):
    use_case = UseCase.objects.create(ref=ref, title=ref, unit=unit, source="import", stage_since=clock.now(), **fields)
    system = AiSystem.objects.create(name=f"System {ref}", unit=unit)
    SystemUse.objects.create(ai_system=system, use_case=use_case)
    SystemProduct.objects.create(ai_system=system, product=product)
    return use_case


@pytest.mark.parametrize("rows", [1, 3])
def test_use_cases_relying_in_constant_queries(db, rows, django_assert_num_queries):
    unit = make_unit()
    viewer = make_person(Role.AUDITOR, unit=unit)
    product = ProductFactory(name="Q-Large", version="3", ends_on=date(2027, 3, 1))
    for number in range(rows):
        make_use_case(f"UC-{number}", unit, product, stage=Stage.PRODUCTION, requester=viewer)

    with django_assert_num_queries(7):  # system products, uses, products, answers, running, roles, use cases
        (panel,) = use_cases_relying(product.vendor, viewer)

    assert len(panel.rows) == rows
    assert [cell.text for cell in panel.rows[0]][3:] == ["Not yet known", "–", "Q-Large 3", "1 Mar 2027"]
    verb = "use case in production relies" if rows == 1 else "use cases in production rely"
    assert panel.keeps == f"{rows} {verb} on {product.vendor}."


def test_what_runs_unseen_keeps_the_vendor_too(db):
    own, foreign = make_unit(), make_unit()
    product = ProductFactory()
    make_use_case("UC-1", foreign, product, stage=Stage.PRODUCTION, requester=make_person(), confidential=True)

    (panel,) = use_cases_relying(product.vendor, make_person(Role.VENDOR_MANAGER, unit=make_unit(parent=own)))

    assert (panel.rows, bool(panel.keeps)) == ((), True)


def test_a_use_case_that_answers_with_a_product_relies_on_it(db):
    unit, product = make_unit(), ProductFactory(name="Q-Large", version="3")
    answer = {"id": product.pk, "name": "Q-Large 3", "vendor": str(product.vendor)}
    UseCase.objects.create(ref="UC-1", title="T", unit=unit, source="import", facts={"vendor_product": answer})
    UseCase.objects.create(ref="UC-2", title="U", unit=unit, source="import", facts={"vendor_product": "Q-Large 3"})

    (panel,) = use_cases_relying(product.vendor, make_person(Role.AUDITOR, unit=unit))

    assert [[cell.text for cell in row][0::5] for row in panel.rows] == [["T", "Q-Large 3"]]


def test_a_vendor_that_nothing_relies_on(db):
    (panel,) = use_cases_relying(ProductFactory().vendor, make_person(Role.AUDITOR))

    assert (panel.rows, panel.keeps) == ((), "")
