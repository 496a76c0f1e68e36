"""How rows of a feed find their use case, unit and vendor: rules kept as data with the feed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from kpis.feeds import cells

# What tells unmatched rows of a cost file apart, beside their tags: few enough values to read.
NAMED = ("SubAccountName", "SubAccountId", "ServiceProviderName", "ProviderName", "ServiceName", "CredentialId",
         "PrincipalId")  # fmt: skip
MOST_KINDS = 20_000  # remembered at a time
TAG_NAMES = ("use_case", "use-case", "usecase", "UseCase", "Use Case")


class Rule(Record):
    """Rows whose columns have these values (`Tags.application` looks into a JSON cell) belong here.

    `shares` divides their money among use cases, in percent; `by_usage` does so by what a gateway counted in the month.
    """

    when: dict[str, str] = {}
    use_case: str = ""
    unit: str = ""
    shares: dict[str, Decimal] = {}
    by_usage: bool = False

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if sum(map(bool, (self.use_case, self.unit, self.shares, self.by_usage))) != 1:
            raise ValueError("A rule names a use case, a unit, shares, or the usage that a gateway counted.")
        if self.shares and (min(self.shares.values()) <= 0 or sum(self.shares.values()) != 100):
            raise ValueError("Shares are above 0 and add up to 100.")
        return self

    @property
    def words(self) -> str:
        """Tags.team = cx goes to UC-2026-0042."""
        when = " and ".join(f"{name} = {value}" for name, value in self.when.items()) or "Everything else"
        if self.shares:
            return f"{when} is divided: {', '.join(f'{ref} {share:f}%' for ref, share in self.shares.items())}"
        if self.by_usage:
            return f"{when} is divided by what the gateway counted in the month"
        return f"{when} goes to {self.use_case or self.unit}"


class Pull(Record):
    """Where the portal fetches a feed's files, and how often; `{start}` and `{end}` (also `_unix`) are its days."""

    url: str = Field(max_length=2000)
    hours: int = Field(default=24, ge=1, le=168)  # between two pulls
    days: int = Field(default=1, ge=1, le=92)  # that each of them asks for
    secret: str = Field(default="", pattern=r"^[A-Z0-9_]{0,40}$")  # FEED_SECRET_<this> of the environment is sent


class Judge(Record):
    """How well a model judges, as people found on a sample: the shares of wrong and of right answers that it tells."""

    sensitivity: float = Field(gt=0, le=1)
    specificity: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _is_better_than_chance(self) -> Self:
        if self.sensitivity + self.specificity <= 1:
            raise ValueError("A judge that is no better than chance tells nothing.")
        return self

    def corrected(self, wrong: float, count: float) -> float:
        """How many answers are wrong, given how many the judge called so.

        Source: W. J. Rogan and B. Gladen, Estimating prevalence from the results of a screening test, 1978.
        """
        share = (wrong / count + self.specificity - 1) / (self.sensitivity + self.specificity - 1)
        return count * min(1.0, max(0.0, share))


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
    roster: str = ""  # the feed whose last file says who is active, and so who was asked in a survey
    judge: Judge | None = None  # corrects what a model judged; without it, counts are as the model told them
    pull: Pull | None = None  # fetched by the portal itself
    invited: dict[str, int] = {}  # how many people of a unit a survey asked; "" for those of no unit
    valid_days: int = Field(default=0, ge=0)  # how long a training counts; 0 for ever


class Place(NamedTuple):
    """Where an observation belongs."""

    unit_id: int
    use_case_id: int | None = None


Portions = tuple[tuple[Place, Decimal], ...]  # places, and how much of the whole each gets; together 1


@dataclass(frozen=True, slots=True)
class Found:
    """Where something belongs, and whether a rule or a name said so."""

    portions: Portions = ()
    matched: bool = True
    by_usage: bool = False


@dataclass(frozen=True)
class Register:
    """What the portal knows, by the names that files use."""

    default: Place
    use_cases: Mapping[str, Place]  # by reference
    units: Mapping[str, Place]  # by name, lower case
    vendors: Mapping[str, int]  # by name, lower case
    usage: Mapping[date, Portions] = field(default_factory=dict)  # what a gateway counted, by month

    def target(self, rule: Rule, warn: Callable[[str], None]) -> Found | None:
        """Where a rule leads; nowhere, with a warning, if the portal does not know its name."""
        if rule.by_usage:
            return Found(by_usage=True)
        if rule.shares:
            wanted = [(self.use_cases.get(ref), ref, share) for ref, share in rule.shares.items()]
        else:
            known = self.use_cases.get(rule.use_case) or self.units.get(rule.unit.lower())
            wanted = [(known, rule.use_case or rule.unit, Decimal(100))]
        for place, name, _ in wanted:
            if place is None:
                warn(f"A rule of the feed names {name}, which the portal does not know.")
        return (
            Found(tuple((place, share / 100) for place, _, share in wanted if place))
            if all(place for place, _, _ in wanted)
            else None
        )

    @property
    def unmatched(self) -> Found:
        return Found(((self.default, Decimal(1)),), matched=False)

    def portions(self, found: Found, month: date) -> Portions:
        """Who gets how much; nobody's usage in the month leaves it to the feed's own unit."""
        if not found.by_usage:
            return found.portions
        return self.usage.get(month) or self.unmatched.portions


