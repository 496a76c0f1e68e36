"""Is an inventory ready to be published? Which required cells are blank, by agency and column."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from caio_portal.common.parts import Fact, Progress
from caio_portal.common.words import number, percent
from portfolio.inventory.exporting import Line, is_withheld
from portfolio.inventory.mapping import Cells
from portfolio.inventory.profiles import Column, Profile, folded
from portfolio.inventory.writing import Writer


@dataclass(slots=True)
class Agency:
    name: str
    use_cases: int = 0
    required: int = 0
    complete: int = 0
    blank: Counter[str] = field(default_factory=Counter)  # by column

    @property
    def blanks(self) -> int:
        return self.blank.total()

    @property
    def worst(self) -> list[tuple[str, int]]:
        return self.blank.most_common(4)


@dataclass(frozen=True, slots=True)
class Gap:
    """A required cell that is blank."""

    agency: str
    id: str
    title: str
    ref: str
    column: str


@dataclass(frozen=True, slots=True)
class Held:
    """A use case that is withheld from public reporting, and why."""

    agency: str
    id: str
    title: str
    ref: str
    reason: str


@dataclass(slots=True)
class Readiness:
    """The figures of an inventory; `practices` counts the answers of the use cases that must give one."""

    profile: Profile
    agencies: dict[str, Agency] = field(default_factory=dict)
    withheld: Counter[str] = field(default_factory=Counter)  # by reason
    practices: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    gaps: list[Gap] = field(default_factory=list)
    held_back: list[Held] = field(default_factory=list)

    @property
    def use_cases(self) -> int:
        return sum(agency.use_cases for agency in self.agencies.values())

    @property
    def complete(self) -> int:
        return sum(agency.complete for agency in self.agencies.values())

    @property
    def required(self) -> int:
        return sum(agency.required for agency in self.agencies.values())

    @property
    def blank(self) -> Counter[str]:
        """Blank required cells by column."""
        return sum((agency.blank for agency in self.agencies.values()), Counter())

    def as_dict(self) -> dict[str, Any]:
        done = {
            key: {"required": answers.total(), "done": self.done(key), "answers": dict(answers)}
            for key, answers in self.practices.items()
        }
        return {
            "profile": self.profile.key,
            "use_cases": self.use_cases,
            "complete": self.complete,
            "required_cells": self.required,
            "blank_cells": self.blank.total(),
            "withheld": dict(self.withheld),
            "by_column": {
                column.key: self.blank[column.key] for column in self.profile.columns if column.required is not None
            },
            "by_agency": {name: dict(agency.blank) for name, agency in sorted(self.agencies.items())},
            "practices": done,
        }

    @property
    def facts(self) -> list[Fact]:
        """The whole, for a page."""
        blank = self.blank.total()
        filled = percent(1 - blank / self.required) if self.required else "–"
        return [
            Fact("Use cases", number(self.use_cases)),
            Fact("Complete", number(self.complete), help="all required cells filled"),
            Fact("Required cells", number(self.required)),
            Fact("Blank", number(blank), help=f"{filled} are filled"),
            *(Fact(f"Withheld: {reason}", number(count)) for reason, count in self.withheld.most_common()),
        ]

    @property
    def worst_columns(self) -> list[tuple[Column, int]]:
        return [(self.profile.column(key), count) for key, count in self.blank.most_common()]

    @property
    def worst_agencies(self) -> list[Agency]:
        return sorted(self.agencies.values(), key=lambda agency: (-agency.blanks, agency.name))

    @property
    def practice_bars(self) -> list[Progress]:
        bars = []
        for column in self.profile.columns:
            if column.practice and (total := self.practices[column.key].total()):
                done = self.done(column.key)
                title = " ".join(column.header.split("\n\n")[0].split()) or column.key
                bars.append(Progress(title, 100 * done / total, 100, f"{done:,} of {total:,}"))
        return bars

    def done(self, key: str) -> int:
        """How many use cases have a practice in place."""
        options = {option.value for option in self.profile.column(key).options if option.done}
        return sum(count for answer, count in self.practices[key].items() if answer in options)


def assess(profile: Profile, lines: Iterable[Line]) -> Readiness:
    """Count the blank required cells of an inventory."""
    readiness = Readiness(profile)
    writer = Writer(profile)
    demands = [_Demand(profile, column) for column in profile.columns if column.required is not None]
    for line in lines:
        _count(readiness, demands, writer.said(line.cells), line.ref)
    return readiness


class _Demand:
    """Under which answers a column may not be blank."""

    def __init__(self, profile: Profile, column: Column) -> None:
        self.column = column
        self._answers = [
            (key, frozenset(profile.column(key).by_answer[folded(answer)].value for answer in answers))
            for key, answers in (column.required or {}).items()
        ]

    def holds(self, said: Cells) -> bool:
        return all(said.get(key) in answers for key, answers in self._answers)


def _count(readiness: Readiness, demands: list[_Demand], said: Cells, ref: str) -> None:
    identity = readiness.profile.identity
    name = said.get(identity.agency or identity.unit or "", "")
    agency = readiness.agencies.setdefault(name, Agency(name))
    agency.use_cases += 1
    blank = 0
    who = (name, said.get(identity.id or "", ""), said.get(identity.title, ""), ref)
    for demand in demands:
        if not demand.holds(said):
            continue
        answer = said.get(demand.column.key, "")
        agency.required += 1
        if not answer:
            agency.blank[demand.column.key] += 1
            readiness.gaps.append(Gap(*who, demand.column.key))
            blank += 1
        if demand.column.practice:
            readiness.practices[demand.column.key][answer] += 1
    agency.complete += not blank
    answer = said.get(identity.withheld or "", "")
    if is_withheld(readiness.profile, answer):
        readiness.withheld[answer] += 1
        readiness.held_back.append(Held(*who, answer))
