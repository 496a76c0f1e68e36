"""Putting a use case to review."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import require
from portfolio import ports, rules
from portfolio.intake.versions import asked_of
from portfolio.models import Submission
from portfolio.services.editing import lock


@transaction.atomic
def submit_use_case(use_case_id: int, *, by: User) -> Submission:
    """Freeze the facts under their hash and hand them to those who review."""
    use_case = lock(use_case_id)
    version, questionnaire = asked_of(use_case)
    require(rules.objection_to_submit(by, use_case, len(questionnaire.missing(use_case.facts))))
    last = use_case.submissions.last()
    facts_hash = sha256(canonical_json(use_case.facts))
    submission = Submission.objects.create(
        use_case=use_case,
        questionnaire=version,
        number=last.number + 1 if last else 1,
        facts=use_case.facts,
        facts_hash=facts_hash,
        by=by,
        at=clock.now(),
    )
    record("use_case.submitted", use_case, by=by, number=submission.number, facts_hash=facts_hash)
    ports.submitted.ask_all(submission, by)
    return submission
