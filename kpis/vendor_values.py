"""What the measures say of a vendor: availability against its promise, and spend against its contracts."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Max, Sum

from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from kpis import catalogue, months
from kpis.models import KpiValue
from portfolio.models import SystemProduct, SystemUse
from vendors.models import Contract, Vendor
from vendors.ports import CriterionValue

AVAILABILITY = "service_requests"
SPEND = "budget_variance"  # its numerator is the actual cost
CURRENCY = "USD"  # of the cost feeds


def measured_values(vendor: Vendor, quarter: str) -> list[CriterionValue]:
    """What is known of VENDOR in the quarter; what no feed brought is left out."""
    wanted = Quarter(quarter)
    contracts = list(
        Contract.objects.filter(vendor=vendor, starts_on__lte=wanted.last_day, ends_on__gte=wanted.first_day)
    )
    found = (_availability(vendor, wanted, contracts), _spend(vendor, wanted, contracts))
    return [value for value in found if value]


_REQUESTS = """
SELECT sum(num)::numeric, sum(den)::numeric FROM observation
WHERE measure = %s AND observed_at >= %s AND observed_at < %s AND (vendor_id = %s OR use_case_id = ANY(%s))
"""


def _availability(vendor: Vendor, quarter: Quarter, contracts: list[Contract]) -> CriterionValue | None:
    """Good ÷ valid requests that name the vendor or a use case relying on it, less what its contracts promise."""
    promised = max((contract.availability for contract in contracts if contract.availability is not None), default=None)
    if promised is None:
        return None
    systems = SystemProduct.objects.filter(product__vendor=vendor).values("ai_system")
    relying = SystemUse.objects.filter(ai_system__in=systems).values_list("use_case", flat=True)
    measure = catalogue.current().measures[AVAILABILITY].id
    first, *_, last = quarter.months
    with connection.cursor() as cursor:
        cursor.execute(_REQUESTS, [measure, months.start(first), months.end(last), vendor.pk, list(relying)])
        good, valid = cursor.fetchone()
    if not valid:
        return None
    measured = 100 * good / valid
    source = f"{measured:.3f}% of {valid:,.0f} requests, {promised.normalize():f}% promised"
    return CriterionValue("availability_margin", measured - promised, source, _until(quarter))


def _spend(vendor: Vendor, quarter: Quarter, contracts: list[Contract]) -> CriterionValue | None:
    """Cost of the months delivered ÷ the value of the contracts, spread evenly over their days."""
    kpi = catalogue.current().by_key[SPEND]
    spent = KpiValue.objects.filter(
        kpi=kpi.key, number=kpi.counted_by, series="", month__in=quarter.months, vendor_id=vendor.pk
    )
    sums = spent.aggregate(num=Sum("num"), last=Max("month"))
    if not sums["num"] or sums["last"] is None:
        return None
    last = min(quarter.last_day, months.last(sums["last"]))
    phased = sum((_phased(contract, quarter.first_day, last) for contract in contracts), Decimal(0))
    if not phased:
        return None
    source = f"${sums['num']:,.0f} of cost against ${phased:,.0f} of contract value to date"
    return CriterionValue("spend_ratio", 100 * sums["num"] / phased, source, min(last, clock.today()))


def _phased(contract: Contract, first: date, last: date) -> Decimal:
    if contract.currency != CURRENCY:
        return Decimal(0)
    begins, ends = max(first, contract.starts_on), min(last, contract.ends_on)
    days = max((ends - begins).days + 1, 0)
    return contract.value * days / ((contract.ends_on - contract.starts_on).days + 1)


def _until(quarter: Quarter) -> date:
    return min(quarter.last_day, clock.today())
