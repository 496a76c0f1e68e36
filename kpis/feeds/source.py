"""A delivered file as its connector asks for it: a table, a JSON document, or JSON lines."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import IO, Any

from caio_portal.common.errors import Invalid
from caio_portal.common.uploads.guard import Refused, opened
from caio_portal.common.uploads.limits import ROWS, TEXT_BYTES
from kpis.feeds.delivery import Row

LINE_BYTES = 5_000_000
Table = tuple[list[str], Iterator[Row]]


class Source:
    """One file; closes with the stack that was given."""

    def __init__(self, file: IO[bytes], stack: ExitStack, encoding: str = "") -> None:
        self.file = file
        self._stack = stack
        self._encoding = encoding

    def table(self, *, loose: bool = False) -> Table:
        """Header and rows of CSV, XLSX, JSON (an array of objects) or JSON lines."""
        start = self._start()
        if start[:1] in (b"{", b"["):
            return _tabular(self.objects())
        table = self._stack.enter_context(opened(self.file, self._encoding, loose=loose, streamed=True))
        return table.header, iter(table)

    def document(self) -> Any:
        """The file as one JSON document; numbers with a point are exact decimals."""
        self.file.seek(0)
        content = self.file.read(TEXT_BYTES + 1)
        if len(content) > TEXT_BYTES:
            raise Invalid(f"The file is larger than {TEXT_BYTES >> 20} MB.", field="file")
        return parsed(content, "The file")

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of an array, of a document's only list, or of JSON lines, with their number or line."""
        if self._is_lines():
            yield from self.lines()
            return
        document = self.document()
        entries = document if isinstance(document, list) else [document]
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                raise Invalid(f"Entry {number} of the JSON is not an object.", field="file")
            yield number, entry

    def entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Objects; those of a table are its rows, as text by the names of the columns."""
        if self._start()[:1] in (b"{", b"["):
            yield from self.objects()
            return
        header, rows = self.table(loose=True)
        for line, row in rows:
            yield line, dict(zip(header, row, strict=False))

    def lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """JSON lines, each with its number."""
        self.file.seek(0)
        number = 0
        while line := self.file.readline(LINE_BYTES + 1):
            number += 1
            if len(line) > LINE_BYTES:
                raise Invalid(f"Line {number} is longer than {LINE_BYTES:,} bytes.", field="file")
            if line.strip():
                entry = parsed(line, f"Line {number}")
                if not isinstance(entry, dict):
                    raise Invalid(f"Line {number} is not a JSON object.", field="file")
                yield number, entry

    def _start(self) -> bytes:
        self.file.seek(0)
        start = self.file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
        self.file.seek(0)
        return start

    def _is_lines(self) -> bool:
        """Whether the first line is a whole object, and another follows."""
        self.file.seek(0)
        first = self.file.readline(LINE_BYTES + 1)
        return first.strip().endswith(b"}") and bool(self.file.readline(LINE_BYTES + 1).strip())


def parsed(content: bytes, what: str) -> Any:
    """JSON, or a sentence about what is wrong with it."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise Invalid(f"{what} is not UTF-8.", field="file") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"{what} is not valid JSON: {error}.", field="file") from None
    except RecursionError:
        raise Invalid(f"{what} is nested too deeply.", field="file") from None


def _tabular(objects: Iterator[tuple[int, dict[str, Any]]]) -> Table:
    """Objects as rows of text under all the names that they use."""
    entries = list(objects)
    if len(entries) > ROWS:
        raise Invalid(f"The file has more than {ROWS:,} rows. Split it and send the parts.", field="file")
    header = list(dict.fromkeys(name for _, entry in entries for name in entry))
    return header, ((number, [_cell(entry.get(name)) for name in header]) for number, entry in entries)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str | Decimal) else json.dumps(value, ensure_ascii=False, default=str)


__all__ = ["Refused", "Source", "parsed"]
