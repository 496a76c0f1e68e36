"""Vendors: their scores, what relies on them, and which contracts come up."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from django.db.models import Window
from django.db.models.functions import RowNumber

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.cases import Cases
from caio_portal.briefings.snapshot.schema import Figure, Renewal, Tone, VendorLine, Vendors
from caio_portal.briefings.snapshot.scope import Scope
from vendors import criteria
from vendors.models import Advice, Contract, Scorecard, Vendor
from vendors.selectors.scores import ADVICE_TONES

AHEAD = timedelta(days=270)


def vendors(scope: Scope, cases: Cases) -> Vendors:
    """The scorecards of the quarter; a vendor without one shows its last before it."""
    current = criteria.current()
    relying = use_cases_by_vendor(cases)
    cards = _cards(scope)
    rows = [(vendor, *cards.get(vendor.pk, (None, None))) for vendor in Vendor.objects.active().order_by("name")]
    rows.sort(
        key=lambda row: (row[1] is None or row[1].total is None, -(row[1].total or 0) if row[1] else 0, row[0].name)
    )
    lines = tuple(_line(vendor, card, before, relying) for vendor, card, before in rows)
    contracts = list(Contract.objects.filter(ends_on__gte=scope.today))
    return Vendors(
        figures=_figures(scope, cases, lines, relying, current.bar, _values(scope, contracts)),
        vendors=lines,
        renewals=_renewals(scope, contracts, {vendor.pk: (vendor, card) for vendor, card, _ in rows}, current),
        bar=current.bar,
        heat=current.heat,
        source=f"Scorecards {scope.quarter}, criteria {current.version}; contracts; register of AI systems.",
    )


def use_cases_by_vendor(cases: Cases) -> dict[int, set[int]]:
    """Which use cases in production rely on a product of each vendor, through their AI systems."""
    found: dict[int, set[int]] = defaultdict(set)
    for case in cases.running:
        for vendor in case.vendor_ids:
            found[vendor].add(case.row.pk)
    return found


def _cards(scope: Scope) -> dict[int, tuple[Scorecard, Scorecard | None]]:
    """The card of each vendor for the quarter (or the last one before it), and the card before that."""
    history: dict[int, list[Scorecard]] = defaultdict(list)
    newest = Window(RowNumber(), partition_by="vendor", order_by="-quarter")
    cards = Scorecard.objects.filter(quarter__lte=scope.quarter).annotate(place=newest).filter(place__lte=2)
    for card in cards.order_by("-quarter").defer("lines"):
        history[card.vendor_id].append(card)
    return {vendor: (cards[0], cards[1] if len(cards) > 1 else None) for vendor, cards in history.items()}


def _line(vendor: Vendor, card: Scorecard | None, before: Scorecard | None, relying: dict[int, set[int]]) -> VendorLine:
    advice = Advice(card.advice) if card else Advice.UNKNOWN
    tone: Tone = ADVICE_TONES[advice]  # type: ignore[assignment]
    return VendorLine(
        name=vendor.name, criticality=vendor.get_criticality_display(),
        performance=card.performance if card else None, security=card.security if card else None,
        roadmap=card.roadmap if card else None, cost=card.cost if card else None, total=card.total if card else None,
        before=before.total if before else None, coverage=card.coverage if card else Decimal(0), advice=advice.label,
        tone=tone, reason=_reason(card),
        use_cases=len(relying.get(vendor.pk, ())),
    )  # fmt: skip


def _reason(card: Scorecard | None) -> str:
    """What the recommendation rests on, evidence aside."""
    if card is None:
        return "No scorecard yet."
    return " ".join(
        reason for reason in card.reasons if ":" not in reason or reason.startswith(card.get_advice_display())
    )


def _figures(
    scope: Scope,
    cases: Cases,
    lines: tuple[VendorLine, ...],
    relying: dict[int, set[int]],
    bar: int,
    values: dict[int, Decimal],
) -> tuple[Figure, ...]:
    high = {case.row.pk for case in cases.running if case.high}
    dependent = set().union(*relying.values()) if relying else set()
    largest = max((len(used) for used in relying.values()), default=0)
    largest_high = max((len(used & high) for used in relying.values()), default=0)
    return (
        figures.count(scope, "vendors", "Vendors", len(lines), "Vendors that are not retired.", "/vendors/"),
        figures.count(
            scope, "vendors_below_bar", "Below the bar",
            sum(line.total is not None and line.total < bar for line in lines),
            f"Vendors whose total is below {bar}.", "/vendors/",
        ),
        figures.share(
            scope, "concentration_use_cases", "Largest share of use cases", largest, len(dependent),
            "Use cases in production that rely on the largest vendor ÷ those that rely on any.",
        ),
        figures.share(
            scope, "concentration_high", "Largest share of high-risk", largest_high, len(high & dependent),
            "The same for tier 3 and above.",
        ),
        figures.amount(
            scope, "contract_value", "Contracts in force", sum(values.values(), Decimal(0)),
            "Whole value of the contracts in force.", "/vendors/renewals/",
        ),
        figures.share(
            scope, "concentration_value", "Largest share of contract value", max(values.values(), default=Decimal(0)),
            sum(values.values(), Decimal(0)), "Contract value of the largest vendor ÷ that of all.",
        ),
    )  # fmt: skip


def _values(scope: Scope, contracts: list[Contract]) -> dict[int, Decimal]:
    """What the contracts in force are worth, by vendor."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for contract in contracts:
        if contract.starts_on <= scope.today:
            found[contract.vendor_id] += contract.value
    return found


def _renewals(
    scope: Scope,
    contracts: list[Contract],
    active: dict[int, tuple[Vendor, Scorecard | None]],
    current: criteria.Criteria,
) -> tuple[Renewal, ...]:
    until = scope.today + AHEAD
    rows = [
        (row.notice_by, *active[row.vendor_id], row)
        for row in contracts
        if row.vendor_id in active and row.notice_by and row.notice_by <= until
    ]
    rows.sort(key=lambda row: (row[0], row[1].name))
    return tuple(
        Renewal(
            vendor=vendor.name, contract=row.title, ends_on=row.ends_on, notice_by=notice_by, value=row.value,
            currency=row.currency, advice=_advice(card),
            missing=tuple(clause.title for clause in current.clauses if row.clauses.get(clause.key) is not True),
        )
        for notice_by, vendor, card, row in rows
    )  # fmt: skip


def _advice(card: Scorecard | None) -> str:
    return str(Advice(card.advice).label if card else Advice.UNKNOWN.label)
