from collections.abc import Collection, Sequence
from tomllib import TOMLDecodeError
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connection
from pydantic import ValidationError

from kpis import catalogue
from kpis.models import PublishedDefinition


def check_catalogue(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with a catalogue that cannot be read."""
    try:
        catalogue.shipped()
    except (TOMLDecodeError, ValidationError) as error:
        return [Error(f"kpis/catalogue.toml: {error}", id="kpis.E001")]
    return []


def check_published(databases: Collection[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """With `manage.py check --database default`: what the office published fits what ships now."""
    from kpis import published

    if not databases or PublishedDefinition._meta.db_table not in connection.introspection.table_names():
        return []
    try:
        published.overlaid(published.rows())
    except ValueError as error:
        return [Error(f"A definition that was published in the portal: {error}", id="kpis.E002")]
    return []
