"""`manage.py check` reads the data files that ship with the app."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from pydantic import ValidationError

from portfolio.intake.questionnaire import load


def check_questionnaire(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        load()
    except (ValidationError, ValueError) as error:
        return [Error(f"The questionnaire cannot be used: {error}", id="portfolio.E001")]
    return []
