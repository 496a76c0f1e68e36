"""The data files of governance are checked before the portal starts."""

from typing import Any

from django.core.checks import CheckMessage, Error

from caio_portal.common.errors import Invalid
from governance.policy import SHIPPED, load


def check_policies(**kwargs: Any) -> list[CheckMessage]:
    """Every shipped policy must be valid."""
    problems: list[CheckMessage] = []
    for path in sorted(SHIPPED.parent.glob("*.toml")):
        try:
            load(path)
        except Invalid as error:
            problems.append(Error(str(error), id="governance.E001"))
    return problems
