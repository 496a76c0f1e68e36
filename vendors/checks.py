from typing import Any

from django.core.checks import CheckMessage, Error
from pydantic import ValidationError

from vendors import criteria


def check_criteria(**kwargs: Any) -> list[CheckMessage]:
    """The criteria of the scorecard must load before the portal starts."""
    try:
        criteria.load()
    except (OSError, ValueError, ValidationError) as problem:
        return [Error(f"vendors/scorecard.toml: {problem}", id="vendors.E001")]
    return []
