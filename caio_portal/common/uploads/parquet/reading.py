"""From the pages of a Parquet file to rows of text."""

import json
import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from caio_portal.common.uploads.limits import CELL_CHARACTERS, CELLS, COLUMNS, ROWS, TEXT_BYTES, Refused, Row
from caio_portal.common.uploads.parquet import deltas
from caio_portal.common.uploads.parquet.columns import (
    BOOLEAN,
    BYTES,
    FIXED,
    FORMATS,
    INT32,
    INT64,
    INT96,
    Column,
    Leaf,
    columns_of,
)
from caio_portal.common.uploads.parquet.packing import runs, unpacked
from caio_portal.common.uploads.parquet.thrift import Thrift

MARK = b"PAR1"
FOOTER_BYTES = 16_000_000
HEADER_BYTES = 64_000  # of a page; statistics in it may be long
_DATA, _DICTIONARY, _DATA_2 = 0, 2, 3
_PLAIN, _OLD_DICTIONARY, _RLE, _BY_DICTIONARY = 0, 2, 3, 8
_DELTA, _DELTA_LENGTHS, _DELTA_TEXTS, _SPLIT = 5, 6, 7, 9
_DAMAGED = "The Parquet file is damaged: its pages do not fit its columns."


def rows(file: BinaryIO) -> Iterator[Row]:
    """The names of the columns, then every row, numbered from 2 as if the names were line 1."""
    about = _about(file)
    columns = columns_of(about.get(2) or [])
    total = about.get(3, 0)
    if len(columns) > COLUMNS or total > ROWS or total * len(columns) > CELLS:
        sentence = f"The file has {total:,} rows of {len(columns):,} columns: split it and send the parts."
        raise Refused(sentence, "too_large")
    yield 1, [column.name for column in columns]
    number = 1
    for group in about.get(4) or ():
        for row in _rows_of_group(file, group, columns):
            number += 1
            yield number, row


def _about(file: BinaryIO) -> dict[int, Any]:
    """What the end of the file says about it."""
    size = file.seek(0, 2)
    if size > TEXT_BYTES:
        raise Refused(f"The file is larger than {TEXT_BYTES >> 20} MB.", "too_large")
    file.seek(max(size - 8, 0))
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != MARK or not 0 < length <= min(size - 12, FOOTER_BYTES):
        raise Refused("The Parquet file breaks off, or is encrypted.")
    file.seek(size - 8 - length)
    return Thrift(file.read(length)).structure()


def _rows_of_group(file: BinaryIO, group: dict[int, Any], columns: Sequence[Column]) -> Iterator[list[str]]:
    count = group.get(3, 0)
    if not 0 <= count <= ROWS:
        raise Refused(_DAMAGED)
    chunks = {_path(chunk): chunk.get(3) or {} for chunk in group.get(1) or ()}
    cells = [_cells(file, column, chunks, count) for column in columns]
    if any(len(column) != count for column in cells):
        raise Refused(_DAMAGED)
    return (list(row) for row in zip(*cells, strict=True))


def _path(chunk: dict[int, Any]) -> tuple[str, ...]:
    return tuple(part.decode(errors="replace") for part in (chunk.get(3) or {}).get(3) or ())


def _cells(file: BinaryIO, column: Column, chunks: dict[tuple[str, ...], dict[int, Any]], count: int) -> list[str]:
    """The cells of a column in a group of rows; empty where there is no value."""
    stored = []
    for leaf in column.leaves:
        if leaf.path not in chunks:
            raise Refused(_DAMAGED)
        stored.append(_stored(file, leaf, chunks[leaf.path], count))
    if column.leaves[0].repeated:
        return _nested(column, stored)
    leaf = column.leaves[0]
    read = leaf.read
    return [_fit("" if value is None else read(value)) for _, level, value in stored[0]]


def _nested(column: Column, stored: Sequence[list[tuple[int, int, Any]]]) -> list[str]:
    """Maps and lists as JSON, one for each row."""
    found: list[list[list[str | None]]] = []
    for entries in zip(*stored, strict=True):
        if entries[0][0] == 0:
            found.append([])
        if not found:
            raise Refused(_DAMAGED)
        if entries[0][1] >= column.leaves[0].there:
            pairs = zip(column.leaves, entries, strict=True)
            found[-1].append([None if value is None else leaf.read(value) for leaf, (_, _, value) in pairs])
    if column.is_map:
        return [_fit(json.dumps({str(entry[0]): entry[1] for entry in row}) if row else "") for row in found]
    return [_fit(json.dumps([entry[0] for entry in row]) if row else "") for row in found]


def _fit(cell: str) -> str:
    if len(cell) > CELL_CHARACTERS:
        raise Refused(f"A cell has more than {CELL_CHARACTERS:,} characters.", "too_long")
    return cell


