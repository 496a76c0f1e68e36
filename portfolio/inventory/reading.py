"""A file becomes rows: parsed by the guard, read with a profile. Nothing is asked of the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from caio_portal.common.uploads.guard import Table, opened
from caio_portal.common.uploads.limits import Refused
from portfolio.inventory.mapping import Mapper, Problem, Row
from portfolio.inventory.profiles import Profile

Progress = Callable[[int, int | None], None]
_ROWS_A_STEP = 500


@dataclass(slots=True)
class Delivery:
    """What a file holds."""

    mapper: Mapper
    rows: list[Row]
    problems: list[Problem]  # of the file as a whole
    header: Sequence[str]

    @property
    def profile(self) -> Profile:
        return self.mapper.profile


def read(file: IO[bytes], profile: Profile, *, encoding: str = "", progress: Progress | None = None) -> Delivery:
    """Read a whole file; raises Refused when it is no table that the profile can read."""
    with opened(file, encoding) as table:
        mapper = Mapper(profile, table.header)
        delivery = Delivery(mapper, _rows(mapper, table, progress), _about_header(mapper, table), table.header)
        delivery.problems += [Problem(line or table.header_line, "", note) for line, note in table.notes]
    if not delivery.rows:
        raise Refused("The file names its columns, but has no rows.", "no_table")
    return delivery


def header_of(file: IO[bytes], encoding: str = "") -> list[str]:
    """The names of a file's columns; raises Refused when it is no table at all."""
    with opened(file, encoding) as table:
        return list(table.header)


def _rows(mapper: Mapper, table: Table, progress: Progress | None) -> list[Row]:
    rows = []
    for line, values in table:
        rows.append(mapper.row(line, values))
        if progress and len(rows) % _ROWS_A_STEP == 0:
            progress(len(rows), None)
    return rows


def _about_header(mapper: Mapper, table: Table) -> list[Problem]:
    message = "The profile does not know this column; its cells are kept."
    return [Problem(table.header_line, name, message) for name in mapper.unknown]
