"""Lists as files. Whatever a cell holds, no spreadsheet takes it for a formula."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from caio_portal.common import clock
from caio_portal.common.tables import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = tuple("=+-@\t\r\n\0＝＋－＠")
_BLANKS = " \u00a0\u200b\ufeff"
_ROWS_A_CHUNK = 500


def escape(text: str) -> str:
    """Text that no spreadsheet reads as a formula: a quote in front if its first character could start one."""
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else text


def csv_chunks(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The text of a CSV file, some hundred lines at a time; numbers stay numbers, text is escaped and quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([escape(head) for head in heads])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(value) for value in row])
        if number % _ROWS_A_CHUNK == 0:
            yield _take(buffer)
    yield _take(buffer)


def write_xlsx(file: IO[bytes], heads: Sequence[str], rows: Iterable[Sequence[Any]], sheet: str = "List") -> None:
    """Write a workbook of one sheet, row by row: bold frozen head, filter, real numbers and dates, no formulas."""
    import xlsxwriter  # only whoever exports pays for it

    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        page = workbook.add_worksheet(_sheet_name(sheet))
        formats = _Formats(workbook)
        page.set_column(0, max(len(heads) - 1, 0), 18)
        page.freeze_panes(1, 0)
        for column, head in enumerate(heads):
            page.write_string(0, column, head, formats.head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write_cell(page, last, column, value, formats)
        page.autofilter(0, 0, last, max(len(heads) - 1, 0))


def csv_response(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """A CSV file as it is written; it begins with a byte order mark, which tells Excel that it is UTF-8."""
    chunks = (chunk.encode() for chunk in csv_chunks(heads, rows))
    response = StreamingHttpResponse(_with_mark(chunks), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(name)}.csv"'
    return response


def xlsx_response(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """An XLSX file."""
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write_xlsx(file, heads, rows, name)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_file_name(name)}.xlsx", content_type=XLSX)


def json_chunks(keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The text of a JSON file: a list with an object for each row; dates as ISO 8601, decimals as text."""
    yield "["
    for number, row in enumerate(rows):
        told = {key: _json_value(value) for key, value in zip(keys, row, strict=True)}
        yield f"{',' if number else ''}\n{json.dumps(told, ensure_ascii=False)}"
    yield "\n]\n"


def json_response(name: str, keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """A JSON file as it is written."""
    chunks = (chunk.encode() for chunk in json_chunks(keys, rows))
    response = StreamingHttpResponse(chunks, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(name)}.json"'
    return response


def table_response(table: Table[Any]) -> HttpResponseBase:
    """All rows of a list, under its filters, in the format that its address asks for."""
    if table.file_format == "json":
        keys = [column.key.replace(".", "_") for column in table.export_columns]
        return json_response(table.file_name, keys, table.export_rows())
    respond = xlsx_response if table.file_format == "xlsx" else csv_response
    return respond(table.file_name, [column.label for column in table.export_columns], table.export_rows())


class _Formats:
    def __init__(self, workbook: Any) -> None:
        self.head = workbook.add_format({"bold": True, "bottom": 1})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})


def _write_cell(page: Any, row: int, column: int, value: Any, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, _words(value))
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, float(value))
    elif isinstance(value, datetime):
        page.write_datetime(row, column, _local(value), formats.moment)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, formats.day)
    else:
        page.write_string(row, column, _words(value))


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return _local(value).isoformat(sep=" ", timespec="minutes")
    return escape(_words(value))


def _json_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return value if isinstance(value, str | int | float | list | tuple | None) else str(value)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(str(item) for item in value)
    return str(value)


def _local(value: datetime) -> datetime:
    return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value


def _with_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    yield from chunks


def _take(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _sheet_name(name: str) -> str:
    allowed = "".join(" " if letter in "[]:*?/\\'" else letter for letter in name)
    return allowed.strip()[:31] or "List"


def _file_name(name: str) -> str:
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return f"{safe.strip('-') or 'list'}-{clock.today():%Y-%m-%d}"
