from collections.abc import Sequence
from tomllib import TOMLDecodeError
from typing import Any

from django.core.checks import CheckMessage, Error
from pydantic import ValidationError

from kpis import catalogue


def check_catalogue(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with a catalogue that cannot be read."""
    try:
        catalogue.current()
    except (TOMLDecodeError, ValidationError) as error:
        return [Error(f"kpis/catalogue.toml: {error}", id="kpis.E001")]
    return []
