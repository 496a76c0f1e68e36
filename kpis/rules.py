"""Who may see figures, and who may change what they are measured by."""

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from kpis.models import BatchState, Feed, FeedBatch

VIEWERS = (
    Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.COUNCIL_MEMBER, Role.AUDITOR, Role.VENDOR_MANAGER, Role.REVIEWER,
    Role.OWNER,
)  # fmt: skip
KEEPERS = (Role.CAIO, Role.CAIO_OFFICE)
# Feeds show files with names of accounts and what they cost.
READERS = (*KEEPERS, Role.AUDITOR)


def objection_to_set_target(user: User, unit: OrgUnit | None) -> str | None:
    roles = roles_of(user)
    allowed = roles.everywhere(*KEEPERS) if unit is None else roles.has(*KEEPERS, unit=unit.pk)
    return None if allowed else "Targets are set by the CAIO and their office, for the units that they hold."


def objection_to_feed(user: User, feed: Feed) -> str | None:
    """Whether somebody may change a feed and what it delivered."""
    if not roles_of(user).has(*KEEPERS, unit=feed.unit_id):
        return "Feeds are kept by the CAIO and their office."
    return "This feed is retired." if feed.retired_at else None


def objection_to_withdraw(user: User, batch: FeedBatch) -> str | None:
    if objection := objection_to_feed(user, batch.feed):
        return objection
    return None if batch.state == BatchState.LOADED else "Only a loaded batch can be withdrawn."


def objection_to_plan(user: User, unit: OrgUnit) -> str | None:
    """Whether somebody may set the budget of a unit."""
    return None if roles_of(user).has(*KEEPERS, unit=unit.pk) else "Budgets are set by the CAIO and their office."
