"""Waivers under OMB M-25-21, section 4(a)(ii): the Chief AI Officer alone, in writing, for a year at most."""

from datetime import date

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.words import day
from governance.frameworks import catalogue
from governance.models import ExceptionKind, PolicyException
from governance.waiver_clock import due_on
from portfolio.models import UseCase

FRAMEWORK = "omb-m-25-21"
SHORTEST = 40  # characters of a determination that is specific to the use


def minimum_practices() -> frozenset[str]:
    """The controls that answer the seven minimum practices of section 4(b): only from these is there a waiver."""
    items = catalogue().by_id[FRAMEWORK].items
    return frozenset(name for item in items if item.ref.startswith("Section 4(b)") for name in item.controls)


def objection_to_waive(user: User, use_case: UseCase, control: str) -> str | None:
    """Besides what holds for every exception."""
    if not roles_of(user).has(Role.CAIO, unit=use_case.unit_id):
        return "Only the Chief AI Officer grants a waiver, and cannot delegate it."
    if control not in minimum_practices():
        return "A waiver is from one of the minimum practices of section 4(b); else ask for an exception."
    if use_case.facts.get("high_impact") != "yes":
        return "A waiver is for a use case that is determined to be high-impact."
    return None


def mistakes_in_waiver(reason: str, public_summary: str) -> tuple[str, str] | None:
    """What is missing in writing, and the field for it."""
    if len(reason.strip()) < SHORTEST:
        return "Write the determination for this use: what the practice would put at risk or impede.", "reason"
    if len(public_summary.strip()) < SHORTEST:
        return "Write the summary that the public will read.", "public_summary"
    return None


def objection_to_report(user: User, waiver: PolicyException, today: date, on: date) -> str | None:
    if waiver.kind != ExceptionKind.WAIVER:
        return "Only waivers are reported."
    if not roles_of(user).has(Role.CAIO, Role.CAIO_OFFICE, unit=waiver.use_case.unit_id):
        return "Only the Chief AI Officer and the CAIO office report a waiver."
    if due_on(waiver) is None:
        return "It is reported."
    begun = waiver.granted_at.date() if waiver.reported_at is None else waiver.ended_at and waiver.ended_at.date()
    if on > today or (begun and on < begun):
        return f"It was reported between {day(begun)} and today."
    return None
