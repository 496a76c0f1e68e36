"""Who may record and accept risks."""

from datetime import date, timedelta

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from governance.models import Risk
from governance.rules.controls import objection_to_work_on_controls
from portfolio.models import UseCase

ACCEPTANCE_DAYS = 365
SIGNERS = (Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE)


def objection_to_record_risk(user: User, use_case: UseCase) -> str | None:
    """The team and its reviewers name risks."""
    return objection_to_work_on_controls(user, use_case)


def objection_to_change_risk(user: User, risk: Risk) -> str | None:
    if risk.closed_at:
        return "This risk is closed."
    return objection_to_work_on_controls(user, risk.use_case)


def objection_to_accept_risk(user: User, risk: Risk, appetite: int | None, until: date) -> str | None:
    """Who may sign, for a year at most."""
    if objection := objection_to_sign(user, risk, appetite):
        return objection
    today = clock.today()
    if not today < until <= today + timedelta(days=ACCEPTANCE_DAYS):
        return "An acceptance ends within a year; it can be renewed then."
    return None


def objection_to_sign(user: User, risk: Risk, appetite: int | None) -> str | None:
    """Within the appetite of the tier the office accepts; above it the CAIO or an executive signs."""
    if risk.closed_at:
        return "This risk is closed."
    if user.pk in {risk.use_case.owner_id, risk.use_case.requester_id}:
        return "You own or request this use case: somebody else accepts its risks."
    within = appetite is not None and risk.residual <= appetite
    wanted = [Role.CAIO, Role.EXECUTIVE, *([Role.CAIO_OFFICE] if within else [])]
    if roles_of(user).has(*wanted, unit=risk.use_case.unit_id):
        return None
    if within:
        return "The CAIO office, the Chief AI Officer and executives accept risks."
    return "This risk is above the appetite of its tier: only the Chief AI Officer or an executive accepts it."
