"""Answers to the questionnaire become facts."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from portfolio.intake.versions import current
from portfolio.models import UseCase
from portfolio.services.editing import lock, write_facts


@transaction.atomic
def answer_questions(
    use_case_id: int, answers: Mapping[str, Any], *, by: User, seen: Mapping[str, Any] | None = None
) -> UseCase:
    """Write answers as facts, take back those whose question they make pointless, and state what they imply."""
    _, questionnaire = current()
    before = lock(use_case_id).facts
    changes = questionnaire.without_hidden(before, answers)
    return write_facts(use_case_id, changes, by=by, seen=seen, implied=questionnaire.implied(before, changes))