def _stored(file: BinaryIO, leaf: Leaf, about: dict[int, Any], count: int) -> list[tuple[int, int, Any]]:
    """Repetition level, definition level and value (None: there is none) of every entry."""
    wanted = about.get(5, 0)
    if not 0 <= wanted <= (count if not leaf.repeated else CELLS):
        raise Refused(_DAMAGED)
    start = min(offset for offset in (about.get(9), about.get(11)) if offset)
    file.seek(start)
    data = file.read(about.get(7, 0))
    found: list[tuple[int, int, Any]] = []
    dictionary: list[Any] = []
    at = 0
    while len(found) < wanted:
        thrift = Thrift(data[at : at + HEADER_BYTES])
        head = thrift.structure()
        at += thrift.at
        packed = data[at : at + head.get(3, 0)]
        at += head.get(3, 0)
        if head.get(1) == _DICTIONARY:
            plain = unpacked(packed, about.get(4, 0), head.get(2, 0))
            dictionary = _plain(leaf, plain, min((head.get(7) or {}).get(1, 0), CELLS))
        elif head.get(1) in (_DATA, _DATA_2):
            page = _page(leaf, head, packed, about.get(4, 0), dictionary, wanted - len(found))
            if not page:
                raise Refused(_DAMAGED)
            found += page
        elif not packed:
            raise Refused("The Parquet file breaks off.")
    return found


def _page(
    leaf: Leaf, head: dict[int, Any], packed: bytes, codec: int, dictionary: Sequence[Any], most: int
) -> list[tuple[int, int, Any]]:
    """The entries of one page, of the first or the second kind."""
    told = head.get(5) or head.get(8) or {}
    count = told.get(1, 0)
    if not 0 < count <= most:
        raise Refused(_DAMAGED)
    if head.get(1) == _DATA_2:
        deep, repeated = told.get(5, 0), told.get(6, 0)
        levels, body = packed[: deep + repeated], packed[deep + repeated :]
        if told.get(7, True):
            body = unpacked(body, codec, head.get(2, 0) - deep - repeated)
        reps, defs = levels[:repeated], levels[repeated:]
    else:
        body = unpacked(packed, codec, head.get(2, 0))
        reps, body = _prefixed(body) if leaf.repeated else (b"", body)
        defs, body = _prefixed(body) if leaf.deepest else (b"", body)
    repetition = runs(reps, leaf.repeated.bit_length(), count) if leaf.repeated else [0] * count
    definition = runs(defs, leaf.deepest.bit_length(), count) if leaf.deepest else [0] * count
    there = sum(level == leaf.deepest for level in definition)
    encoding = told.get(4 if head.get(1) == _DATA_2 else 2, _PLAIN)
    values = iter(_values(leaf, body, encoding, there, dictionary))
    return [
        (again, level, next(values) if level == leaf.deepest else None)
        for again, level in zip(repetition, definition, strict=True)
    ]


def _prefixed(body: bytes) -> tuple[bytes, bytes]:
    """Levels of the first kind of page: their length stands before them."""
    length = int.from_bytes(body[:4], "little")
    return body[4 : 4 + length], body[4 + length :]


def _values(leaf: Leaf, body: bytes, encoding: int, count: int, dictionary: Sequence[Any]) -> list[Any]:
    if encoding == _PLAIN:
        return _plain(leaf, body, count)
    if encoding in (_OLD_DICTIONARY, _BY_DICTIONARY):
        places = runs(body[1:], body[0] if body else 0, count) if count else []
        if places and max(places) >= len(dictionary):
            raise Refused(_DAMAGED)
        return [dictionary[place] for place in places]
    if encoding == _RLE and leaf.kind == BOOLEAN:
        return [bool(bit) for bit in runs(_prefixed(body)[0], 1, count)]
    return _by_differences(leaf, body, encoding, count)


def _by_differences(leaf: Leaf, body: bytes, encoding: int, count: int) -> list[Any]:
    """What newer writers store as differences, or split into the bytes of numbers."""
    if encoding == _DELTA and leaf.kind in (INT32, INT64):
        return deltas.numbers(body, count, 32 if leaf.kind == INT32 else 64)[0] if count else []
    if encoding == _DELTA_LENGTHS and leaf.kind == BYTES:
        return deltas.texts(body, count) if count else []
    if encoding == _DELTA_TEXTS and leaf.kind in (BYTES, FIXED):
        return deltas.shared(body, count) if count else []
    if encoding == _SPLIT and (size := FORMATS[leaf.kind][1] if leaf.kind in FORMATS else leaf.length) > 0:
        if len(body) < count * size:
            raise Refused("The Parquet file breaks off.")
        return _plain(leaf, bytes(body[place * count + each] for each in range(count) for place in range(size)), count)
    raise Refused(f"The column {leaf.path[0]} is written in a way that is not read. Send the table as CSV.", "no_table")


def _plain(leaf: Leaf, body: bytes, count: int) -> list[Any]:
    """COUNT values one after the other."""
    if leaf.kind in FORMATS:
        letter, size = FORMATS[leaf.kind]
        if len(body) < count * size:
            raise Refused("The Parquet file breaks off.")
        return list(struct.unpack_from(f"<{count}{letter}", body))
    if leaf.kind == BOOLEAN:
        return [bool(bit) for bit in islice(((byte >> place) & 1 for byte in body for place in range(8)), count)]
    if leaf.kind in (INT96, FIXED):
        size = 12 if leaf.kind == INT96 else leaf.length
        if size <= 0 or len(body) < count * size:
            raise Refused("The Parquet file breaks off.")
        return [body[place * size : (place + 1) * size] for place in range(count)]
    if leaf.kind != BYTES:
        raise Refused("The Parquet file is damaged: a column has no known type.")
    return _texts(body, count)


def _texts(body: bytes, count: int) -> list[bytes]:
    """Each with its length before it."""
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(body[at : at + 4], "little")
        if at + 4 + length > len(body):
            raise Refused("The Parquet file breaks off.")
        found.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    return found
