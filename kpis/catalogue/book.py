"""All KPIs and measures together: those that ship with the product, and those in force."""

import tomllib
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from caio_portal.common.records import Record
from kpis.catalogue.kpi import MAIN, Kpi, Measure
from kpis.months import Window

FILE = Path(__file__).parents[1] / "catalogue.toml"


class Catalogue(Record):
    """All KPIs and the measures that they are made of."""

    format: Literal[1]
    measures: dict[str, Measure]
    kpis: tuple[Kpi, ...]
    retired: tuple[Kpi, ...] = ()  # neither computed nor shown any more; their history stays

    def is_pinned(self, kpi: Kpi) -> bool:
        """Whether results of the KPI are comparable only as long as the set of questions is the same."""
        return any(self.measures[term.measure].pinned for term in kpi.terms if term.series == MAIN)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        everything = [*self.kpis, *self.retired]
        _require_unique("key", [kpi.key for kpi in everything])
        _require_unique("number", [kpi.number for kpi in everything])
        _require_unique("id of a measure", [measure.id for measure in self.measures.values()])
        for kpi in everything:
            if objection := self.objection_to(kpi):
                raise ValueError(f"{kpi.key} {objection}")
        return self

    def objection_to(self, kpi: Kpi) -> str | None:
        """Why a KPI cannot be made of these measures."""
        if unknown := {*kpi.measures, *(term.measure for term in kpi.terms)} - self.measures.keys():
            return f"names unknown measures: {', '.join(sorted(unknown))}."
        if self.is_pinned(kpi) and kpi.window is not Window.MONTH:
            return "adds up months, which may be of different sets."
        return None

    @cached_property
    def by_key(self) -> dict[str, Kpi]:
        """Every KPI that there is or was."""
        return {kpi.key: kpi for kpi in (*self.kpis, *self.retired)}

    @cached_property
    def in_force(self) -> dict[str, Kpi]:
        """Those that are computed and shown."""
        return {kpi.key: kpi for kpi in self.kpis}

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The measures that are not added from use cases to their unit."""
        return frozenset(key for key, measure in self.measures.items() if measure.counts == "distinct")

    @cached_property
    def families(self) -> tuple[str, ...]:
        return tuple(sorted({kpi.family for kpi in self.kpis}))

    @cached_property
    def stocks(self) -> frozenset[int]:
        """The ids of measures that are counted on a day: of several counts in a month the last one is the month's."""
        return frozenset(measure.id for measure in self.measures.values() if measure.counts != "events")

    def of_family(self, family: str) -> tuple[Kpi, ...]:
        return tuple(kpi for kpi in self.kpis if kpi.family == family)

    def families_of(self, measure: str) -> frozenset[str]:
        """The families to compute again when observations of this measure arrive."""
        return frozenset(
            kpi.family
            for kpi in self.kpis
            if measure in kpi.measures or any(term.measure == measure for term in kpi.terms)
        )


def _require_unique(what: str, values: list[Any]) -> None:
    if twice := {entry for entry in values if values.count(entry) > 1}:
        raise ValueError(f"The {what} {sorted(twice)[0]} is used twice.")


def parse(text: str) -> Catalogue:
    """Read a catalogue; raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return Catalogue.model_validate(tomllib.loads(text, parse_float=Decimal))


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The catalogue that the product ships."""
    return parse(FILE.read_text(encoding="utf-8"))


class _Kept:
    """What this process knows to be published: the number of the last publication, and all that is in force."""

    number = 0
    catalogue: Catalogue | None = None


def current() -> Catalogue:
    """The catalogue in force: the shipped one, with what the office published over it (see `published`)."""
    return _Kept.catalogue or shipped()


def keep(catalogue: Catalogue | None, number: int) -> None:
    """From now on this one is in force here; None for the shipped one."""
    _Kept.catalogue, _Kept.number = catalogue, number


def kept() -> int:
    """The number of the last publication that this process has read."""
    return _Kept.number
