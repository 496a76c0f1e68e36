"""What a delivery changes, row by row, and how well each of its columns was read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from portfolio.inventory.mapping import Cells, Row
from portfolio.inventory.matching import Known

KEPT_CHANGES = 300
_CELLS = 12
_SHOWN = 120


def changes_of(changed: Sequence[tuple[Row, Known]], order: Sequence[str]) -> list[dict[str, Any]]:
    """The first changed rows: line, title, and the cells that differ in ORDER, as they were and as they are now."""
    first = sorted(changed, key=lambda pair: pair[0].line)[:KEPT_CHANGES]
    return [
        {"line": row.line, "title": row.title, "cells": _differing(known.cells, row.cells, order)}
        for row, known in first
    ]


def _differing(before: Cells, after: Cells, order: Sequence[str]) -> list[list[str]]:
    names = [name for name in {**dict.fromkeys(order), **before} if before.get(name, "") != after.get(name, "")]
    return [[name, before.get(name, "")[:_SHOWN], after.get(name, "")[:_SHOWN]] for name in names[:_CELLS]]


def columns_of(names: Sequence[str], rows: Iterable[Row]) -> list[list[Any]]:
    """Name, filled cells and cells that could not be read of each column, in the order of the file."""
    filled: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for row in rows:
        filled.update(row.cells.keys())
        unread.update({problem.column for problem in row.problems})
    return [[name, filled[name], unread[name]] for name in names]
