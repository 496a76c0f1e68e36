"""Who keeps public registers; each rule returns None, or the sentence that says why not."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
READERS = (*OFFICE, Role.AUDITOR)


def objection_to_keep(user: User, unit: OrgUnit) -> str | None:
    roles = roles_of(user)
    if roles.everywhere(*OFFICE) or roles.has(*OFFICE, unit=unit.pk):
        return None
    return f"Only the CAIO office of {unit} tells the public about its use cases."
