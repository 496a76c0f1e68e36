"""The cells of a use case in the words of a profile: as they came, or made from what is known of it now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portfolio.facts import CATALOGUE, WHOLE
from portfolio.inventory.mapping import Cells, Mapper
from portfolio.inventory.profiles import Column, Option, Profile
from portfolio.models import UseCase


@dataclass(frozen=True, slots=True)
class Place:
    """Where a use case stands in the organisation: the name of its tree's root, and of its own unit."""

    agency: str
    bureau: str


class Writer:
    """Writes use cases as rows of one profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._mapper = Mapper.for_cells(profile)

    def cells(self, use_case: UseCase, kept: Cells | None, place: Place) -> Cells:
        """Every cell that is not blank: of imported rows the original, unless people have changed what it says."""
        made = self._made(use_case, place)
        if kept is None:
            return {key: cell for key, cell in made.items() if cell}
        old = self._mapper.read(0, kept)
        cells = dict(kept)
        for column in self.profile.columns:
            if column.fact and use_case.facts.get(column.fact) != old.facts.get(column.fact):
                cells[column.key] = made.get(column.key, "")
        if use_case.stage != old.stage and (key := self.profile.identity.stage):
            cells[key] = made.get(key, "")
        if use_case.title != old.title:
            cells[self.profile.identity.title] = use_case.title
        return {key: cell for key, cell in cells.items() if cell != ""}

    def said(self, cells: Cells) -> Cells:
        """What the cells say, in canonical words; what says nothing is absent."""
        return self._mapper.read(0, cells).said

    def _made(self, use_case: UseCase, place: Place) -> Cells:
        cells = {
            column.key: _cell_of(column, use_case.facts.get(column.fact))
            for column in self.profile.columns
            if column.fact
        }
        return cells | {key: cell for key, cell in self._identity(use_case, place).items() if key}

    def _identity(self, use_case: UseCase, place: Place) -> dict[str | None, str]:
        identity = self.profile.identity
        return {
            identity.agency: place.agency,
            identity.bureau: place.bureau,
            identity.unit: place.agency if identity.agency else place.bureau,
            identity.id: use_case.ref,
            identity.title: use_case.title,
            identity.stage: self._option(
                identity.stage, lambda option: use_case.stage in (option.means, *option.covers)
            ),
            identity.contact: use_case.owner.email if use_case.owner else "",
            identity.withheld: self._withheld(use_case),
        }

    def _withheld(self, use_case: UseCase) -> str:
        if not (key := self.profile.identity.withheld):
            return ""
        return self.profile.column(key).options[1 if use_case.confidential else 0].value

    def _option(self, key: str | None, holds: Callable[[Option], bool]) -> str:
        options = self.profile.column(key).options if key else ()
        return next((option.value for option in options if holds(option)), "")


def _cell_of(column: Column, value: Any) -> str:
    if value is None:
        return ""
    fact = CATALOGUE.get(column.fact or "")
    if fact and fact.kind in WHOLE:
        return fact.cell_of(value)
    values = value if isinstance(value, list) else [value]
    if column.options:
        values = [_answer(column, one) for one in values]
    return "; ".join(_words(one) for one in values if one != "")


def _answer(column: Column, value: Any) -> str:
    same = (option.value for option in column.options if option.means == value and type(option.means) is type(value))
    return next(same, "")


def _words(value: Any) -> str:
    return ("Yes" if value else "No") if isinstance(value, bool) else str(value)
