"""The requirements of the gates, as their file says them: which line, what it looks at, from which stage on."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from django.conf import settings
from pydantic import Field, ValidationError, model_validator

from caio_portal.common.errors import Invalid
from caio_portal.common.records import Record
from portfolio.conditions import Condition
from portfolio.facts import CATALOGUE
from portfolio.models import BenefitState
from portfolio.stages import Stage

SHIPPED = Path(__file__).with_name("requirements.toml")
ENTERED = (Stage.EXPERIMENT, Stage.PILOT, Stage.PRODUCTION)  # the stages with a gate before them
_KEY = r"^[a-z][a-z0-9_]{0,39}$"  # as long as an exception can name it


class _Line(Record):
    key: str = Field(pattern=_KEY)
    text: str = Field(min_length=1, max_length=200)
    from_: Stage = Field(alias="from")
    excusable: bool = False
    if_: Condition | None = Field(default=None, alias="if")
    of_tier: int = Field(default=1, ge=1, le=5)

    @model_validator(mode="after")
    def _has_a_gate(self) -> Self:
        if self.from_ not in ENTERED:
            raise ValueError(f"no gate leads to {self.from_.value}")
        return self


class Person(_Line):
    check: Literal["person"]
    part: Literal["owner", "sponsor", "requester"]


class TierKnown(_Line):
    check: Literal["tier"]
    firm_from: Stage


class Allowed(_Line):
    check: Literal["allowed"]
    excusable: Literal[False] = False  # nothing excuses from a prohibition


class ApprovalReaches(_Line):
    check: Literal["approval"]


class Controls(_Line):
    check: Literal["controls"]
    excusable: Literal[False] = False  # each control has exceptions of its own


class RiskWithin(_Line):
    check: Literal["risk"]


class FactStated(_Line):
    check: Literal["fact"]
    fact: str

    @model_validator(mode="after")
    def _is_a_fact(self) -> Self:
        if self.fact not in CATALOGUE:
            raise ValueError(f"{self.fact} is not the name of a fact")
        return self


class Holds(_Line):
    check: Literal["condition"]
    holds: Condition


class BenefitAt(_Line):
    check: Literal["benefit"]
    state: BenefitState


class CostKnown(_Line):
    check: Literal["cost"]


Line = Annotated[
    Person | TierKnown | Allowed | ApprovalReaches | Controls | RiskWithin | FactStated | Holds | BenefitAt | CostKnown,
    Field(discriminator="check"),
]


class Gates(Record):
    requirements: tuple[Line, ...]

    @model_validator(mode="after")
    def _keys_are_distinct(self) -> Self:
        keys = [line.key for line in self.requirements]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"more than one line is called {', '.join(twice)}")
        return self

    def excusable(self, key: str) -> str | None:
        """The words of a line from which somebody can be excused; None of any other."""
        return next((words_of(line) for line in self.requirements if line.key == key and line.excusable), None)


def words_of(line: Line, to: Stage | None = None) -> str:
    """The line as a gate shows it, or without a gate."""
    return line.text.replace("{stage}", to.label.lower() if to else "the stage")


def load(path: Path) -> Gates:
    """Raises Invalid, with what is wrong and where."""
    try:
        return Gates.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValidationError, ValueError) as error:
        raise Invalid(f"{path.name}: {error}") from error


def gates() -> Gates:
    """Those in force: the file that the settings name, else the one that ships."""
    return _load(settings.GATES_FILE)


@lru_cache(maxsize=4)
def _load(name: str) -> Gates:
    return load(Path(name) if name else SHIPPED)
