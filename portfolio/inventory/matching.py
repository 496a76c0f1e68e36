"""Which rows of a delivery are new, which changed, which are known already."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portfolio.inventory import profiles
from portfolio.inventory.mapping import Cells, Mapper, Row

if TYPE_CHECKING:
    from portfolio.inventory.resemblance import Candidate


@dataclass(slots=True)
class Known:
    """A row of an earlier delivery."""

    id: int
    key: str
    occurrence: int
    cells: Cells
    before: dict[str, Any] | None
    batch_id: int
    use_case_id: int
    voided_at: datetime | None
    profile: str = ""
    version: int = 1

    @property
    def voided(self) -> bool:
        """Whether the batch that created it was withdrawn."""
        return self.voided_at is not None


class Readers:
    """Reads kept cells with the version of the profile under which they came."""

    def __init__(self, mapper: Mapper) -> None:
        self._profile = mapper.profile
        self._mappers = {(mapper.profile.key, mapper.profile.version): mapper}

    def of(self, known: Known) -> Mapper:
        """The mapper of a row's profile and version; shipped profiles have but one."""
        which = (known.profile or self._profile.key, known.version)
        if which not in self._mappers:
            self._mappers[which] = Mapper.for_cells(profiles.load(*which))
        return self._mappers[which]

    def are_current(self, known: Known) -> bool:
        """Whether equal cells say the same: the profile has not learned to read them otherwise since."""
        return (known.profile or self._profile.key, known.version) == (self._profile.key, self._profile.version)


@dataclass(slots=True)
class Matches:
    new: list[tuple[Row, int]] = field(default_factory=list)  # with its occurrence
    restored: list[tuple[Row, Known]] = field(default_factory=list)  # its batch was withdrawn
    changed: list[tuple[Row, Known]] = field(default_factory=list)
    same: list[tuple[Row, Known]] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)  # rows of earlier deliveries that this one does not have
    joined: list[tuple[Row, int, "Candidate"]] = field(default_factory=list)  # recognised by a person
    renamed: dict[int, tuple[str, int]] = field(default_factory=dict)  # the new key of a known row


def match(rows: Iterable[Row], known: Iterable[Known], readers: Readers) -> Matches:
    """Match rows by key; of those with one key first the equal ones, then the rest in order.

    Rows are equal if they say the same, however they spell it: the same delivery in another format changes nothing.
    """
    known_by_key: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        known_by_key[one.key].append(one)
    rows_by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        rows_by_key[row.key].append(row)
    matches = Matches()
    for key, group in rows_by_key.items():
        _match_group(group, sorted(known_by_key.pop(key, []), key=lambda one: one.occurrence), readers, matches)
    matches.gone += [one for group in known_by_key.values() for one in group if not one.voided]
    matches.new.sort(key=lambda pair: pair[0].line)  # exports keep the order of the file
    return matches


def _match_group(rows: list[Row], known: list[Known], readers: Readers, matches: Matches) -> None:
    occurrence = max((one.occurrence for one in known), default=0)
    rest = _match_equal(rows, known, matches, lambda row, one: row.cells == one.cells and readers.are_current(one))
    if rest and known:
        said = {one.id: _says(readers.of(one).read(0, one.cells)) for one in known}
        rest = _match_equal(rest, known, matches, lambda row, one: _says(row) == said[one.id])
    for row in rest:
        if known:
            one = known.pop(0)
            (matches.restored if one.voided else matches.changed).append((row, one))
        else:
            occurrence += 1
            matches.new.append((row, occurrence))
    matches.gone += [one for one in known if not one.voided]


def _match_equal(
    rows: list[Row], known: list[Known], matches: Matches, equal: Callable[[Row, Known], bool]
) -> list[Row]:
    """Take equal ones out of KNOWN; returns the rows that found none."""
    rest = []
    for row in rows:
        found = next((one for one in known if equal(row, one)), None)
        if found is None:
            rest.append(row)
        else:
            known.remove(found)
            (matches.restored if found.voided else matches.same).append((row, found))
    return rest


def _says(row: Row) -> tuple[Any, ...]:
    return row.said, row.facts, row.title, row.unit, row.stage
