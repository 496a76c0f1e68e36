"""A snapshot with something in every section: what the templates and the renderer are tested with."""

from datetime import date
from decimal import Decimal

from caio_portal.briefings.snapshot import schema as s
from tests.briefings.factories import make_snapshot

MONTHS = tuple(date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(12))
DAY = date(2026, 9, 30)


def figure(key: str, label: str, value: str, words: str) -> s.Figure:
    return s.Figure(key=key, label=label, value=Decimal(value), words=words, source=f"Register: {label}.", as_of=DAY)


def use_case(number: int, tier: int, value: str, cost: str, residual: int) -> s.UseCaseLine:
    names = (
        "Claims triage",
        "Fraud graph",
        "Contact-centre copilot",
        "Credit scoring v4",
        "Underwriting assist",
        "Pricing optimiser",
        "Document summariser",
        "Repair photo estimate",
        "Code assistant",
        "KYC match",
        "Voice authentication",
        "CV screening",
    )
    return s.UseCaseLine(
        ref=f"UC-2026-{number:04}",
        title=names[number],
        unit="Claims",
        owner="A. Okafor",
        tier=tier,
        provisional=False,
        stage="Production",
        value=Decimal(value),
        cost=Decimal(cost),
        residual=residual,
    )


CASES = tuple(
    use_case(number, tier, str(9_600_000 - 780_000 * number), str(1_900_000 - 120_000 * number), residual)
    for number, (tier, residual) in enumerate(
        zip((2, 3, 2, 3, 2, 3, 1, 2, 1, 3, 3, 4), (8, 12, 6, 16, 9, 12, 3, 6, 2, 9, 10, 20), strict=True)
    )
)


def kpi(number: int, perspective: str, status: str) -> s.KpiLine:
    trend = tuple(Decimal(60 + 2 * n + number) for n in range(12))
    return s.KpiLine(
        key=f"kpi_{number}",
        name=f"High-risk use cases approved {number}",
        question="Is what is high approved?",
        perspective=perspective,
        words=f"{82 + number}%",
        value=Decimal(82 + number),
        target="at least 95%",
        goal=Decimal(95),
        status=status,
        change="+2 points",
        trend=trend,
        months=MONTHS,
        formula="Use cases of tier 3 or 4 in production with an approval ÷ all such use cases.",
        version=1,
        coverage="",
        owner="CAIO office",
    )


