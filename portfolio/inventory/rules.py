"""Who may import, withdraw and read inventories; each rule returns None, or the sentence that says why not."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from portfolio.models import BatchState, ExternalRow, ImportBatch

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
READERS = (*OFFICE, Role.AUDITOR)


def objection_to_import(user: User, unit: str) -> str | None:
    """The office imports into its units; a new tree is made by the office of a whole one."""
    roles = roles_of(user)
    if roles.everywhere(*OFFICE):
        return None
    found = OrgUnit.objects.filter(name=unit).order_by("path").first()
    if found is None:
        return f"There is no unit {unit}, and only the office of the whole organisation makes one."
    return None if roles.has(*OFFICE, unit=found.pk) else f"Only the CAIO office of {unit} imports into it."


def objection_to_withdraw(user: User, batch: ImportBatch) -> str | None:
    """The office withdraws what is done, the latest batch first."""
    roles = roles_of(user)
    if not (roles.everywhere(*OFFICE) or roles.has(*OFFICE, unit=batch.unit_id)):
        return "Only the CAIO office withdraws a batch."
    if batch.state == BatchState.WITHDRAWN:
        return "This batch was withdrawn already."
    if batch.state != BatchState.DONE:
        return "This batch is still being imported."
    later = (
        ExternalRow.objects.filter(before__batch=batch.pk).order_by("-batch").values_list("batch", flat=True).first()
    )
    if later:
        return f"Batch {later} changed rows of this batch: withdraw that one first."
    return None
