"""What the reader is asked to decide, derived from the records: each with its reason."""

from collections.abc import Iterable
from datetime import date, timedelta

from caio_portal.briefings.snapshot.cases import Case, Cases
from caio_portal.briefings.snapshot.schema import Budget, Request, Vendors
from caio_portal.briefings.snapshot.scope import Scope
from caio_portal.common.words import inner
from governance.models import ReviewStep, StepKind

AT_MOST = 7
SOON = timedelta(days=120)
OFF_PLAN = 10  # percent


def requests(
    cases: Cases, vendors: Vendors, budget: Budget, *, scope: Scope, waiting: Iterable[ReviewStep] | None = None
) -> tuple[Request, ...]:
    """What waits for a decision; WAITING are the running steps of open reviews, if they were read before."""
    steps = acceptances_waiting(scope) if waiting is None else waiting
    found = [
        *_acceptances(cases, steps),
        *_outside_appetite(scope, cases),
        *_running_high(cases),
        *_renewals(scope, vendors),
        *_budget(budget),
    ]
    return tuple(found[:AT_MOST])


def acceptances_waiting(scope: Scope) -> Iterable[ReviewStep]:
    """Steps on which a sponsor's signature is awaited."""
    return ReviewStep.objects.filter(
        kind=StepKind.ACCEPT_RISK, started_at__isnull=False, finished_at=None, review__closed_at=None,
        review__use_case__unit__in=scope.unit_ids, review__use_case__confidential=False,
    ).select_related("review__use_case")  # fmt: skip


def _acceptances(cases: Cases, steps: Iterable[ReviewStep]) -> list[Request]:
    """The first to become due lead."""
    wanted = [step for step in steps if step.kind == StepKind.ACCEPT_RISK]
    wanted.sort(key=lambda step: (step.due_on or date.max, step.pk))
    return [
        Request(
            title=f"Accept or refuse the risk of {step.review.use_case.title}",
            why=f"The council has voted on {step.review.ref}; a use case of tier {step.review.tier} also needs the "
            "signed acceptance of its executive sponsor.",
            who=cases.by_key[step.review.use_case_id].sponsor_name or "Executive sponsor", by=step.due_on,
            mark="Decision due", tone="bad", link=step.review.get_absolute_url(),
        )
        for step in wanted[:2]
    ]  # fmt: skip


def _outside_appetite(scope: Scope, cases: Cases) -> list[Request]:
    open_ = [case for case in cases.outside if not (case.worst and case.worst.is_accepted(scope.today))]
    return [_acceptance(cases, case) for case in open_[:2]]


def _acceptance(cases: Cases, case: Case) -> Request:
    appetite = cases.appetites[case.row.tier or 5]
    risk = f" ({inner(case.gravest)})" if case.gravest else ""
    return Request(
        title=f"Accept or reduce the residual risk of {case.title}",
        why=f"Its greatest residual risk{risk} is {case.residual} against an appetite of {appetite} for tier "
        f"{case.row.tier}, and nobody has accepted it.",
        who=case.sponsor_name or case.owner_name or "Executive sponsor", by=None, mark="For acceptance", tone="warn",
        link=case.link,
    )  # fmt: skip


def _running_high(cases: Cases) -> list[Request]:
    high = [case for case in cases.unapproved if case.high]
    if not high:
        return []
    names = ", ".join(case.title for case in high[:3]) + (f" and {len(high) - 3} more" if len(high) > 3 else "")
    return [
        Request(
            title="Pause what is high-risk and runs without approval, or set a date",
            why=f"In production without an approval in force: {names}.", who="Executive committee", by=None,
            mark="Decision due", tone="bad", link="/use-cases/?stage=production",
        )
    ]  # fmt: skip


def _renewals(scope: Scope, vendors: Vendors) -> list[Request]:
    wanted = ("Renegotiate", "Replace", "Exit")
    due = [row for row in vendors.renewals if row.notice_by <= scope.today + SOON and row.advice in wanted]
    reasons = {line.name: line.reason for line in vendors.vendors}
    return [
        Request(
            title=f"{row.advice} {row.vendor}: decide before notice is due",
            why=f"{_because(reasons.get(row.vendor, ''))} The contract ends on {row.ends_on:%-d %B %Y}.".strip(),
            who="Vendor management", by=row.notice_by, mark="Recommended", tone="warn", link="/vendors/renewals/",
        )
        for row in due[:2]
    ]  # fmt: skip


def _because(reason: str) -> str:
    """Without the recommendation, which the title says."""
    _, _, because = reason.partition(": ")
    return because[:1].upper() + because[1:] if because else reason


def _budget(budget: Budget) -> list[Request]:
    variance = next((figure for figure in budget.figures if figure.key == "budget_variance"), None)
    if variance is None or variance.value is None or abs(variance.value) <= OFF_PLAN:
        return []
    over = variance.value > 0
    return [
        Request(
            title="Confirm the forecast, or bring spending back to plan" if over else "Release what will not be spent",
            why=f"Spending is {abs(variance.value):.1f}% {'above' if over else 'below'} the plan to date.",
            who="Chief Financial Officer", by=None, mark="Recommended", tone="warn", link="/kpis/budget_variance/",
        )
    ]  # fmt: skip
