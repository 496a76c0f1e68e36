"""Opens what somebody uploaded: the file is parsed in a child process, never in this one."""

import json
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from caio_portal.common.uploads.documents import shown_name
from caio_portal.common.uploads.limits import TABLE_BYTES, WALL_SECONDS, Note, Refused, Row

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGES = sysconfig.get_path("platlib")  # behind the standard library; only the codec of Parquet is taken from it
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); sys.path.append(sys.argv.pop(1));"
    " from caio_portal.common.uploads.child import main; main()"
)
_TOO_MUCH = "The file cannot be read within the time and memory that one file may use."
_ENCODINGS = ("", "windows-1252", "utf-8", "utf-16")


class Table:
    """The header of an opened file; iterating yields its rows with the line on which each begins.

    After the last row `notes` says what the rows alone do not tell: formulas, merged cells.
    """

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self.peak_kilobytes = 0
        self.notes: list[Note] = []
        (self.header_line, self.header), *self._first = self._next() or [(0, [])]

    def __iter__(self) -> Iterator[Row]:
        yield from self._first
        self._first = []
        while rows := self._next():
            yield from rows

    def _next(self) -> list[Row] | None:
        line = self._lines.readline()
        if not line.endswith("\n"):
            raise Refused(_TOO_MUCH, "bomb")
        message = json.loads(line)
        if isinstance(message, list):
            return [(number, cells) for number, cells in message]
        self.peak_kilobytes = message["peak_kilobytes"]
        self.notes = [(line, note) for line, note in message.get("notes", ())]
        _require_taken(message)
        return None


@contextmanager
def opened(file: IO[bytes], encoding: str = "", *, loose: bool = False, streamed: bool = False) -> Iterator[Table]:
    """Open a CSV (also gzipped), XLSX or Parquet file as a table; `loose` and `streamed` as in `table.read`.

    Raises Refused, here or while rows are read. Code `windows-1252` offers to read it again in that encoding.
    """
    if encoding not in _ENCODINGS:
        raise Refused(f"The encoding {encoding} is not known.", "encoding")
    options = " ".join(name for name, chosen in (("loose", loose), ("streamed", streamed)) if chosen)
    with _child(file, encoding, options) as lines:
        yield Table(lines)


def examined(file: IO[bytes], name: str) -> str:
    """The media type of an uploaded document, by its content. Raises Refused."""
    with _child(file, "document", shown_name(name)) as lines:
        line = lines.readline()
        if not line.endswith("\n"):
            raise Refused(_TOO_MUCH, "bomb")
        message = json.loads(line)
        _require_taken(message)
        return str(message["media_type"])


def _require_taken(message: dict[str, Any]) -> None:
    if refused := message.get("refused"):
        refusal = Refused(refused["sentence"], refused["code"], line=refused["line"], preview=refused["preview"])
        refusal.peak_kilobytes = message["peak_kilobytes"]
        raise refusal


@contextmanager
def _child(file: IO[bytes], how: str, option: str) -> Iterator[IO[str]]:
    """What the child says about FILE, for as long as it may take."""
    with _on_disk(file) as readable, _process(readable, how, option) as process:
        stop = threading.Timer(WALL_SECONDS, process.kill)
        stop.start()
        try:
            assert process.stdout
            yield process.stdout
        finally:
            stop.cancel()
            process.kill()


def _process(readable: IO[bytes], how: str, option: str) -> subprocess.Popen[str]:
    # -I and -S: no environment, and nothing of site-packages runs by itself; it starts in some 30 ms.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _CHILD, str(_ROOT), _PACKAGES, how, option],
        stdin=readable,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        encoding="ascii",
    )


@contextmanager
def _on_disk(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file itself if the child can inherit it, else a copy."""
    try:
        file.fileno()
    except (OSError, AttributeError):
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            copy.write(file.read(TABLE_BYTES + 1))  # one byte too many: the child then refuses it as too large
            copy.flush()
            yield copy
    else:
        yield file


__all__ = ["Refused", "Row", "Table", "examined", "opened"]
