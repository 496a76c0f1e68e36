"""Facts of the organisation's own: what a questionnaire declares, and what of it may change later."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationError, model_validator

from caio_portal.common.records import Record
from portfolio.facts import CELLS, Fact, Kind, described

NAME = r"^[a-z][a-z0-9_]{2,59}$"
_KEY = r"^[a-z0-9][a-z0-9_]*$"
_CHOSEN = frozenset({Kind.CHOICE, Kind.CHOICES})


def _from_pairs(raw: Any) -> Any:
    """Choices and columns have an order, which JSON in the database does not keep: there they are pairs."""
    return dict(raw) if isinstance(raw, list) and all(isinstance(one, list) and len(one) == 2 for one in raw) else raw


def _as_pairs(ordered: dict[str, Any]) -> list[list[Any]]:
    return [[key, value] for key, value in ordered.items()]


_InOrder = PlainSerializer(_as_pairs, when_used="json")


class _Described(Record):
    """What facts.toml says of a fact, or of a column of a table."""

    kind: Kind
    label: str = Field(min_length=1, max_length=80)
    help: str = Field(default="", max_length=400)
    choices: Annotated[dict[str, str], BeforeValidator(_from_pairs), _InOrder] = Field(default_factory=dict)
    uom: str = Field(default="", max_length=20)

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        if (self.kind in _CHOSEN) != (len(self.choices) > 1):
            raise ValueError(f"a {self.kind} has {'two choices or more' if self.kind in _CHOSEN else 'no choices'}")
        if wrong := [key for key in self.choices if not _is_key(key)]:
            raise ValueError(f"the keys of choices are small letters, digits and _, not {', '.join(wrong)}")
        if self.uom and self.kind not in (Kind.NUMBER, Kind.MONEY):
            raise ValueError(f"a {self.kind} has no unit of measure")
        return self


class DeclaredColumn(_Described):
    needed: bool = False

    @model_validator(mode="after")
    def _fits_into_a_cell(self) -> Self:
        if self.kind not in CELLS:
            raise ValueError(f"a column cannot hold what a {self.kind} should")
        return self


def _columns_as_pairs(columns: dict[str, DeclaredColumn]) -> list[list[Any]]:
    return [[key, column.model_dump(mode="json", exclude_defaults=True)] for key, column in columns.items()]


_Columns = PlainSerializer(_columns_as_pairs, when_used="json")


class DeclaredFact(_Described):
    """A fact that is not in the catalogue that ships."""

    columns: Annotated[dict[str, DeclaredColumn], BeforeValidator(_from_pairs), _Columns] = Field(default_factory=dict)
    rows_max: int = Field(default=0, ge=0, le=200)

    @model_validator(mode="after")
    def _is_a_table_or_none(self) -> Self:
        if (self.kind is Kind.TABLE) != bool(self.columns and self.rows_max):
            raise ValueError("a table, and nothing else, has columns and rows_max")
        return self

    def document(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    def fact(self, name: str) -> Fact:
        return described(name, self.model_dump(exclude_defaults=True))


def declared(raw: Any) -> dict[str, Fact]:
    """The facts that a raw document declares well; its own fields tell what is wrong with the others."""
    found: dict[str, Fact] = {}
    for name, table in raw.items() if isinstance(raw, Mapping) else ():
        try:
            found[name] = (table if isinstance(table, DeclaredFact) else DeclaredFact.model_validate(table)).fact(name)
        except ValidationError:
            continue
    return found


def objection_to_meaning(before: Fact, after: Fact) -> str | None:
    """Answers that were given keep what they say: a fact may get another label and more choices, nothing else."""
    if before.kind is not after.kind:
        return f"{before.name} is a {before.kind} already, and stays one. Give the new fact another name."
    if before.uom != after.uom:
        return f"{before.name} is measured in {before.uom or 'no unit'}, and stays so. Give the new fact another name."
    if gone := before.choices.keys() - after.choices.keys():
        return f"{before.name} had the choices {', '.join(sorted(gone))}, which answers may hold. Keep them."
    for key, column in before.columns.items():
        if key not in after.columns:
            return f"{before.name} had a column {key}, which answers may hold. Keep it."
        if objection := objection_to_meaning(column, after.columns[key]):
            return objection
    return None


def _is_key(key: str) -> bool:
    return key.replace("_", "a").isalnum() and key.isascii() and key == key.lower() and not key.startswith("_")
