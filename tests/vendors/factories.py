"""The smallest valid vendors and what belongs to them."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from caio_portal.common import files
from vendors.models import (
    Assessment,
    AssessmentKind,
    AssessmentResult,
    Contract,
    CriterionScore,
    Criticality,
    Product,
    ProductKind,
    Vendor,
)


class VendorFactory(DjangoModelFactory[Vendor]):
    class Meta:
        model = Vendor

    name = factory.Sequence(lambda n: f"Vendor {n}")
    criticality = Criticality.STANDARD

    class Params:
        critical = factory.Trait(criticality=Criticality.CRITICAL)


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    vendor = factory.SubFactory(VendorFactory)
    name = factory.Sequence(lambda n: f"Product {n}")
    version = "1"
    kind = ProductKind.MODEL


class ContractFactory(DjangoModelFactory[Contract]):
    class Meta:
        model = Contract

    vendor = factory.SubFactory(VendorFactory)
    title = factory.Sequence(lambda n: f"Agreement {n}")
    value = Decimal("120000.00")
    currency = "USD"
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 12, 31)
    notice_by = date(2026, 9, 30)


class AssessmentFactory(DjangoModelFactory[Assessment]):
    class Meta:
        model = Assessment

    vendor = factory.SubFactory(VendorFactory)
    kind = AssessmentKind.SECURITY
    performed_on = date(2026, 3, 1)
    valid_until = date(2027, 2, 28)
    result = AssessmentResult.PASSED

    class Params:
        filed = factory.Trait(
            file=factory.LazyFunction(lambda: files.store("report.pdf", b"%PDF-1.7", "application/pdf"))
        )


class CriterionScoreFactory(DjangoModelFactory[CriterionScore]):
    class Meta:
        model = CriterionScore

    vendor = factory.SubFactory(VendorFactory)
    quarter = "2026Q3"
    criterion = "quality"
    score = Decimal("4.00")
    source = "Acceptance tests"
    as_of = date(2026, 9, 30)
