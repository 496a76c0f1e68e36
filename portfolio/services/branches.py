"""A unit joins a use case of another one."""

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import people_with
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import rules
from portfolio.models import Branch, BranchState, Part, UseCase
from portfolio.services.editing import lock
from portfolio.services.naming import name_person

_LIVE = (BranchState.ASKED, BranchState.JOINED)


@transaction.atomic
def ask_to_join(use_case_id: int, unit_id: int, purpose: str, *, by: User) -> Branch:
    """Ask those who lead a use case to let a unit take part in it, instead of registering it a second time."""
    use_case, unit = lock(use_case_id), OrgUnit.objects.get(pk=unit_id)
    require(rules.objection_to_ask(by, use_case, unit))
    if not purpose.strip():
        raise Invalid("Say what your unit would use it for.", "purpose")
    if use_case.branches.filter(unit=unit, state__in=_LIVE).exists():
        raise Invalid(f"{unit} takes part in it, or has asked to.", "unit")
    branch = Branch.objects.create(
        use_case=use_case, unit=unit, purpose=purpose.strip(), asked_by=by, asked_at=clock.now()
    )
    record("use_case.join_asked", use_case, by=by, joining=unit.name, purpose=branch.purpose[:500])
    text = f"{by} has the same need in {unit} and would like to join {use_case}."
    notify(_leaders(use_case, by), use_case, text, f"{use_case.get_absolute_url()}#branches")
    return branch


@transaction.atomic
def settle_branch(branch_id: int, *, joins: bool, conditions: str = "", by: User) -> Branch:
    """Let a unit join, on conditions if any; or decline, and say why. Whoever asked is named as a reader."""
    branch = _lock(branch_id)
    require(rules.objection_to_settle_branch(by, branch))
    if not joins and not conditions.strip():
        raise Invalid("Say why not.", "conditions")
    branch.state = BranchState.JOINED if joins else BranchState.DECLINED
    branch.conditions, branch.settled_by, branch.settled_at = conditions.strip(), by, clock.now()
    branch.save(update_fields=["state", "conditions", "settled_by", "settled_at"])
    action = "use_case.joined" if joins else "use_case.join_declined"
    record(action, branch.use_case, by=by, joining=branch.unit.name, conditions=branch.conditions[:500])
    if joins:
        name_person(branch.use_case_id, branch.asked_by, Part.READER, by=by)
    said = (
        f"{branch.unit} takes part in {branch.use_case}" if joins else f"{branch.unit} does not join {branch.use_case}"
    )
    text = f"{said}. {branch.conditions}".strip()
    notify([branch.asked_by], branch.use_case, text, f"{branch.use_case.get_absolute_url()}#branches")
    return branch


@transaction.atomic
def end_branch(branch_id: int, *, by: User) -> Branch:
    """The unit takes no part any more; that it did stays."""
    branch = _lock(branch_id)
    require(rules.objection_to_end_branch(by, branch))
    branch.state, branch.ended_at = BranchState.ENDED, clock.now()
    branch.save(update_fields=["state", "ended_at"])
    record("use_case.branch_ended", branch.use_case, by=by, joining=branch.unit.name)
    return branch


def _lock(branch_id: int) -> Branch:
    rows = Branch.objects.select_for_update(of=("self",)).select_related("use_case__unit", "unit", "asked_by")
    return rows.get(pk=branch_id)


def _leaders(use_case: UseCase, by: User) -> list[User]:
    """Its parties; the office where nobody is named yet."""
    parties = [person for person in (use_case.owner, use_case.requester, use_case.sponsor) if person and person != by]
    return parties or [person for person in people_with(*rules.OFFICE, unit=use_case.unit) if person != by]
