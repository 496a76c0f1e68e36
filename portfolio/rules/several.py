"""What a change to several use cases would do, before it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caio_portal.accounts.models import User
from portfolio.models import UseCase
from portfolio.rules.standing import objection_to_edit, objection_to_register


@dataclass(frozen=True)
class Planned:
    """One use case under the change: what it says now, and the sentence that stands in the way, if any."""

    use_case: UseCase
    before: str
    objection: str | None
    is_different: bool

    @property
    def counts(self) -> bool:
        return self.is_different and self.objection is None


def planned(use_cases: Sequence[UseCase], fields: Mapping[str, Any], user: User) -> list[Planned]:
    """The change of FIELDS (one of them) to each use case, as this person could make it."""
    [(name, value)] = fields.items()
    return [
        Planned(each, told(name, getattr(each, name)), _objection(user, each, fields), getattr(each, name) != value)
        for each in use_cases
    ]


def told(name: str, value: Any) -> str:
    if name == "confidential":
        return "Confidential" if value else "Open"
    return str(value.name) if value else "Nobody"


def _objection(user: User, use_case: UseCase, fields: Mapping[str, Any]) -> str | None:
    if objection := objection_to_edit(user, use_case):
        return objection
    if "unit" in fields and fields["unit"] != use_case.unit:
        return objection_to_register(user, fields["unit"])
    return None
