"""Who may do what with a use case, and when: each rule returns None, or the sentence that says why not."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.models import Part, Source, UseCase
from portfolio.stages import MOVES, Stage

REGISTRANTS = (Role.REQUESTER, Role.OWNER, Role.CAIO, Role.CAIO_OFFICE)
OFFICE = (Role.CAIO, Role.CAIO_OFFICE)


def objection_to_register(user: User, unit: OrgUnit) -> str | None:
    """Requesters, owners and the office register, in their units."""
    if roles_of(user).has(*REGISTRANTS, unit=unit.pk):
        return None
    return f"You hold no role that registers use cases in {unit.name}."


def objection_to_edit(user: User, use_case: UseCase) -> str | None:
    """Its parties, contributors and the office edit; nobody changes what is retired or was withdrawn."""
    if use_case.voided_at:
        return "This use case was withdrawn."
    if use_case.stage == Stage.RETIRED:
        return "A retired use case is not changed any more."
    return _objection_to_lead(user, use_case)


def objection_to_submit(user: User, use_case: UseCase, missing: int) -> str | None:
    if objection := objection_to_edit(user, use_case):
        return objection
    if missing:
        return f"{missing} needed question{'s are' if missing > 1 else ' is'} not answered yet."
    return None


def objection_to_move(user: User, use_case: UseCase, to: Stage) -> str | None:
    """Whether the step exists and is this person's to take; the gate is asked elsewhere."""
    if objection := objection_to_edit(user, use_case):
        return objection
    if use_case.paused_at:
        return "A paused use case is resumed before it moves."
    if use_case.stage and to not in MOVES[Stage(use_case.stage)]:
        return f"A use case in {Stage(use_case.stage).label.lower()} cannot move to {to.label.lower()}."
    return None


def objection_to_pause(user: User, use_case: UseCase) -> str | None:
    if use_case.paused_at:
        return "This use case is paused already."
    return objection_to_edit(user, use_case)


def objection_to_resume(user: User, use_case: UseCase) -> str | None:
    if not use_case.paused_at:
        return "This use case is not paused."
    return objection_to_edit(user, use_case)


def objection_to_retire(user: User, use_case: UseCase) -> str | None:
    if use_case.stage is None:
        return "No stage is stated for this use case: record one first."
    return objection_to_edit(user, use_case)


def objection_to_settle_duty(user: User, use_case: UseCase) -> str | None:
    """Those who led a use case also finish its end; until then there is nothing to settle."""
    if use_case.stage != Stage.RETIRED:
        return "This use case is not retired."
    return _objection_to_lead(user, use_case)


def objection_to_discard(user: User, use_case: UseCase, submissions: int) -> str | None:
    """Only a draft that nobody has reviewed may be discarded."""
    if use_case.source == Source.IMPORT:
        return "An imported use case goes when its batch is withdrawn."
    if submissions or use_case.stage != Stage.IDEA:
        return "It has been submitted or moved: retire it instead."
    return objection_to_edit(user, use_case)


def objection_to_name_people(user: User, use_case: UseCase) -> str | None:
    return objection_to_edit(user, use_case)


def objection_to_verify(user: User, use_case: UseCase) -> str | None:
    """Finance verifies a benefit: a reviewer of that function who is no party."""
    if user.pk in use_case.party_ids:
        return "You are a party of this use case: somebody else verifies its benefits."
    if is_office(user, use_case.unit_id) or "finance" in roles_of(user).functions(unit=use_case.unit_id):
        return None
    return "Finance reviewers and the CAIO office verify benefits."


def objection_to_write_questionnaires(user: User) -> str | None:
    """The questions are the same for everybody, so the office of a whole organisation writes them."""
    if roles_of(user).everywhere(*OFFICE):
        return None
    return "Only the CAIO office of the whole organisation writes and publishes the questions."


def objection_to_weigh(user: User) -> str | None:
    """One ranking for everybody: the office of the whole organisation sets its weights."""
    if roles_of(user).everywhere(*OFFICE):
        return None
    return "Only the CAIO office of the whole organisation sets the weights."


def objection_to_share_view(user: User) -> str | None:
    if roles_of(user).has(*OFFICE):
        return None
    return "Only the CAIO office shares views with everybody."


def is_office(user: User, unit_id: int) -> bool:
    """Whether the person runs the programme for a unit."""
    return roles_of(user).has(*OFFICE, unit=unit_id)


def _objection_to_lead(user: User, use_case: UseCase) -> str | None:
    if user.pk in use_case.party_ids or is_office(user, use_case.unit_id):
        return None
    if roles_of(user).has(Role.OWNER, unit=use_case.unit_id):
        return None
    if any(person.user_id == user.pk and person.part == Part.CONTRIBUTOR for person in use_case.people.all()):
        return None
    return "Only its requester, owner, sponsor, contributors and the CAIO office change a use case."
