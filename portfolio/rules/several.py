"""What a change to several use cases would do, before it is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caio_portal.accounts.models import User
from portfolio.models import UseCase
from portfolio.rules.standing import (
    objection_to_edit,
    objection_to_name_people,
    objection_to_pause,
    objection_to_register,
    objection_to_resume,
    objection_to_retire,
)
from portfolio.stages import Stage


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
    """The change of FIELDS (one of them, or one act) to each use case, as this person could make it."""
    [(name, value)] = fields.items()
    if name in ACTS:
        return [_planned_act(each, name, value, user) for each in use_cases]
    return [
        Planned(each, told(name, getattr(each, name)), _objection(user, each, fields), getattr(each, name) != value)
        for each in use_cases
    ]


def told(name: str, value: Any) -> str:
    """A value, or what an act leads to, in words."""
    if name in ACTS:
        return ACTS[name][1] or f"{value.name} besides"
    if name == "confidential":
        return "Confidential" if value else "Open"
    return str(value.name) if value else "Nobody"


def _planned_act(use_case: UseCase, name: str, value: Any, user: User) -> Planned:
    """What is so already is left, without an objection."""
    if name in ("contributor", "reader"):
        named = [one.user for one in use_case.people.all() if one.part == name and one.ended_at is None]
        before = ", ".join(str(person.name) for person in named) or "Nobody"
        return Planned(use_case, before, ACTS[name][0](user, use_case), value not in named)
    before = "Paused" if use_case.paused_at else use_case.get_stage_display() or "Not stated"
    done = {"pause": bool(use_case.paused_at), "resume": not use_case.paused_at, "retire": _is_over(use_case)}[name]
    return Planned(use_case, before, None if done else ACTS[name][0](user, use_case), not done)


def _is_over(use_case: UseCase) -> bool:
    return use_case.stage == Stage.RETIRED


# What may be done to several besides giving a field a value: who may, and what it says then.
ACTS: dict[str, tuple[Callable[[User, UseCase], str | None], str]] = {
    "pause": (objection_to_pause, "Paused"),
    "resume": (objection_to_resume, "Goes on"),
    "retire": (objection_to_retire, "Retired"),
    "contributor": (objection_to_name_people, ""),
    "reader": (objection_to_name_people, ""),
}


def _objection(user: User, use_case: UseCase, fields: Mapping[str, Any]) -> str | None:
    if objection := objection_to_edit(user, use_case):
        return objection
    if "unit" in fields and fields["unit"] != use_case.unit:
        return objection_to_register(user, fields["unit"])
    return None
