"""What the vendors' own tables say about the criteria that the portal computes."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from vendors.criteria import Criteria
from vendors.models import Assessment, AssessmentResult, Contract, Criticality, Product, Vendor
from vendors.ports import CriterionValue

NO_END_ANNOUNCED = 120  # months: as far away as one plans
DAYS_PER_MONTH = Decimal("30.4375")
HALF = Decimal("0.5")


def own_values(
    criteria: Criteria,
    vendor: Vendor,
    assessments: Sequence[Assessment],
    contracts: Sequence[Contract],
    products: Sequence[Product],
    on: date,
) -> list[CriterionValue]:
    """The values that need nothing but the vendor's own rows, as they stood ON a day."""
    found = (
        _assessment_validity(criteria, vendor, assessments, on),
        _clauses_agreed(criteria, contracts, on),
        _months_to_end_of_life(products, on),
    )
    return [value for value in found if value]


def _assessment_validity(
    criteria: Criteria, vendor: Vendor, assessments: Iterable[Assessment], on: date
) -> CriterionValue | None:
    """Percent of the required kinds that are valid; one with conditions or an open critical finding counts half."""
    required = criteria.required_assessments[Criticality(vendor.criticality)]
    if not required:
        return None
    known = sorted((a for a in assessments if a.performed_on <= on), key=lambda a: (a.performed_on, a.pk))
    latest = {assessment.kind: assessment for assessment in known}
    points = sum((_validity(latest.get(kind), on) for kind in required), Decimal(0))
    missing = [kind.label for kind in required if not _validity(latest.get(kind), on)]
    words = f"not valid: {', '.join(missing)}" if missing else "all valid"
    return CriterionValue(
        "assessment_validity", 100 * points / len(required), f"Assessments required of a vendor like this; {words}", on
    )


def _validity(assessment: Assessment | None, on: date) -> Decimal:
    if assessment is None or not assessment.is_valid(on):
        return Decimal(0)
    clean = assessment.result == AssessmentResult.PASSED and not assessment.open_critical
    return Decimal(1) if clean else HALF


def _clauses_agreed(criteria: Criteria, contracts: Iterable[Contract], on: date) -> CriterionValue | None:
    """Percent of the clauses asked for, over the contracts in force; a clause not known is not agreed."""
    in_force = [contract for contract in contracts if contract.starts_on <= on <= contract.ends_on]
    if not in_force or not criteria.clauses:
        return None
    agreed = sum(contract.clauses.get(clause.key) is True for contract in in_force for clause in criteria.clauses)
    asked = len(in_force) * len(criteria.clauses)
    return CriterionValue(
        "clauses_agreed", Decimal(100 * agreed) / asked, f"{agreed} of {asked} clauses in the contracts in force", on
    )


def _months_to_end_of_life(products: Sequence[Product], on: date) -> CriterionValue | None:
    if not products:
        return None
    ending = min((p for p in products if p.ends_on), key=lambda p: (p.ends_on, p.pk), default=None)
    if ending is None or ending.ends_on is None:
        return CriterionValue("months_to_end_of_life", Decimal(NO_END_ANNOUNCED), "No end of life is announced", on)
    months = max(Decimal((ending.ends_on - on).days) / DAYS_PER_MONTH, Decimal(0))
    return CriterionValue("months_to_end_of_life", months, f"{ending} ends on {ending.ends_on:%-d %B %Y}", on)
