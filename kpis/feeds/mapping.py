"""How rows of a feed find their use case, unit and vendor: rules kept as data with the feed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from kpis.feeds import cells

TAG_NAMES = ("use_case", "use-case", "usecase", "UseCase", "Use Case")


class Rule(Record):
    """Rows whose columns have these values (`Tags.application` looks into a JSON cell) belong here."""

    when: dict[str, str] = Field(min_length=1)
    use_case: str = ""
    unit: str = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if bool(self.use_case) == bool(self.unit):
            raise ValueError("A rule names either a use case or a unit.")
        return self


class FeedMapping(Record):
    """The rules of one feed, in order: the first that fits wins; and what its files do not say themselves."""

    rules: tuple[Rule, ...] = ()
    vendors: dict[str, str] = {}  # the provider as the file names it: the vendor as the portal names it
    columns: dict[str, str] = {}  # the role of a column: its name in the files
    measure: str = ""  # what evaluations, surveys and Prometheus answers count as, where there is a choice
    metric: str = ""  # which metric, scorer or assertion of an evaluation; empty for all
    objective: float = Field(default=2.56, gt=0)  # seconds: the longest that a request may take
    step_hours: int = Field(default=24, ge=1, le=744)  # over how long Prometheus counted the increase
    training: str = ""  # the title that is required; empty if the file holds one only
    roster: str = ""  # the feed whose last file says who is active
    valid_days: int = Field(default=0, ge=0)  # how long a training counts; 0 for ever


@dataclass(frozen=True, slots=True)
class Place:
    """Where an observation belongs."""

    unit_id: int
    use_case_id: int | None = None


@dataclass(frozen=True)
class Register:
    """What the portal knows, by the names that files use."""

    default: Place
    use_cases: Mapping[str, Place]  # by reference
    units: Mapping[str, Place]  # by name, lower case
    vendors: Mapping[str, int]  # by name, lower case

    def target(self, rule: Rule, warn: Callable[[str], None]) -> Place | None:
        """Where a rule leads; nowhere, with a warning, if the portal does not know its name."""
        known = self.use_cases.get(rule.use_case) or self.units.get(rule.unit.lower())
        if known is None:
            warn(f"A rule of the feed names {rule.use_case or rule.unit}, which the portal does not know.")
        return known


class LabelFinder:
    """Finds the place and vendor of what a document names by labels, such as team=cx or use_case=UC-2026-0042."""

    def __init__(self, mapping: FeedMapping, register: Register, warn: Callable[[str], None]) -> None:
        self._register = register
        self._vendors = {name.lower(): vendor.lower() for name, vendor in mapping.vendors.items()}
        self._steps = [
            ({name: wanted.lower() for name, wanted in rule.when.items()}, place)
            for rule in mapping.rules
            if (place := register.target(rule, warn))
        ]

    def place(self, labels: Mapping[str, str]) -> Place:
        """By the first rule that fits, else by the reference of a use case, else by the name of a unit."""
        lowered = {name: value.lower() for name, value in labels.items()}
        for when, place in self._steps:
            if all(lowered.get(name) == wanted for name, wanted in when.items()):
                return place
        by_ref = self._register.use_cases.get(labels.get("use_case", "").upper())
        return by_ref or self._register.units.get(lowered.get("unit", "")) or self._register.default

    def vendor(self, name: str) -> int | None:
        lowered = name.lower()
        return self._register.vendors.get(self._vendors.get(lowered, lowered))


class Finder:
    """Finds the place and vendor of a row; remembers what it found for the same values."""

    def __init__(
        self, mapping: FeedMapping, register: Register, columns: Mapping[str, int], warn: Callable[[str], None]
    ):
        self._register = register
        self._columns = columns
        self._vendors = {name.lower(): vendor.lower() for name, vendor in mapping.vendors.items()}
        self._steps = [(rule.when, place) for rule in mapping.rules if (place := register.target(rule, warn))]
        wanted = sorted({column for when, _ in self._steps for column in when})
        self._tests = {name: self._test(name) for name in wanted}
        self._tags = columns.get("Tags")
        self._known: dict[tuple[str, ...], Place] = {}

    def place(self, row: Sequence[str]) -> Place:
        """The use case or unit of a row; the feed's own unit if nothing fits."""
        values = tuple(test(row) for test in self._tests.values())
        tags = row[self._tags] if self._tags is not None else ""
        key = (*values, tags)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = self._find(dict(zip(self._tests, values, strict=True)), tags)
        return found

    def vendor(self, name: str) -> int | None:
        lowered = name.lower()
        return self._register.vendors.get(self._vendors.get(lowered, lowered))

    def _find(self, values: dict[str, str], tags: str) -> Place:
        for when, place in self._steps:
            if all(values[column] == wanted.lower() for column, wanted in when.items()):
                return place
        return self._by_tag(tags) or self._register.default

    def _by_tag(self, tags: str) -> Place | None:
        given = cells.pairs(tags)
        named = next((str(given[name]) for name in TAG_NAMES if name in given), "")
        return self._register.use_cases.get(named)

    def _test(self, name: str) -> Callable[[Sequence[str]], str]:
        column, _, key = name.partition(".")
        place = self._columns.get(column)
        if place is None:
            return lambda row: ""
        if key:
            return lambda row: str(cells.pairs(row[place]).get(key, "")).lower()
        return lambda row: cells.text(row[place]).lower()
