"""The framework files, checked."""

import tomllib
from collections import Counter
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from caio_portal.common.errors import Invalid
from caio_portal.common.records import Record
from governance.frameworks.clocks import Clock
from portfolio.conditions import Condition

FOLDER = Path(__file__).parent
NOTICE = "Mappings from controls to frameworks are illustrative, and nothing here is legal advice."


class Confidence(StrEnum):
    """Whether somebody has compared a row with its source."""

    GATHERED = "gathered"
    UNVERIFIED = "unverified"


class DutyHolder(StrEnum):
    PROVIDER = "provider"
    DEPLOYER = "deployer"
    BOTH = "both"
    ORGANISATION = "organisation"
    AGENCY = "agency"


class Item(Record):
    """One obligation, practice or control of a framework, in our own words."""

    ref: str
    title: str
    duty_holder: DutyHolder = DutyHolder.ORGANISATION
    trigger: Condition | None = None
    evidence: tuple[str, ...] = ()
    due: str = ""
    applies_from: date | None = None
    applies_to: date | None = None
    amended_by: str = ""
    superseded_by: str = ""
    controls: tuple[str, ...] = ()
    confidence: Confidence = Confidence.GATHERED
    verified_on: date | None = None

    def applies_on(self, day: date) -> bool:
        """Whether its own dates let it apply on a day."""
        return (self.applies_from or day) <= day <= (self.applies_to or day)


class Milestone(Record):
    """A day of the regulatory calendar."""

    on: date
    title: str
    was: date | None = None  # the day before it was moved
    ref: str = ""
    confidence: Confidence = Confidence.GATHERED


class Framework(Record):
    """A law, memorandum or standard, in one version."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    version: str
    issuer: str
    summary: str
    binding: bool
    applies_from: date | None = None
    superseded_by: str = ""
    confidence: Confidence = Confidence.GATHERED
    items: tuple[Item, ...] = ()
    calendar: tuple[Milestone, ...] = ()

    @model_validator(mode="after")
    def _references_once(self) -> Self:
        if doubled := [ref for ref, n in Counter(item.ref for item in self.items).items() if n > 1]:
            raise ValueError(f"{self.id}: {doubled[0]} is there twice")
        return self

    def applying(self, day: date) -> tuple[Item, ...]:
        """What applies of it on a day; nothing of what has been superseded, or does not apply yet."""
        if self.superseded_by or (self.applies_from or day) > day:
            return ()
        return tuple(item for item in self.items if item.applies_on(day))

    @cached_property
    def controls(self) -> frozenset[str]:
        """The controls that any of its items is answered by."""
        return frozenset(control for item in self.items for control in item.controls)


class Frameworks(Record):
    """All of them, in the order of their files."""

    frameworks: tuple[Framework, ...]
    clocks: tuple[Clock, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = Counter(framework.id for framework in self.frameworks)
        if doubled := [name for name, n in known.items() if n > 1]:
            raise ValueError(f"the framework {doubled[0]} is there twice")
        named = {clock.framework for clock in self.clocks} | {f.superseded_by for f in self.frameworks} - {""}
        if strange := named - known.keys():
            raise ValueError(f"no such framework: {', '.join(sorted(strange))}")
        return self

    @cached_property
    def by_id(self) -> dict[str, Framework]:
        return {framework.id: framework for framework in self.frameworks}

    def calendar(self, since: date, until: date) -> list[tuple[Framework, Milestone]]:
        """The days between two others, both included, the earliest first."""
        days = [(framework, day) for framework in self.frameworks for day in framework.calendar]
        return sorted((pair for pair in days if since <= pair[1].on <= until), key=lambda pair: pair[1].on)


def load(folder: Path) -> Frameworks:
    """Read all framework files of a folder; raises Invalid with the name of the bad one."""
    raw: dict[str, list[object]] = {"frameworks": [], "clocks": []}
    for path in sorted(folder.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            for key, rows in document.items():
                raw[key] += rows
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise Invalid(f"{path.name} cannot be read: {error}") from error
    try:
        return Frameworks.model_validate(raw)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()]
        raise Invalid("The frameworks are not valid.\n" + "\n".join(lines)) from error


@cache
def catalogue() -> Frameworks:
    """The frameworks that the portal brings along."""
    return load(FOLDER)
