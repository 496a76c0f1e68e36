"""An inventory as a file: the imported rows in their order, then the organisation's own."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

from django.db.models import QuerySet

from caio_portal.accounts.models import OrgUnit
from caio_portal.common.exports import csv_chunks, write_xlsx
from portfolio.inventory.layouts import Layout, Wording, columns_of, head_of
from portfolio.inventory.mapping import Cells
from portfolio.inventory.profiles import Profile
from portfolio.inventory.writing import Place, Writer
from portfolio.models import ExternalRow, UseCase

FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
           "json": "application/json"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file."""

    cells: Cells
    imported: bool
    ref: str


def lines(profile: Profile, use_cases: QuerySet[UseCase]) -> Iterator[Line]:
    """A row for each use case: imported ones in the order of their import, then the others by reference."""
    writer = Writer(profile)
    names = dict(OrgUnit.objects.values_list("pk", "name"))
    kept: dict[int, tuple[int, Cells]] = {
        use_case: (pk, cells)
        for use_case, pk, cells in ExternalRow.objects.filter(source__startswith=f"{profile.key}/")
        .order_by("-pk")
        .values_list("use_case", "pk", "cells")
    }
    last = max((pk for pk, _ in kept.values()), default=0) + 1
    found = use_cases.select_related("unit", "owner").defer("unit__time_zone")
    for use_case in sorted(found, key=lambda one: (kept.get(one.pk, (last, {}))[0], one.pk)):
        row = kept.get(use_case.pk)
        place = Place(names[int(use_case.unit.path.partition(".")[0])], use_case.unit.name)
        yield Line(writer.cells(use_case, row[1] if row else None, place), row is not None, use_case.ref)


def published(profile: Profile, rows: Iterable[Line]) -> list[Line]:
    """What may be published: rows that are withheld are left out, and the others say nothing of who is in charge."""
    withheld, contact = profile.identity.withheld, profile.identity.contact
    writer = Writer(profile)
    return [
        replace(line, cells={key: cell for key, cell in line.cells.items() if key != contact})
        for line in rows
        if not is_withheld(profile, writer.said(line.cells).get(withheld or "", ""))
    ]


def is_withheld(profile: Profile, answer: str) -> bool:
    """Whether an answer keeps a row out of public reporting; a blank one does not."""
    key = profile.identity.withheld
    return bool(key and answer and answer != profile.column(key).options[0].value)


def write(
    file: IO[bytes],
    profile: Profile,
    rows: Sequence[Line],
    file_format: str,
    *,
    layout: Layout = Layout.KEPT,
    raw: bool = False,
    mark: bool = False,
) -> None:
    """Write a file; text that a spreadsheet would take for a formula is escaped in CSV files unless they are RAW.

    MARK puts a byte order mark before CSV, without which Excel does not know that it is UTF-8.
    """
    if mark and file_format == "csv":
        file.write(b"\xef\xbb\xbf")
    columns, wording = columns_of(profile, layout), Wording(profile, layout)
    heads = [head_of(column, layout, file_format) for column in columns]
    values = ([cells.get(column.key, "") for column in columns] for cells in (wording.cells(row.cells) for row in rows))
    if file_format == "json":
        file.write(_json([column.key for column in columns], values))
    elif file_format == "xlsx":
        write_xlsx(file, heads, values, profile.title)
    elif raw:
        file.write(_raw(heads, values))
    else:
        for chunk in csv_chunks(heads, values):
            file.write(chunk.encode())


def _raw(head: Sequence[str], rows: Iterator[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()


def _json(keys: Sequence[str], rows: Iterable[list[str]]) -> bytes:
    document: list[dict[str, Any]] = [dict(zip(keys, row, strict=True)) for row in rows]
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
