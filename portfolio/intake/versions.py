"""Which version of the questionnaire is in force: the published row, read once per process."""

from functools import lru_cache

from portfolio.intake.questionnaire import Questionnaire
from portfolio.models import QuestionnaireState, QuestionnaireVersion

NAME = "intake"


def current() -> tuple[QuestionnaireVersion, Questionnaire]:
    """The published version (its row without the document), and what it says. One query."""
    row = QuestionnaireVersion.objects.defer("document").get(name=NAME, state=QuestionnaireState.PUBLISHED)
    return row, document_of(row.pk, row.number)


@lru_cache(maxsize=16)
def document_of(pk: int, number: str) -> Questionnaire:
    """The document of a version; a published one never changes, so it is kept."""
    return Questionnaire.model_validate(QuestionnaireVersion.objects.values_list("document", flat=True).get(pk=pk))
