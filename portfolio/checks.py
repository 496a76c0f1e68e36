"""`manage.py check` reads the data files that ship with the app."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from pydantic import ValidationError

from portfolio.intake.questionnaire import load
from portfolio.inventory import profiles


def check_questionnaire(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        load()
    except (ValidationError, ValueError) as error:
        return [Error(f"The questionnaire cannot be used: {error}", id="portfolio.E001")]
    return []


def check_profiles(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    for key in profiles.names():
        try:
            profiles.load(key)
        except (ValidationError, ValueError) as error:
            errors.append(Error(f"The inventory profile {key} cannot be used: {error}", id="portfolio.E002"))
    return errors
