"""What a line of a gate can look at. Each check gives the lines of the checklist that it stands for, mostly one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from caio_portal.common import clock
from governance.gates import schema
from governance.gates.schema import words_of
from governance.models import Approval, Review, Risk
from governance.policy import Policy, Tier
from governance.selectors.controls import ControlLine, ControlSheet
from governance.standing import Standing, is_suspended, standing
from portfolio.conditions import compiled, described
from portfolio.facts import CATALOGUE
from portfolio.models import Benefit, BenefitState, CostLine, UseCase
from portfolio.ports import Requirement
from portfolio.stages import Stage, rank

_BENEFITS = tuple(BenefitState)  # from the claim on


@dataclass(frozen=True)
class Subject:
    """The use case at the gate, and its tier under the policy in force, once that is known."""

    use_case: UseCase
    to: Stage
    policy: Policy
    tier: Tier | None

    @property
    def is_governed(self) -> bool:
        """Whether its tier says what it needs; of what is prohibited nothing else is asked."""
        return self.tier is not None and not self.tier.forbidden


def _line(line: Any, subject: Subject, why: str, url: str = "") -> Requirement:
    """Met if WHY is empty."""
    return Requirement(line.key, words_of(line, subject.to), not why, why, url)


def _person(line: schema.Person, subject: Subject) -> Iterator[Requirement]:
    named = getattr(subject.use_case, f"{line.part}_id") is not None
    name_one = reverse("portfolio:edit_use_case", args=[subject.use_case.ref])
    yield _line(line, subject, "" if named else f"It has no {line.part}.", name_one)


def _tier(line: schema.TierKnown, subject: Subject) -> Iterator[Requirement]:
    """An experiment may begin while unknown facts could raise the tier; people meet it later only when none can."""
    use_case, why = subject.use_case, ""
    if use_case.tier is None:
        why = "Its tier is not yet known."
    elif use_case.tier_provisional and rank(subject.to) >= rank(line.firm_from):
        why = "Unknown facts could still raise its tier."
    yield _line(line, subject, why, _answers(use_case) if why else "")


def _allowed(line: schema.Allowed, subject: Subject) -> Iterator[Requirement]:
    """Said only of what is prohibited."""
    if subject.tier is not None and subject.tier.forbidden:
        yield _line(line, subject, f"Its tier is {subject.tier.name.lower()}.", _answers(subject.use_case))


def _controls(line: schema.Controls, subject: Subject) -> Iterator[Requirement]:
    if subject.is_governed:
        sheet = ControlSheet.of(subject.use_case, subject.policy)
        yield from (_control(subject.use_case, one) for one in sheet.due_by(subject.to))


def _control(use_case: UseCase, line: ControlLine) -> Requirement:
    url = reverse("governance:control_detail", args=[use_case.ref, line.control.id])
    return Requirement(f"control-{line.control.id}", line.control.title, line.passes, line.why, url, f"{url}#exception")


def _risk(line: schema.RiskWithin, subject: Subject) -> Iterator[Requirement]:
    """No open risk stands above the appetite of the tier unless somebody has signed for it."""
    if not subject.is_governed or subject.tier is None:
        return
    today, appetite = clock.today(), subject.tier.appetite
    risks = Risk.objects.filter(use_case=subject.use_case, closed_at=None)
    above = [risk for risk in risks if risk.residual > appetite and not risk.is_accepted(today)]
    url = f"{reverse('portfolio:use_case_tab', args=[subject.use_case.ref, 'controls'])}#risks"
    yield _line(line, subject, f"{len(above)} above {appetite} and not accepted." if above else "", url)


def _approval(line: schema.ApprovalReaches, subject: Subject) -> Iterator[Requirement]:
    """An approval in force that reaches as far as the stage, from the stage on from which the tier wants one."""
    if subject.is_governed and subject.tier and rank(subject.to) >= rank(subject.tier.approval_from):
        why = _objection_to_approval(subject.use_case, subject.to)
        yield _line(line, subject, why, _approval_url(subject.use_case, subject.to, why))


def _fact(line: schema.FactStated, subject: Subject) -> Iterator[Requirement]:
    stated = subject.use_case.facts.get(line.fact) is not None
    why = "" if stated else f"Not answered yet: {CATALOGUE[line.fact].label}."
    yield _line(line, subject, why, _answers(subject.use_case))


def _condition(line: schema.Holds, subject: Subject) -> Iterator[Requirement]:
    held = compiled(line.holds)(subject.use_case.facts)
    why = "" if held else f"{'Not known yet' if held is None else 'Not so'}: {described(line.holds)}."
    yield _line(line, subject, why, _answers(subject.use_case))


def _benefit(line: schema.BenefitAt, subject: Subject) -> Iterator[Requirement]:
    """A benefit of its own, or a share of one, that has come so far."""
    far = _BENEFITS[_BENEFITS.index(line.state) :]
    stated = Benefit.objects.filter(use_case=subject.use_case, voided_at=None)
    reached = any((other or own) in far for own, other in stated.values_list("state", "same_as__state"))
    why = "" if reached else f"No benefit is {line.state.label.lower()} yet."
    yield _line(line, subject, why, _value(subject.use_case))


def _cost(line: schema.CostKnown, subject: Subject) -> Iterator[Requirement]:
    known = CostLine.objects.filter(use_case=subject.use_case, voided_at=None).exists()
    yield _line(line, subject, "" if known else "No cost is stated.", _value(subject.use_case))


CHECKS: dict[str, Callable[[Any, Subject], Iterator[Requirement]]] = {
    "person": _person,
    "tier": _tier,
    "allowed": _allowed,
    "approval": _approval,
    "controls": _controls,
    "risk": _risk,
    "fact": _fact,
    "condition": _condition,
    "benefit": _benefit,
    "cost": _cost,
}


def _answers(use_case: UseCase) -> str:
    """Where the facts are stated that are still open."""
    return reverse("portfolio:intake_resume", args=[use_case.ref])


def _value(use_case: UseCase) -> str:
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "value"])


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
