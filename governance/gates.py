"""The gate: what must be met before a use case moves to a later stage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from django.urls import reverse

from caio_portal.common import clock
from governance.models import Approval, PolicyException, Review, Risk
from governance.policy import Policy, Tier
from governance.selectors.controls import ControlLine, ControlSheet
from governance.selectors.policies import policy_in_force
from governance.standing import Standing, is_suspended, standing
from portfolio.models import UseCase
from portfolio.ports import Checklist, Requirement
from portfolio.stages import Stage, rank

# What somebody may be excused from besides controls; nothing excuses from a prohibition.
EXCUSABLE = {
    "owner": "Somebody owns it",
    "tier": "Its tier is known",
    "approval": "An approval that reaches this stage",
    "risk": "Residual risk is within the appetite, or accepted",
}


def gate(use_case: UseCase, to: Stage) -> Checklist:
    """The checklist of a move to a stage, under the policy in force."""
    policy = policy_in_force()
    excused = _excused(use_case, clock.today())
    lines = [_excusing(use_case, line, excused) for line in _requirements(use_case, to, policy)]
    return Checklist(to, tuple(lines))


def _requirements(use_case: UseCase, to: Stage, policy: Policy) -> Iterator[Requirement]:
    tier = policy.tier(use_case.tier) if use_case.tier else None
    owned = use_case.owner_id is not None
    name_one = reverse("portfolio:edit_use_case", args=[use_case.ref])
    yield Requirement("owner", EXCUSABLE["owner"], owned, "" if owned else "It has no owner.", name_one)
    yield _tier_known(use_case, to)
    if tier is None:
        return
    if tier.forbidden:
        why = f"Its tier is {tier.name.lower()}."
        yield Requirement("allowed", "It is not prohibited", False, why, _answers(use_case))
        return
    if rank(to) >= rank(tier.approval_from):
        yield _approval(use_case, to)
    yield from (_control(use_case, line) for line in ControlSheet.of(use_case, policy).due_by(to))
    if rank(to) >= rank(Stage.PRODUCTION):
        yield _risk(use_case, tier)


def _tier_known(use_case: UseCase, to: Stage) -> Requirement:
    """An experiment may begin while unknown facts could raise the tier; people meet it later only when none can."""
    known = use_case.tier is not None and (not use_case.tier_provisional or rank(to) < rank(Stage.PILOT))
    why = "Its tier is not yet known." if use_case.tier is None else "Unknown facts could still raise its tier."
    url = "" if known else _answers(use_case)
    return Requirement("tier", EXCUSABLE["tier"], known, "" if known else why, url)


def _answers(use_case: UseCase) -> str:
    """Where the facts are stated that are still open."""
    return reverse("portfolio:intake_resume", args=[use_case.ref])


def _control(use_case: UseCase, line: ControlLine) -> Requirement:
    url = reverse("governance:control_detail", args=[use_case.ref, line.control.id])
    return Requirement(f"control-{line.control.id}", line.control.title, line.passes, line.why, url, f"{url}#exception")


def _risk(use_case: UseCase, tier: Tier) -> Requirement:
    """No open risk stands above the appetite of the tier unless somebody has signed for it."""
    today = clock.today()
    risks = Risk.objects.filter(use_case=use_case, closed_at=None)
    above = [risk for risk in risks if risk.residual > tier.appetite and not risk.is_accepted(today)]
    why = f"{len(above)} above {tier.appetite} and not accepted." if above else ""
    url = f"{reverse('portfolio:use_case_tab', args=[use_case.ref, 'controls'])}#risks"
    return Requirement("risk", EXCUSABLE["risk"], not above, why, url)


def _approval(use_case: UseCase, to: Stage) -> Requirement:
    """An approval in force that reaches as far as the stage."""
    why = _objection_to_approval(use_case, to)
    return Requirement("approval", f"Approval for {to.label.lower()}", not why, why, _approval_url(use_case, to, why))


def _approval_url(use_case: UseCase, to: Stage, why: str) -> str:
    """Where the approval comes from: the review that is open, or else where one asks for it."""
    if not why:
        return ""
    review = Review.objects.open().filter(use_case=use_case).only("ref").first()
    return review.get_absolute_url() if review else reverse("governance:ask_at_gate", args=[use_case.ref, to])


def _objection_to_approval(use_case: UseCase, to: Stage) -> str:
    approvals = Approval.objects.filter(use_case=use_case, ended_at=None).prefetch_related("suspensions")
    approval = approvals.first()
    if approval is None:
        return "Nobody has approved it yet."
    approval.use_case = use_case
    how = standing(approval, suspended=is_suspended(approval.suspensions.all()), today=clock.today())
    if how == Standing.STALE:
        return "Its approval is stale: facts that it rests on have changed."
    if how != Standing.IN_FORCE:
        return f"Its approval is {how.label.lower()}."
    if rank(approval.up_to_stage) < rank(to):
        return f"Its approval goes up to {Stage(approval.up_to_stage).label.lower()} only."
    return ""


def _excused(use_case: UseCase, today: date) -> dict[str, PolicyException]:
    rows = PolicyException.objects.filter(use_case=use_case, ended_at=None, expires_on__gte=today).exclude(
        requirement=""
    )
    return {row.requirement: row for row in rows}


def _exception_url(use_case: UseCase, key: str) -> str:
    if key not in EXCUSABLE:
        return ""
    return reverse("governance:except_requirement", args=[use_case.ref, key])


def _excusing(use_case: UseCase, line: Requirement, excused: dict[str, PolicyException]) -> Requirement:
    """A requirement that an exception excuses counts as met, and says until when."""
    exception = excused.get(line.key)
    if line.met:
        return line
    if exception is None:
        return replace(line, exception_url=line.exception_url or _exception_url(use_case, line.key))
    until = f"Excepted until {exception.expires_on:%-d %B %Y}."
    return Requirement(line.key, line.text, True, until, line.url)
