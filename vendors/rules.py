"""Who may do what with vendors, and when."""

from collections.abc import Sequence

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from vendors.criteria import Criterion
from vendors.models import Vendor

VIEWERS = (
    Role.VENDOR_MANAGER,
    Role.CAIO,
    Role.CAIO_OFFICE,
    Role.EXECUTIVE,
    Role.COUNCIL_MEMBER,
    Role.REVIEWER,
    Role.AUDITOR,
)
KEEPERS = (Role.VENDOR_MANAGER, Role.CAIO_OFFICE, Role.CAIO)


def objection_to_register(user: User) -> str | None:
    return None if roles_of(user).has(*KEEPERS) else "Only vendor managers and the CAIO office keep vendors."


def objection_to_edit(user: User, vendor: Vendor) -> str | None:
    if objection := objection_to_register(user):
        return objection
    return f"{vendor} is retired: nothing about it changes any more." if vendor.retired_at else None


def objection_to_score(user: User, vendor: Vendor, criterion: Criterion, quarter: Quarter) -> str | None:
    if objection := objection_to_edit(user, vendor):
        return objection
    if criterion.computed:
        return f"{criterion.title} is computed by the portal and not scored by hand."
    running = Quarter.of(clock.today())
    if quarter not in (running, running.previous):
        return f"Scores are given for {running} and {running.previous}; earlier scorecards do not change."
    return None


def objection_to_retire(user: User, vendor: Vendor, reasons: Sequence[str]) -> str | None:
    """REASONS: what the apps above say against it, see VendorPanel.keeps."""
    return objection_to_edit(user, vendor) or next(iter(reasons), None)
