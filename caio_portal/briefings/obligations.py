"""The regulatory calendar: the loader of calendar.toml."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from caio_portal.briefings.snapshot.schema import Obligation
from caio_portal.common.records import Record

FILE = Path(__file__).with_name("calendar.toml")


class Calendar(Record):
    obligations: tuple[Obligation, ...]

    def between(self, first: date, last: date) -> tuple[Obligation, ...]:
        return tuple(obligation for obligation in self.obligations if first <= obligation.on <= last)


def load(path: Path = FILE) -> Calendar:
    return Calendar.model_validate(tomllib.loads(path.read_text("utf-8")))


@cache
def current() -> Calendar:
    return load()
