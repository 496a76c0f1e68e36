"""Who takes a second look, and at what."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Conflict, SecondLook
from governance.rules.conflicts import objection_by
from governance.rules.reviews import PARTY, is_party

LOOKERS = (Role.REVIEWER, Role.COUNCIL_MEMBER, Role.CAIO_OFFICE, Role.CAIO)
READERS = (*LOOKERS, Role.AUDITOR)


def objection_to_look(user: User, look: SecondLook) -> str | None:
    review = look.decision.review
    if not look.is_waiting:
        return "Somebody has looked at this already."
    if not roles_of(user).has(*LOOKERS, unit=review.use_case.unit_id):
        return "Only reviewers, council members and the CAIO office take a second look."
    if is_party(user, review):
        return PARTY
    return objection_by(Conflict.objects.of(user, review.use_case))
