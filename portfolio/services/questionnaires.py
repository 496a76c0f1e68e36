"""Versions of the questionnaire: drafted, written, published from a day; and use cases carried to a newer one."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock, toml_text
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.words import plural
from portfolio import own_facts, rules
from portfolio.facts import CATALOGUE
from portfolio.intake.declaring import objection_to_meaning
from portfolio.intake.differences import between, for_facts, place
from portfolio.intake.questionnaire import Questionnaire
from portfolio.intake.versions import NAME, asked_of, current, draft_of, source_of
from portfolio.models import OwnFact, QuestionnaireState, QuestionnaireVersion, Source, Submission, UseCase
from portfolio.services.editing import STALE, lock, touch, write_facts
from portfolio.stages import Stage

_NUMBER = 'number = "{}"'


@transaction.atomic
def draft_questionnaire(*, by: User) -> QuestionnaireVersion:
    """Begin a draft with the text of the version in force, under a number of today."""
    require(rules.objection_to_write_questionnaires(by))
    published = QuestionnaireVersion.objects.get(name=NAME, state=QuestionnaireState.PUBLISHED)
    number = _free_number()
    document = {**published.document, "number": number}
    source = source_of(published).replace(_NUMBER.format(published.number), _NUMBER.format(number), 1)
    draft = QuestionnaireVersion.objects.create(
        name=NAME, number=number, document=document, source=source, by=by, changed_at=clock.now()
    )
    record("questionnaire.drafted", draft, by=by, after=published.number)
    return draft


@transaction.atomic
def write_questionnaire(version_id: int, source: str, *, by: User, revision: int | None = None) -> QuestionnaireVersion:
    """Save what somebody wrote, if it is a questionnaire; Mistaken names every mistake with its line."""
    version = _lock_draft(version_id, by)
    if revision is not None and revision != version.revision:
        raise Invalid(STALE, "source")
    document = toml_text.read(source, Questionnaire, place)
    if document.name != NAME:
        raise Invalid(f"Its name is {NAME}.", "source")
    if QuestionnaireVersion.objects.filter(name=NAME, number=document.number).exclude(pk=version.pk).exists():
        raise Invalid(f"There is a version {document.number} already: give it another number.", "source")
    before = Questionnaire.model_validate(version.document)
    _require_meanings(document)
    version.source, version.number = source, document.number
    version.document = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    version.by, version.changed_at, version.revision = by, clock.now(), version.revision + 1
    version.save(update_fields=["source", "number", "document", "by", "changed_at", "revision"])
    record("questionnaire.written", version, by=by, changes=len(between(before, document)))
    return version


@transaction.atomic
def plan_questionnaire(version_id: int, begins_on: date, *, by: User) -> QuestionnaireVersion:
    """Publish a draft from a day: today at once, later by itself."""
    version = _lock_draft(version_id, by)
    if begins_on < clock.today():
        raise Invalid("A version begins today or later.", "begins_on")
    if begins_on == clock.today():
        return publish_questionnaire(version.pk, by=by)
    version.begins_on = begins_on
    version.save(update_fields=["begins_on"])
    record("questionnaire.planned", version, by=by, begins_on=str(begins_on))
    return version


@transaction.atomic
def publish_questionnaire(version_id: int, *, by: User | None) -> QuestionnaireVersion:
    """Put a draft in force from today; the version before it is superseded, and stays with whoever began with it."""
    version = QuestionnaireVersion.objects.select_for_update().get(pk=version_id)
    if version.state != QuestionnaireState.DRAFT:
        raise NotAllowed("Only a draft is published.")
    QuestionnaireVersion.objects.filter(name=version.name, state=QuestionnaireState.PUBLISHED).update(
        state=QuestionnaireState.SUPERSEDED
    )
    _declare_facts(version)
    version.state, version.valid_from, version.begins_on = QuestionnaireState.PUBLISHED, clock.today(), None
    version.save(update_fields=["state", "valid_from", "begins_on"])
    record("questionnaire.published", version, by=by)
    _tell_those_who_have_begun(version)
    return version


def publish_due() -> int:
    """Publish the drafts whose day has come, the earliest first; how many."""
    due = QuestionnaireVersion.objects.filter(
        state=QuestionnaireState.DRAFT, begins_on__lte=clock.today(), name=NAME
    ).order_by("begins_on", "pk")
    return sum(publish_questionnaire(pk, by=None) is not None for pk in due.values_list("pk", flat=True))


@transaction.atomic
def carry_over(use_case_id: int, *, by: User) -> UseCase:
    """Ask a use case the questions in force from now on; its answers stay, what they imply is stated anew."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    before, _ = asked_of(use_case)
    version, questionnaire = current()
    if before.pk == version.pk:
        return use_case
    use_case.questionnaire = version
    touch(use_case, "questionnaire")
    record("use_case.carried_over", use_case, by=by, before=before.number, after=version.number)
    return write_facts(use_case.pk, {}, by=by, implied=questionnaire.implied(use_case.facts, {}))


def _declare_facts(version: QuestionnaireVersion) -> None:
    """From now on what the version declares are facts, here at once and elsewhere with the next request."""
    questionnaire = draft_of(version)
    own_facts.read()
    _require_meanings(questionnaire)
    OwnFact.objects.bulk_create(
        OwnFact(name=name, document=each.document(), questionnaire=version)
        for name, each in questionnaire.facts.items()
        if CATALOGUE.get(name) != each.fact(name)
    )
    own_facts.read()


def _require_meanings(questionnaire: Questionnaire) -> None:
    """What other versions declared stays what it is."""
    for name, fact in questionnaire.own_facts().items():
        known = CATALOGUE.get(name)
        if known and (objection := objection_to_meaning(known, fact)):
            raise Invalid(objection, "source")


def _tell_those_who_have_begun(version: QuestionnaireVersion) -> None:
    """Whoever has not submitted yet is asked what they began with; they are told what is asked otherwise of them."""
    submitted = Submission.objects.filter(use_case=OuterRef("pk"))
    drafts = UseCase.objects.active().filter(
        ~Exists(submitted), questionnaire__name=version.name, source=Source.INTAKE, stage=Stage.IDEA
    )
    new = draft_of(version)
    for use_case in drafts.exclude(questionnaire=version).select_related("owner", "requester").with_questionnaire():
        _, old = asked_of(use_case)
        matter = len(for_facts(between(old, new), new, use_case.facts))
        people = [one for one in (use_case.owner, use_case.requester) if one]
        if matter and people:
            text = f"The questions have changed: {plural(matter, 'change')} for {use_case}. Your answers are kept."
            notify(people, use_case, text, reverse("portfolio:carry_over", args=[use_case.ref]))


def _lock_draft(version_id: int, by: User) -> QuestionnaireVersion:
    version = QuestionnaireVersion.objects.select_for_update().get(pk=version_id)
    require(rules.objection_to_write_questionnaires(by))
    if version.state != QuestionnaireState.DRAFT:
        raise NotAllowed("A version that was published is not changed any more: begin a draft.")
    return version


def _free_number() -> str:
    """Today's date; a second version of a day gets a letter."""
    taken = set(QuestionnaireVersion.objects.filter(name=NAME).values_list("number", flat=True))
    day = f"{clock.today():%Y-%m-%d}"
    return next(number for number in [day, *(f"{day}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")]
                if number not in taken)  # fmt: skip
