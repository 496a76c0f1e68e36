"""An inventory as a file: the imported rows in their order, then the organisation's own."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db.models import QuerySet

from caio_portal.accounts.models import OrgUnit
from caio_portal.common.exports import csv_chunks, write_xlsx
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


def heads(profile: Profile, file_format: str) -> list[str]:
    """Workbooks carry the headers of the published template, the other formats the short names."""
    official = file_format == "xlsx"
    return [(column.header or column.key) if official else column.key for column in profile.columns]


def write(
    file: IO[bytes], profile: Profile, rows: Sequence[Line], file_format: str, *, raw: bool = False, mark: bool = False
) -> None:
    """Write a file; text that a spreadsheet would take for a formula is escaped in CSV files unless they are RAW.

    MARK puts a byte order mark before CSV, without which Excel does not know that it is UTF-8.
    """
    if mark and file_format == "csv":
        file.write(b"\xef\xbb\xbf")
    values = ([line.cells.get(column.key, "") for column in profile.columns] for line in rows)
    if file_format == "json":
        file.write(_json(profile, rows))
    elif file_format == "xlsx":
        write_xlsx(file, heads(profile, file_format), values, profile.title)
    elif raw:
        file.write(_raw(heads(profile, file_format), values))
    else:
        for chunk in csv_chunks(heads(profile, file_format), values):
            file.write(chunk.encode())


def _raw(head: Sequence[str], rows: Iterator[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()


def _json(profile: Profile, rows: Sequence[Line]) -> bytes:
    document: list[dict[str, Any]] = [
        {column.key: line.cells.get(column.key, "") for column in profile.columns} for line in rows
    ]
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
