"""Who may say what about controls, evidence and exceptions: None, or the sentence that says why not."""

from datetime import date, timedelta

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from governance.models import Evidence, ExceptionKind, Grade, PolicyException, State
from governance.policy import Tier
from portfolio import rules as portfolio
from portfolio.models import UseCase

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
EXCEPTION_DAYS = 365


def objection_to_set_control(user: User, use_case: UseCase, state: str, reason: str, valid_evidence: int) -> str | None:
    """The team reports progress; that a control does not apply is for somebody who is no party to say."""
    if state == State.EXCEPTED:
        return "A control is excepted by granting an exception."
    if state == State.NOT_APPLICABLE:
        return objection_to_judge(user, use_case) or _objection_to_no_reason(reason)
    if objection := objection_to_work_on_controls(user, use_case):
        return objection
    if state == State.MET and not valid_evidence:
        return "Record evidence first: a control is met when evidence that is still valid says so."
    return None


def objection_to_work_on_controls(user: User, use_case: UseCase) -> str | None:
    """Whoever may change a use case records how far it is with its controls; so do its reviewers."""
    objection = portfolio.objection_to_edit(user, use_case)
    return objection if objection and objection_to_judge(user, use_case) else None


def objection_to_grade(user: User, use_case: UseCase, evidence: Evidence, grade: str) -> str | None:
    if evidence.withdrawn_at:
        return "This evidence was withdrawn."
    if evidence.by_id == user.pk:
        return "Somebody else grades the evidence that you recorded."
    if grade not in Grade.values:
        return "That is not a grade."
    return objection_to_judge(user, use_case)


def objection_to_withdraw(user: User, use_case: UseCase, evidence: Evidence) -> str | None:
    if evidence.withdrawn_at:
        return "This evidence was withdrawn already."
    if evidence.by_id == user.pk:
        return None
    return portfolio.objection_to_edit(user, use_case)


def objection_to_except(user: User, use_case: UseCase, kind: str, tier: Tier | None, expires_on: date) -> str | None:
    """The office excepts where it also approves; a waiver, and whatever the council decides on, is the CAIO's."""
    if objection := objection_to_ask_for_exception(user, use_case):
        return objection
    today = clock.today()
    if tier is not None and tier.forbidden:
        return "What is prohibited gets no exception."
    if not today < expires_on <= today + timedelta(days=EXCEPTION_DAYS):
        return "An exception ends within a year; it can be renewed then."
    if roles_of(user).has(Role.CAIO, unit=use_case.unit_id):
        return None
    if kind != ExceptionKind.ORDINARY:
        return f"Only the Chief AI Officer grants this: {ExceptionKind(kind).label.lower()}."
    if tier is None or tier.number > 2:
        return "Only the Chief AI Officer grants exceptions to a use case of this tier."
    return None


def objection_to_ask_for_exception(user: User, use_case: UseCase) -> str | None:
    """Whether the form is offered at all."""
    if user.pk in use_case.party_ids:
        return "You are a party of this use case: somebody else grants its exceptions."
    if roles_of(user).has(*OFFICE, unit=use_case.unit_id):
        return None
    return "Only the Chief AI Officer and the CAIO office grant exceptions."


def objection_to_end_exception(user: User, use_case: UseCase, exception: PolicyException) -> str | None:
    if exception.ended_at:
        return "This exception has ended."
    if exception.kind == ExceptionKind.WAIVER and not roles_of(user).has(Role.CAIO, unit=use_case.unit_id):
        return "Only the Chief AI Officer revokes a waiver."
    if roles_of(user).has(*OFFICE, unit=use_case.unit_id):
        return None
    return "Only the CAIO office ends an exception."


def objection_to_judge(user: User, use_case: UseCase) -> str | None:
    """Reviewers and the office judge controls and evidence, unless they are parties."""
    if user.pk in use_case.party_ids:
        return "You are a party of this use case: somebody else says that."
    roles = roles_of(user)
    if roles.has(*OFFICE, Role.REVIEWER, unit=use_case.unit_id):
        return None
    return "Only reviewers and the CAIO office say that."


def _objection_to_no_reason(reason: str) -> str | None:
    return None if reason.strip() else "Say why the control does not apply."
