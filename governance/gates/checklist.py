"""The checklist of one use case at one gate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from django.urls import reverse

from caio_portal.common import clock
from governance.gates.checks import CHECKS, Subject
from governance.gates.schema import Line, gates
from governance.models import PolicyException
from governance.selectors.policies import policy_in_force
from portfolio.conditions import compiled
from portfolio.models import UseCase
from portfolio.ports import Checklist, Requirement
from portfolio.stages import Stage, rank


def gate(use_case: UseCase, to: Stage) -> Checklist:
    """The checklist of a move to a stage, under the policy in force."""
    excused = _excused(use_case, clock.today())
    return Checklist(to, tuple(_excusing(use_case, line, excused) for line in _requirements(use_case, to)))


def _requirements(use_case: UseCase, to: Stage) -> Iterator[Requirement]:
    policy = policy_in_force()
    subject = Subject(use_case, to, policy, policy.tier(use_case.tier) if use_case.tier else None)
    for line in gates().requirements:
        if rank(to) >= rank(line.from_) and _concerns(line, use_case):
            yield from CHECKS[line.check](line, subject)


def _concerns(line: Line, use_case: UseCase) -> bool:
    """Whether the line is asked of this use case: as long as a fact is unknown, it might be."""
    if line.of_tier > 1 and (use_case.tier is None or use_case.tier < line.of_tier):
        return False
    return line.if_ is None or compiled(line.if_)(use_case.facts) is not False


def _excused(use_case: UseCase, today: date) -> dict[str, PolicyException]:
    rows = PolicyException.objects.filter(use_case=use_case, ended_at=None, expires_on__gte=today).exclude(
        requirement=""
    )
    return {row.requirement: row for row in rows}


def _exception_url(use_case: UseCase, key: str) -> str:
    if gates().excusable(key) is None:
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
