"""The risk posture: appetite, readiness, and what runs without approval."""

from collections import Counter

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.cases import Case, Cases
from caio_portal.briefings.snapshot.readiness import readiness
from caio_portal.briefings.snapshot.schema import Breach, Figure, Risk, RiskCell, Unapproved
from caio_portal.briefings.snapshot.scope import Scope
from governance import models as governance
from governance.standing import Standing

SHOWN = 8
SOURCE = "Risk register, tiers and approvals of the policy in force."


def risk(scope: Scope, cases: Cases) -> Risk:
    outside, unapproved = cases.outside, cases.unapproved
    return Risk(
        figures=_figures(scope, cases),
        breaches=tuple(breach_of(scope, cases, case) for case in outside),
        cells=_cells(cases),
        readiness=readiness(scope, cases),
        unapproved=tuple(_unapproved(case) for case in unapproved[:SHOWN]),
        unapproved_total=len(unapproved),
        appetites=cases.appetites,
        source=SOURCE,
    )


def _figures(scope: Scope, cases: Cases) -> tuple[Figure, ...]:
    high = [case for case in cases.running if case.high]
    approved = sum(case.approval is Standing.IN_FORCE for case in high)
    excepted = governance.PolicyException.objects.filter(
        use_case__in=[case.row.pk for case in cases.living], ended_at=None, expires_on__gte=scope.today
    )
    return (
        figures.count(
            scope, "outside_appetite", "Outside appetite", len(cases.outside),
            "Use cases whose greatest residual risk exceeds the appetite of their tier.",
        ),
        figures.count(
            scope, "unapproved", "Running without approval", len(cases.unapproved),
            "In production without an approval in force: none, stale, suspended or expired.",
        ),
        figures.share(
            scope, "high_approved", "High-risk approved", approved, len(high),
            "Tier 3 and above in production with an approval in force ÷ all of them.",
        ),
        figures.count(
            scope, "exceptions", "Exceptions in force", excepted.count(), "Exceptions granted, not ended, not expired."
        ),
    )  # fmt: skip


def breach_of(scope: Scope, cases: Cases, case: Case) -> Breach:
    worst = case.worst
    accepted = ""
    if worst and worst.is_accepted(scope.today):
        accepted = f"{worst.accepted_by}, until {worst.accepted_until:%-d %b %Y}"
    return Breach(
        ref=case.row.ref, title=case.title, tier=case.row.tier, owner=case.owner, residual=case.residual or 0,
        appetite=cases.appetites[case.row.tier or 5], accepted=accepted, link=case.link,
        risk=case.gravest or "Withheld",
    )  # fmt: skip


def _cells(cases: Cases) -> tuple[RiskCell, ...]:
    keys = [case.row.pk for case in cases.living]
    risks = governance.Risk.objects.filter(use_case__in=keys, closed_at=None)
    counts = Counter(risks.values_list("residual_likelihood", "residual_impact"))
    return tuple(
        RiskCell(likelihood=likelihood, impact=impact, count=count)
        for (likelihood, impact), count in sorted(counts.items())
    )


def _unapproved(case: Case) -> Unapproved:
    since = case.row.stage_since
    return Unapproved(
        ref=case.row.ref, title=case.title, tier=case.row.tier, owner=case.owner,
        since=since.date() if since else None,
        reason=f"Approval {case.approval.label.lower()}" if case.approval else "No approval for production",
    )  # fmt: skip
