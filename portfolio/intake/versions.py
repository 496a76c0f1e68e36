"""Which version of the questionnaire is in force, and which one a use case is asked."""

from functools import lru_cache

from portfolio.facts import CATALOGUE
from portfolio.intake.questionnaire import SHIPPED, Questionnaire, load
from portfolio.intake.writing import to_toml
from portfolio.models import QuestionnaireState, QuestionnaireVersion, UseCase

NAME = "intake"


def current() -> tuple[QuestionnaireVersion, Questionnaire]:
    """The published version (its row without the document), and what it says. One query."""
    row = QuestionnaireVersion.objects.defer("document", "source").get(name=NAME, state=QuestionnaireState.PUBLISHED)
    return row, document_of(row.pk, row.number)


def asked_of(use_case: UseCase) -> tuple[QuestionnaireVersion, Questionnaire]:
    """The version that a use case began with (its row without the document); for others the one in force.

    One query, and none for a use case that was read together with it.
    """
    if use_case.questionnaire_id is None:
        return current()
    if row := use_case._state.fields_cache.get("questionnaire"):
        return row, document_of(row.pk, row.number)
    row = QuestionnaireVersion.objects.defer("document", "source").get(pk=use_case.questionnaire_id)
    return row, document_of(row.pk, row.number)


def newer_than(use_case: UseCase) -> QuestionnaireVersion | None:
    """The version in force, if a use case began with another one. One query, and none for those without a version."""
    if use_case.questionnaire_id is None:
        return None
    version, _ = current()
    return version if version.pk != use_case.questionnaire_id else None


@lru_cache(maxsize=16)
def document_of(pk: int, number: str) -> Questionnaire:
    """The document of a version that was published; such a one never changes, so it is kept."""
    found = QuestionnaireVersion.objects.values_list("document", flat=True).get(pk=pk)
    questionnaire = Questionnaire.model_validate(found)
    if questionnaire.facts.keys() - CATALOGUE.keys():
        CATALOGUE.refresh()
    return questionnaire


def draft_of(version: QuestionnaireVersion) -> Questionnaire:
    """What a version says now, be it a draft."""
    return Questionnaire.model_validate(version.document)


def source_of(version: QuestionnaireVersion) -> str:
    """The text of a version as people edit it: as it was written, as it was shipped, or else written anew."""
    if version.source:
        return version.source
    said = draft_of(version)
    return SHIPPED.read_text(encoding="utf-8") if load() == said else to_toml(said)
