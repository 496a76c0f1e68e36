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
    """Write answers as facts, and take back those whose question they make pointless."""
    _, questionnaire = current()
    changes = questionnaire.without_hidden(lock(use_case_id).facts, answers)
    return write_facts(use_case_id, changes, by=by, seen=seen)
