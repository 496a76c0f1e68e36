"""The columns of a Parquet file: where they stand in its schema, and how their values read as text."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.common.uploads.limits import COLUMNS, Refused

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTES, FIXED = range(8)
FORMATS = {INT32: ("i", 4), INT64: ("q", 8), FLOAT: ("f", 4), DOUBLE: ("d", 8)}
_EPOCH, _DAY = datetime(1970, 1, 1), date(1970, 1, 1)  # noqa: DTZ001 (the zone is added where the file says so)
_JULIAN = 2_440_588  # the day of the epoch
_MILLIS, _MICROS = 9, 10  # older names of timestamps
_UNSIGNED = {11: 8, 12: 8, 13: 32, 14: 64}
_MAP_KINDS = (1, 2)  # older names of maps


@dataclass(frozen=True)
class Leaf:
    """A column as it is stored. `deepest` and `repeated` are its greatest definition and repetition levels.

    An entry of a map or list is there from the level `there` on; its value only at the deepest.
    """

    path: tuple[str, ...]
    kind: int
    length: int
    deepest: int
    repeated: int
    there: int
    read: Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column as the table has it: one leaf; or, of a map, that of its keys and that of its values."""

    name: str
    leaves: tuple[Leaf, ...]
    is_map: bool = False


def columns_of(schema: list[dict[int, Any]]) -> list[Column]:
    """The columns, in order; structures are spread out as `parent.child`."""
    if not schema or len(schema) > 4 * COLUMNS:
        raise Refused("The Parquet file has no columns, or too many.", "no_table")
    reader = _Schema(schema)
    for _ in range(schema[0].get(5, 0)):
        reader.field((), 0, 0)
    return reader.found


class _Schema:
    """Walks through the elements of a schema, which stand in depth-first order."""

    def __init__(self, elements: list[dict[int, Any]]) -> None:
        self.found: list[Column] = []
        self._elements = elements
        self._at = 1

    def field(self, above: tuple[str, ...], deep: int, repeated: int) -> None:
        element = self._next()
        path = (*above, _text(element.get(4, b"")))
        deep += element.get(3, 0) != 0
        repeated += element.get(3, 0) == 2
        if not element.get(5):
            self.found.append(Column(".".join(path), (self._leaf(element, path, deep, repeated, deep),)))
        elif len(path) > 8:
            raise Refused("The columns of the Parquet file are nested too deeply.", "no_table")
        elif _is_map(element):
            self._nested(path, deep, repeated, is_map=True)
        elif _is_list(element):
            self._nested(path, deep, repeated, is_map=False)
        else:
            for _ in range(element[5]):
                self.field(path, deep, repeated)

    def _nested(self, path: tuple[str, ...], deep: int, repeated: int, *, is_map: bool) -> None:
        """A map or list: a repeated group with what is in it."""
        group = self._next()
        inner = (*path, _text(group.get(4, b"")))
        deep, repeated = deep + 1, repeated + 1
        if not group.get(5):  # a list of two levels
            self.found.append(Column(".".join(path), (self._leaf(group, inner, deep, repeated, deep),)))
            return
        leaves = []
        for _ in range(group[5]):
            element = self._next()
            if element.get(5):
                raise Refused(f"The column {path[0]} is nested too deeply.", "no_table")
            name = (*inner, _text(element.get(4, b"")))
            leaves.append(self._leaf(element, name, deep + (element.get(3, 0) != 0), repeated, deep))
        if len(leaves) != (2 if is_map else 1):
            raise Refused(f"The column {path[0]} is nested too deeply.", "no_table")
        self.found.append(Column(".".join(path), tuple(leaves), is_map))

    def _leaf(self, element: dict[int, Any], path: tuple[str, ...], deep: int, repeated: int, there: int) -> Leaf:
        if repeated > 1:
            raise Refused(f"The column {path[0]} is nested too deeply.", "no_table")
        return Leaf(path, element.get(1, -1), element.get(2, 0), deep, repeated, there, reader_of(element))

    def _next(self) -> dict[int, Any]:
        if self._at >= len(self._elements):
            raise Refused("The Parquet file is damaged: its columns are not described.")
        self._at += 1
        return self._elements[self._at - 1]


def reader_of(element: dict[int, Any]) -> Callable[[Any], str]:
    """How a value of this column reads as text, as CSV files write it."""
    kind, older, logical = element.get(1), element.get(6), element.get(10) or {}
    if 5 in logical or older == 5:
        scale = (logical.get(5) or {}).get(1, element.get(7, 0)) or 0
        return lambda value: _decimal(value, scale)
    if kind == INT32 and (6 in logical or older == 6):
        return lambda value: (_DAY + timedelta(days=value)).isoformat()
    if kind == INT64 and (8 in logical or older in (_MILLIS, _MICROS)):
        return _timestamps(logical.get(8), older)
    if kind == INT96:
        return _int96
    if kind == BOOLEAN:
        return lambda value: "true" if value else "false"
    if kind in (BYTES, FIXED):
        return _text
    if kind in (FLOAT, DOUBLE):
        return repr
    bits = _UNSIGNED.get(older or 0)
    return str if bits is None else lambda value: str(value % (1 << max(bits, 32)))


def _timestamps(logical: dict[int, Any] | None, older: int | None) -> Callable[[int], str]:
    unit = (logical or {}).get(2) or {}
    per_second = 10**9 if 3 in unit else 1_000 if 1 in unit or (not unit and older == _MILLIS) else 10**6
    zone = "" if logical is not None and not logical.get(1) else "+00:00"

    def read(value: int) -> str:
        seconds, rest = divmod(value, per_second)
        return (_EPOCH + timedelta(seconds=seconds, microseconds=rest * 10**6 // per_second)).isoformat() + zone

    return read


def _int96(value: bytes) -> str:
    nanos, day = struct.unpack("<QI", value)
    return (_EPOCH + timedelta(days=day - _JULIAN, microseconds=nanos // 1_000)).replace(tzinfo=UTC).isoformat()


def _decimal(value: int | bytes, scale: int) -> str:
    whole = int.from_bytes(value, "big", signed=True) if isinstance(value, bytes) else value
    return f"{Decimal(whole).scaleb(-scale):f}"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Refused("A text of the Parquet file is not UTF-8.", "encoding") from None


def _is_map(element: dict[int, Any]) -> bool:
    return 2 in (element.get(10) or {}) or element.get(6) in _MAP_KINDS


def _is_list(element: dict[int, Any]) -> bool:
    return 3 in (element.get(10) or {}) or element.get(6) == 3