def only(place: Place) -> Found:
    return Found(((place, Decimal(1)),))


class LabelFinder:
    """Finds the place and vendor of what a document names by labels, such as team=cx or use_case=UC-2026-0042."""

    def __init__(self, mapping: FeedMapping, register: Register, warn: Callable[[str], None]) -> None:
        self.register = register
        self._vendors = {name.lower(): vendor.lower() for name, vendor in mapping.vendors.items()}
        self._steps = [
            ({name: wanted.lower() for name, wanted in rule.when.items()}, found)
            for rule in mapping.rules
            if (found := register.target(rule, warn))
        ]

    def find(self, labels: Mapping[str, str]) -> Found:
        """By the first rule that fits, else by the reference of a use case, else by the name of a unit.

        A rule without conditions takes what nothing else does.
        """
        lowered = {name: value.lower() for name, value in labels.items()}
        for when, found in self._steps:
            if when and all(lowered.get(name) == wanted for name, wanted in when.items()):
                return found
        by_name = self.register.use_cases.get(labels.get("use_case", "").upper())
        if place := by_name or self.register.units.get(lowered.get("unit", "")):
            return only(place)
        return next((found for when, found in self._steps if not when), self.register.unmatched)

    def vendor(self, name: str) -> int | None:
        lowered = name.lower()
        return self.register.vendors.get(self._vendors.get(lowered, lowered))


class Finder:
    """Finds the place and vendor of a row; remembers what it found for the same values."""

    def __init__(
        self, mapping: FeedMapping, register: Register, columns: Mapping[str, int], warn: Callable[[str], None]
    ):
        self.register = register
        self._columns = columns
        self._vendors = {name.lower(): vendor.lower() for name, vendor in mapping.vendors.items()}
        self._steps = [(rule.when, found) for rule in mapping.rules if (found := register.target(rule, warn))]
        wanted = sorted({column for when, _ in self._steps for column in when})
        self._tests = {name: self._test(name) for name in wanted}
        self._tags = columns.get("Tags")
        self._named = [(name, columns[name]) for name in NAMED if name in columns]
        self._known: dict[tuple[str, ...], Found] = {}
        self._label_cells = cells.getter(columns, ("Tags", *NAMED))
        self._labels: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}

    def find(self, row: Sequence[str]) -> Found:
        """The use case or unit of a row, or several with their shares; the feed's own unit if nothing fits."""
        tags = row[self._tags] if self._tags is not None else ""
        key = (tags, *[test(row) for test in self._tests.values()])
        if (found := self._known.get(key)) is None:
            if len(self._known) > MOST_KINDS:  # tags that differ from row to row
                self._known.clear()
            found = self._known[key] = self._find(dict(zip(self._tests, key[1:], strict=True)), tags)
        return found

    def vendor(self, name: str) -> int | None:
        lowered = name.lower()
        return self.register.vendors.get(self._vendors.get(lowered, lowered))

    def labels(self, row: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """What a rule could tell the row by."""
        given = self._label_cells(row)
        if (labels := self._labels.get(given)) is None:
            if len(self._labels) > MOST_KINDS:
                self._labels.clear()
            named = [(name, text) for name, place in self._named if (text := cells.text(row[place]))]
            tags = cells.pairs(row[self._tags]) if self._tags is not None else {}
            told = sorted((f"Tags.{name}", str(value)) for name, value in tags.items())
            labels = self._labels[given] = (*named, *told)
        return labels

    def _find(self, values: dict[str, str], tags: str) -> Found:
        for when, found in self._steps:
            if when and all(values[column] == wanted.lower() for column, wanted in when.items()):
                return found
        if place := self._by_tag(tags):
            return only(place)
        return next((found for when, found in self._steps if not when), self.register.unmatched)

    def _by_tag(self, tags: str) -> Place | None:
        given = cells.pairs(tags)
        named = next((str(given[name]) for name in TAG_NAMES if name in given), "")
        return self.register.use_cases.get(named)

    def _test(self, name: str) -> Callable[[Sequence[str]], str]:
        column, _, key = name.partition(".")
        place = self._columns.get(column)
        if place is None:
            return lambda row: ""
        if key:
            return lambda row: str(cells.pairs(row[place]).get(key, "")).lower()
        return lambda row: cells.text(row[place]).lower()
