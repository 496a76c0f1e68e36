"""Conditions: met with evidence; due, the owner hears of it; overdue, the approval is suspended."""

from django.core.files.base import File
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock, files
from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid, require
from governance import notices
from governance.models import Condition, Evidence
from governance.refusals import explained
from governance.rules import approvals as rules
from governance.selectors.calendars import calendars
from governance.services.approvals import restore_if_met
from governance.services.steps import LONGEST_PAUSE


@explained
@transaction.atomic
def meet_condition(condition_id: int, evidence: Evidence, *, by: User) -> Condition:
    """Record that a condition is met, by this evidence; restores an approval that it had suspended."""
    condition = _locked(condition_id)
    require(rules.objection_to_meet(by, condition))
    condition.met_at, condition.evidence = clock.now(), evidence
    condition.save(update_fields=["met_at", "evidence"])
    case = condition.decision.review.use_case
    record(
        "condition.met", condition, by=by, unit=case.unit_id, use_case=case.ref, evidence=str(evidence),
        sha256=evidence.sha256,
    )  # fmt: skip
    restore_if_met(condition, by=by)
    return condition


@explained
@transaction.atomic
def meet_with_new_evidence(
    condition_id: int, *, by: User, title: str, file: File | None = None, url: str = "", attestation: str = ""
) -> Condition:
    """Meet a condition with evidence that is recorded for it: a file, a link or an attestation."""
    url, attestation = url.strip(), attestation.strip()
    if [bool(file), bool(url), bool(attestation)].count(True) != 1:
        raise Invalid("Evidence is one thing: a file, a link or an attestation.")
    require(rules.objection_to_meet(by, _locked(condition_id)))
    media_type = getattr(file, "content_type", None) or "application/octet-stream"
    stored = files.store(file.name or "evidence", file, media_type) if file else None
    evidence = Evidence.objects.create(
        title=title.strip(), file=stored, url=url, attestation=attestation, by=by, recorded_at=clock.now(),
        sha256=stored.sha256 if stored else sha256(url or attestation),
    )  # fmt: skip
    return meet_condition(condition_id, evidence, by=by)


@transaction.atomic
def remind_of_conditions(days: int = 5) -> int:
    """Tell the owners of conditions due within DAYS business days, each once; returns how many. For the daily job."""
    today, known = clock.today(), calendars()
    soon = (
        Condition.objects.filter(met_at=None, reminded_at=None, due_on__lte=today + days * LONGEST_PAUSE)
        .filter(decision__approval__ended_at=None)
        .select_related("owner", "decision__review__use_case__unit")
        .order_by("pk")
    )
    count = 0
    for condition in soon:
        if condition.due_on > known.of(condition.decision.review.use_case.unit).add(today, days):
            continue
        notices.condition_due([condition.owner], condition, condition.decision.review)
        condition.reminded_at = clock.now()
        condition.save(update_fields=["reminded_at"])
        count += 1
    return count


def _locked(condition_id: int) -> Condition:
    conditions = Condition.objects.select_for_update(of=("self",)).select_related("decision__review__use_case")
    return conditions.get(pk=condition_id)
