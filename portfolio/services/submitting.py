"""Putting a use case to review, and the questionnaire that asks for its facts."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import NotAllowed, require
from portfolio import ports, rules
from portfolio.intake.versions import current
from portfolio.models import QuestionnaireState, QuestionnaireVersion, Submission
from portfolio.services.editing import lock


@transaction.atomic
def submit_use_case(use_case_id: int, *, by: User) -> Submission:
    """Freeze the facts under their hash and hand them to those who review."""
    use_case = lock(use_case_id)
    version, questionnaire = current()
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


@transaction.atomic
def publish_questionnaire(version_id: int, *, by: User) -> QuestionnaireVersion:
    """Put a draft in force from today; the version before it is superseded."""
    version = QuestionnaireVersion.objects.select_for_update().get(pk=version_id)
    if version.state != QuestionnaireState.DRAFT:
        raise NotAllowed("Only a draft is published.")
    QuestionnaireVersion.objects.filter(name=version.name, state=QuestionnaireState.PUBLISHED).update(
        state=QuestionnaireState.SUPERSEDED
    )
    version.state, version.valid_from = QuestionnaireState.PUBLISHED, clock.today()
    version.save(update_fields=["state", "valid_from"])
    record("questionnaire.published", version, by=by)
    return version
