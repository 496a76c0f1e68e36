"""Which uses are common, what none of them may be, and how long whatever runs may go on while it is put in order."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from caio_portal.common import clock
from caio_portal.common.records import Record

SHIPPED = Path(__file__).with_name("common_uses.toml")


class CommonUses(Record):
    """The list of common uses by letter, as its file says it."""

    source: str
    days_to_settle: int = Field(ge=1, le=365)
    limits: tuple[str, ...] = Field(min_length=1)
    uses: dict[str, str] = Field(min_length=1)


def load(path: Path = SHIPPED) -> CommonUses:
    """Read the list from its file; raises pydantic's ValidationError for a bad one."""
    return CommonUses.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def catalogue() -> CommonUses:
    """The shipped list, read once per process."""
    return load()


def titles() -> Mapping[str, str]:
    return catalogue().uses


def title_of(use: str) -> str:
    """The words of a use; a letter that is not on the list any more stands for itself."""
    return titles().get(use, use)


def settle_by() -> date:
    """The day by which what is reported today is put in order."""
    return clock.today() + timedelta(days=catalogue().days_to_settle)
