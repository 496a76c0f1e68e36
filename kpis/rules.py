"""Who may see figures, and who may change what they are measured by."""

import os
from urllib.parse import urlsplit

from django.conf import settings

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from kpis import catalogue
from kpis.catalogue import Kpi
from kpis.defining import READ_ELSEWHERE
from kpis.feeds.mapping import Pull
from kpis.models import Alert, BatchState, Feed, FeedBatch, KpiNote, Objective

VIEWERS = (
    Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.COUNCIL_MEMBER, Role.AUDITOR, Role.VENDOR_MANAGER, Role.REVIEWER,
    Role.OWNER,
)  # fmt: skip
KEEPERS = (Role.CAIO, Role.CAIO_OFFICE)
ANNOTATORS = (*KEEPERS, Role.OWNER, Role.EXECUTIVE, Role.VENDOR_MANAGER)
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


def objection_to_resume_feed(user: User, feed: Feed) -> str | None:
    """Whether somebody may use a retired feed again."""
    if not roles_of(user).has(*KEEPERS, unit=feed.unit_id):
        return "Feeds are kept by the CAIO and their office."
    return None if feed.retired_at else "This feed is in use."


def objection_to_withdraw(user: User, batch: FeedBatch) -> str | None:
    if objection := objection_to_feed(user, batch.feed):
        return objection
    return None if batch.state == BatchState.LOADED else "Only a loaded batch can be withdrawn."


def objection_to_load_again(user: User, batch: FeedBatch) -> str | None:
    if objection := objection_to_feed(user, batch.feed):
        return objection
    if batch.state == BatchState.LOADED:
        return "This batch counts already."
    return None if batch.file_id else "The file of this batch is not kept."


def objection_to_plan(user: User, unit: OrgUnit) -> str | None:
    """Whether somebody may set the budget of a unit."""
    return None if roles_of(user).has(*KEEPERS, unit=unit.pk) else "Budgets are set by the CAIO and their office."


def objection_to_handle_alert(user: User, alert: Alert) -> str | None:
    """Whether somebody may acknowledge, mute and follow up an alert."""
    if alert.ended_at:
        return "The reason for this alert is gone."
    if alert.is_owned_by(user) or roles_of(user).has(*KEEPERS, Role.VENDOR_MANAGER, unit=alert.unit_id):
        return None
    return "An alert is handled by its owner and by the CAIO's office."


def objection_to_ask_rereview(user: User, alert: Alert) -> str | None:
    """Whether somebody may have the use case of an alert reviewed again."""
    if alert.use_case_id is None:
        return "This alert is not about one use case."
    if not roles_of(user).has(*KEEPERS, unit=alert.unit_id):
        return "Reviews out of turn are asked for by the CAIO and their office."
    return "A review is linked already." if alert.review_id else None


def objection_to_annotate(user: User, unit: OrgUnit | None) -> str | None:
    """Whoever answers for figures of a unit says what should be known about them; an auditor only reads."""
    roles = roles_of(user)
    allowed = roles.everywhere(*KEEPERS) if unit is None else roles.has(*ANNOTATORS, unit=unit.pk)
    return None if allowed else "Notes are written by those who answer for the figures of a unit."


def objection_to_remove_note(user: User, note: KpiNote) -> str | None:
    if note.removed_at:
        return "This note is gone already."
    is_mine = note.written_by_id == user.pk and objection_to_annotate(user, note.unit) is None
    return None if is_mine else "A note is taken back by whoever wrote it."


def objection_to_objective(user: User, objective: Objective) -> str | None:
    """Whether somebody may set and review an objective: the office of its unit, and its owner once it is set."""
    if objective.closed_at:
        return "This objective is closed."
    owns = objective.pk is not None and objective.owner_id == user.pk
    if owns or roles_of(user).has(*KEEPERS, unit=objective.unit_id):
        return None
    return "Objectives are kept by the CAIO's office and by their owners."


def objection_to_pull(pull: Pull) -> str | None:
    """Why the portal does not ask this address: only hosts that the operator names, so that nobody reaches inside."""
    address = urlsplit(pull.url)
    if address.scheme not in ("https", "http") or address.username or not address.hostname:
        return "pull.url: a web address without a name and password is needed."
    if address.netloc.lower() not in settings.FEED_HOSTS:
        return f"pull.url: {address.netloc} is not among the hosts that the portal may ask (FEED_HOSTS)."
    if pull.secret and f"FEED_SECRET_{pull.secret}" not in os.environ:
        return f"pull.secret: the environment has no FEED_SECRET_{pull.secret}."
    return None


def objection_to_define(user: User) -> str | None:
    """A definition holds for everybody: it is published by those who hold the whole organisation."""
    allowed = roles_of(user).everywhere(*KEEPERS)
    return None if allowed else "Definitions are published by the CAIO and their office, for the whole organisation."


def objection_to_retire(user: User, kpi: Kpi) -> str | None:
    """Whether somebody may take a KPI off the scorecard."""
    if objection := objection_to_define(user):
        return objection
    if kpi.key not in catalogue.current().in_force:
        return f"{kpi.name} is retired already."
    return "Other pages are made of this KPI, too: it stays." if kpi.key in READ_ELSEWHERE else None
