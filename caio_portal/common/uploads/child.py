"""What runs in the child process: reads the file on standard input, writes the table as JSON lines.

A line holds some rows of it, the first of all being the header. The last line is an object: `{"rows": 3612}`, or
`{"refused": {...}}`; both tell the peak of memory.
Of a document it is the only line: `{"media_type": "application/pdf"}`.
"""

import json
import resource
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, BinaryIO

from caio_portal.common.uploads import documents, table
from caio_portal.common.uploads.limits import CHILD_CPU_SECONDS, CHILD_MEMORY, Note, Refused, Row

_ROWS, _CHARACTERS = 200, 50_000  # of a line, at least one of them


def main() -> None:
    how, option = sys.argv[1], sys.argv[2]
    restrict()
    out = sys.stdout

    def write(line: str) -> None:
        out.write(line + "\n")

    if how == "document":
        serve_document(sys.stdin.buffer, option, write)
    else:
        serve(sys.stdin.buffer, how, write, options=frozenset(option.split()))
    out.flush()


def restrict() -> None:
    """Give up what reading a table does not need, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_CPU_SECONDS, CHILD_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(file: BinaryIO, encoding: str, write: Callable[[str], object], *, options: Collection[str] = ()) -> None:
    """Write the rows of a file as JSON lines, or why they are refused; raises nothing."""
    dumps = json.JSONEncoder(ensure_ascii=True, check_circular=False).encode
    notes: list[Note] = []

    def read() -> dict[str, Any]:
        count = 0
        rows = table.read(file, encoding, notes, loose="loose" in options, streamed="streamed" in options)
        for some in _together(rows):
            write(dumps(some))
            count += len(some)
        return {"rows": count, "notes": notes}

    write(dumps({**_told(file, read), "peak_kilobytes": peak_kilobytes()}))


def _together(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows by the line: one by one they would take twice as long to write and to read."""
    some: list[Row] = []
    characters = 0
    for row in rows:
        some.append(row)
        characters += sum(map(len, row[1]))
        if characters > _CHARACTERS or len(some) == _ROWS:
            yield some
            some, characters = [], 0
    if some:
        yield some


def serve_document(file: BinaryIO, name: str, write: Callable[[str], object]) -> None:
    """Write of which kind a document is, or why it is refused; raises nothing."""
    end = _told(file, lambda: {"media_type": documents.media_type_of(file, name)})
    write(json.dumps({**end, "peak_kilobytes": peak_kilobytes()}))


def _told(file: BinaryIO, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What READ found, or the refusal: whatever the file broke, its sender gets a sentence."""
    try:
        file.seek(0)
        return read()
    except Refused as refused:
        return {"refused": refused.as_dict()}
    except MemoryError:
        return {"refused": Refused("The file needs more memory than one file may use.", "bomb").as_dict()}
    except Exception as error:
        name = type(error).__name__
        return {"refused": Refused(f"The file is damaged and cannot be read ({name}).").as_dict()}


def peak_kilobytes() -> int:
    """The greatest memory this process has occupied; getrusage would count the parent's before exec."""
    try:
        with open("/proc/self/status") as status:
            lines = dict(line.split(":", 1) for line in status if ":" in line)
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(lines.get("VmHWM", "0 kB").split()[0])
