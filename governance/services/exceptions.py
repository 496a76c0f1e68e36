"""Exceptions: leave to miss one control or requirement for a time."""

from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.gates import gates
from governance.models import ExceptionKind, PolicyException, State
from governance.policy import Policy
from governance.rules import controls as rules
from governance.rules import waivers
from governance.selectors.policies import policy_in_force
from governance.services.controls import change_state, locked, state_of
from portfolio.models import UseCase


@transaction.atomic
def grant_exception(
    use_case_id: int,
    *,
    by: User,
    expires_on: date,
    reason: str,
    compensating: str,
    control: str = "",
    requirement: str = "",
    kind: ExceptionKind = ExceptionKind.ORDINARY,
    requested_by: User | None = None,
    public_summary: str = "",
) -> PolicyException:
    """Excuse a use case from one control (or one requirement of a gate) until a day; an older exception ends."""
    use_case, policy = locked(use_case_id), policy_in_force()
    tier = policy.tier(use_case.tier) if use_case.tier else None
    require(rules.objection_to_except(by, use_case, kind, tier, expires_on))
    what = _what(policy, control, requirement)
    if not reason.strip() or not compensating.strip():
        raise Invalid("Say why, and what compensates for it.", "compensating" if reason.strip() else "reason")
    waived = kind == ExceptionKind.WAIVER
    if waived:
        require(waivers.objection_to_waive(by, use_case, control))
        if missing := waivers.mistakes_in_waiver(reason, public_summary):
            raise Invalid(*missing)
    renewed = _end_open(use_case, control, requirement)
    exception = PolicyException.objects.create(
        use_case=use_case, kind=kind, control=control, requirement=requirement, reason=reason.strip(),
        compensating=compensating.strip(), requested_by=requested_by, approved_by=by, granted_at=clock.now(),
        expires_on=expires_on, renewed_from=renewed, public_summary=public_summary.strip() if waived else "",
        material_hash=use_case.material_hash if waived else "",
    )  # fmt: skip
    if control and (current := state_of(use_case, control)).state != State.EXCEPTED:
        change_state(use_case, current, State.EXCEPTED, reason=reason.strip(), title=what, by=by)
    record(
        "exception.granted", use_case, by=by, what=what, kind=ExceptionKind(kind).label, expires_on=expires_on,
        reason=reason.strip(), compensating=compensating.strip(),
    )  # fmt: skip
    return exception


@transaction.atomic
def end_exception(exception_id: int, *, by: User) -> PolicyException:
    """End an exception before its day: its control is due again."""
    exception = PolicyException.objects.select_for_update().get(pk=exception_id)
    use_case = locked(exception.use_case_id)
    require(rules.objection_to_end_exception(by, use_case, exception))
    exception.ended_at = clock.now()
    exception.save(update_fields=["ended_at"])
    # The gates may ask no more for what it excused from.
    gone = bool(exception.requirement) and gates().excusable(exception.requirement) is None
    what = exception.requirement if gone else _what(policy_in_force(), exception.control, exception.requirement)
    if exception.control:
        current = state_of(use_case, exception.control)
        change_state(use_case, current, State.IN_PROGRESS, reason="", title=what, by=by)
    record("exception.ended", use_case, by=by, what=what)
    return exception


def _what(policy: Policy, control: str, requirement: str) -> str:
    if bool(control) == bool(requirement):
        raise Invalid("An exception is from one control or from one requirement.", "control")
    if requirement:
        words = gates().excusable(requirement)
        if words is None:
            raise Invalid("Nothing excuses from that.", "reason")
        return words
    try:
        return policy.control(control).title
    except KeyError:
        raise Invalid(f"The policy has no control {control}.", "control") from None


def _end_open(use_case: UseCase, control: str, requirement: str) -> PolicyException | None:
    """End what is still open from the same thing; it is then renewed."""
    older = PolicyException.objects.filter(
        use_case=use_case, control=control, requirement=requirement, ended_at=None
    ).first()
    if older:
        older.ended_at = clock.now()
        older.save(update_fields=["ended_at"])
    return older
