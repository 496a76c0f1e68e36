from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from caio_portal.common import clock
from kpis import catalogue
from kpis.models import KpiValue
from kpis.services import feeds
from kpis.vendor_values import measured_values
from portfolio.models import AiSystem, SystemProduct, SystemUse
from tests.factories import make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case
from tests.vendors.factories import ContractFactory, ProductFactory, VendorFactory


@pytest.fixture(autouse=True)
def _autumn(db):
    with clock.at(datetime(2026, 10, 5, tzinfo=UTC)):
        yield


def make_value(key, month, num, den, **scope):
    kpi = catalogue.current().by_key[key]
    now = clock.now()
    KpiValue.objects.create(
        kpi=key, number=kpi.version, family=kpi.family, month=date(2026, month, 1), num=num, den=den, n=1, covered=1,
        expected=1, inputs=1, provisional=False, recorded_at=now, computed_at=now, **scope,
    )  # fmt: skip


def test_spend_is_held_against_the_value_of_the_contracts_to_date():
    vendor, unit = VendorFactory(), make_unit()
    ContractFactory(vendor=vendor, value=Decimal(365_000))  # 1,000 a day
    make_value("budget_variance", 7, 31_000, 0, unit_id=unit.pk, vendor_id=vendor.pk)
    make_value("budget_variance", 8, 43_400, 0, unit_id=unit.pk, vendor_id=vendor.pk)

    (spend,) = measured_values(vendor, "2026Q3")

    assert (spend.name, spend.value, spend.as_of) == ("spend_ratio", Decimal(120), date(2026, 8, 31))


def test_availability_is_of_requests_that_name_the_vendor_or_a_use_case_relying_on_it():
    product = ProductFactory()
    ContractFactory(vendor=product.vendor, availability=Decimal("99.5"))
    use_case = make_use_case(make_unit())
    system = AiSystem.objects.create(name="S", unit=use_case.unit)
    SystemUse.objects.create(ai_system=system, use_case=use_case)
    SystemProduct.objects.create(ai_system=system, product=product)
    rows = (
        "date,measure,num,den,use_case,vendor",
        f"2026-07-31,service_requests,998,1000,{use_case.ref},",
        f"2026-08-31,service_requests,999,1000,,{product.vendor.name}",
        "2026-08-31,service_requests,1,1000,,",
    )
    feeds.load_file(make_feed().pk, make_file("\n".join(rows)), by=None)

    (availability,) = measured_values(product.vendor, "2026Q3")

    assert (availability.name, availability.value) == ("availability_margin", Decimal("0.35"))
    assert measured_values(product.vendor, "2025Q3") == []


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_what_no_feed_brought_is_left_out(currency):
    vendor, unit = VendorFactory(), make_unit()
    ContractFactory(vendor=vendor, currency=currency)
    if currency == "EUR":
        make_value("budget_variance", 7, 31_000, 0, unit_id=unit.pk, vendor_id=vendor.pk)

    assert measured_values(vendor, "2026Q3") == []