def make_sample() -> s.Snapshot:
    vendors = tuple(
        s.VendorLine(
            name=name,
            criticality="Critical",
            performance=Decimal(a),
            security=Decimal(b),
            roadmap=Decimal(c),
            cost=Decimal(d) if d else None,
            total=Decimal(t),
            before=Decimal(t) - 2,
            coverage=Decimal(90),
            advice=advice,
            tone=tone,
            reason="Renegotiate: at least one dimension is below the bar of 65.",
            use_cases=4,
        )
        for name, a, b, c, d, t, advice, tone in (
            ("Quanta Cloud", 95, 93, 96, 81, 92, "Expand", "good"),
            ("Northwind AI", 91, 88, 84, 79, 86, "Expand", "good"),
            ("Brightline", 83, 85, 80, 76, 82, "Keep", "good"),
            ("Tern Data", 88, 79, 83, 70, 81, "Keep", "good"),
            ("Helios ML", 86, 82, 64, 58, 75, "Renegotiate", "warn"),
            ("Acme Speech", 69, 51, 63, 74, 63, "Renegotiate", "warn"),
            ("Sable Labs", 74, 42, 39, None, 52, "Replace", "bad"),
        )
    )
    return make_snapshot(
        previous=s.Previous(
            quarter="2026Q2",
            number=1,
            snapshot_hash="cd" * 32,
            values={"in_production": Decimal(19)},
            words={"in_production": "19"},
        ),
        headline=(),
        changes=(
            s.Change(title="CV screening was suspended", detail="Its bias audit is overdue.", on=DAY, tone="bad"),
            s.Change(
                title="Two high-risk use cases were approved", detail="Both with conditions.", on=DAY, tone="good"
            ),
        ),
        requests=(
            s.Request(
                title="Suspend CV screening until its bias audit passes",
                why="The four-fifths rule is not met.",
                who="Chief People Officer",
                by=date(2026, 11, 27),
                mark="Decision due",
                tone="bad",
            ),
            s.Request(
                title="Accept the residual risk of Fraud graph",
                why="12 against an appetite of 9.",
                who="Board Risk Committee",
                by=None,
                mark="For acceptance",
                tone="info",
            ),
        ),
        portfolio=s.Portfolio(
            figures=(
                figure("use_cases", "Use cases", "64", "64"),
                figure("in_production", "In production", "21", "21"),
                figure("value", "Value a year", "61400000", "$61.4M"),
                figure("roi", "Return", "1.8", "180%"),
            ),
            stages=(
                s.Count(key="idea", label="Idea", count=14),
                s.Count(key="production", label="Production", count=21),
            ),
            tiers=tuple(
                s.TierCount(tier=n, label=label, count=12, provisional=1)
                for n, label in enumerate(("Not yet known", "Minimal", "Limited", "High", "Critical", "Prohibited"))
            ),
            history=tuple(
                s.TiersAt(quarter=q, counts={1: 20 + n, 2: 14 + 2 * n, 3: 5 + n, 4: 1})
                for n, q in enumerate(("2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"))
            ),
            points=CASES,
            top=CASES[:10],
            benefits=(
                s.Count(key="claimed", label="Claimed", count=30),
                s.Count(key="verified", label="Verified", count=9),
            ),
            source="Register and value ledger.",
        ),
        risk=s.Risk(
            figures=(
                figure("breaches", "Outside appetite", "3", "3"),
                figure("unapproved", "Running without approval", "2", "2"),
            ),
            breaches=tuple(
                s.Breach(
                    ref=line.ref,
                    title=line.title,
                    tier=line.tier,
                    owner=line.owner,
                    residual=line.residual or 0,
                    appetite=9,
                    risk="Unfair outcome for a group",
                    accepted="",
                )
                for line in CASES[1:6:2]
            ),
            cells=tuple(s.RiskCell(likelihood=n, impact=n, count=n) for n in range(1, 5)),
            readiness=(
                s.Readiness(
                    framework="EU AI Act",
                    achieved=Decimal(78),
                    target=Decimal(85),
                    met=62,
                    required=80,
                    tone="warn",
                    words="Watch",
                ),
                s.Readiness(
                    framework="NIST AI RMF",
                    achieved=Decimal(88),
                    target=Decimal(85),
                    met=70,
                    required=80,
                    tone="good",
                    words="On track",
                ),
            ),
            unapproved=(
                s.Unapproved(
                    ref="UC-2026-0042",
                    title="Expense sorter",
                    tier=2,
                    owner="T. Ito",
                    since=DAY,
                    reason="Never submitted",
                ),
            ),
            unapproved_total=2,
            appetites={1: 4, 2: 6, 3: 9, 4: 6},
            source="Risk register.",
        ),
        decisions=s.Decisions(
            figures=(figure("decided", "High-risk decisions", "2", "2"),),
            decisions=(
                s.CouncilDecision(
                    ref="R-2026-0117",
                    use_case="UC-2026-0003",
                    title="Credit scoring v4",
                    tier=3,
                    decided_on=DAY,
                    kind="Council",
                    outcome="Approved with conditions",
                    tone="warn",
                    tally="5 for, 1 against",
                    votes=tuple(
                        s.SeatVote(seat=seat, choice="approve", mandatory=seat in ("Legal", "CISO"))
                        for seat in ("Legal", "CISO", "Risk", "Data", "Operations", "Customers")
                    ),
                    conditions=("Independent review of explainability by February 2027",),
                    reason="The benefit outweighs the residual risk.",
                ),
            ),
            source="Receipts of the decisions.",
        ),
        incidents=s.Incidents(
            figures=(figure("incidents", "Incidents", "2", "2"), figure("near_misses", "Near misses", "17", "17")),
            incidents=(
                s.IncidentLine(
                    ref="INC-2026-0009",
                    title="Wrong language in letters",
                    severity=3,
                    near_miss=False,
                    detected_on=DAY,
                    mitigated_hours=Decimal("6.5"),
                    state="Resolved",
                    affected="Claims letters",
                ),
            ),
            months=tuple(
                s.MonthCounts(month=month, incidents=4 - n // 4, near_misses=6 + n) for n, month in enumerate(MONTHS)
            ),
            source="Incident register.",
        ),
        budget=s.Budget(
            figures=(
                figure("spent", "Spent", "14200000", "$14.2M"),
                figure("planned", "Planned to date", "13600000", "$13.6M"),
            ),
            lines=(
                s.BudgetLine(
                    category="Claims",
                    planned=Decimal(8_000_000),
                    committed=Decimal(7_500_000),
                    actual=Decimal(8_700_000),
                    forecast=Decimal(11_600_000),
                    variance=Decimal("8.8"),
                    tone="warn",
                ),
            ),
            months=tuple(
                s.BudgetMonth(
                    month=date(2026, n, 1), planned=Decimal(1_500_000), actual=Decimal(1_600_000) if n < 10 else None
                )
                for n in range(1, 13)
            ),
            source="Cost files (FOCUS) and budget lines.",
        ),
        vendors=s.Vendors(
            figures=(figure("vendors", "Vendors scored", "7", "7"), figure("below", "Below the bar", "2", "2")),
            vendors=vendors,
            renewals=(
                s.Renewal(
                    vendor="Helios ML",
                    contract="Framework agreement",
                    ends_on=date(2027, 3, 31),
                    notice_by=date(2026, 11, 30),
                    value=Decimal(890_000),
                    currency="USD",
                    advice="Renegotiate",
                    missing=("No training on our data",),
                ),
            ),
            source="Scorecards 2026Q3, criteria 2026-11.",
        ),
        obligations=(
            s.Obligation(
                on=date(2026, 12, 2),
                title="Marking of generated content",
                source="EU AI Act, Art. 50(2)",
                unverified=True,
            ),
        ),
        kpis=tuple(
            kpi(number, perspective, status)
            for number, (perspective, status) in enumerate(
                (p, status)
                for p in ("value", "delivery", "adoption", "risk", "cost")
                for status in ("on_track", "watch", "off_track", "no_data", "on_track")
            )
        ),
        definitions=tuple(
            s.Definition(
                term=term, text="What it means, in one sentence that is long enough to wrap over a line or two."
            )
            for term in (
                "Use case",
                "Tier",
                "Residual risk",
                "Appetite",
                "Approval",
                "Coverage",
                "Incident",
                "Near miss",
            )
        ),
    )
