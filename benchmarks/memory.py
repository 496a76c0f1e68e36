"""The memory of everything that `make run` starts, idle, database and broker included (Linux)."""

import datetime
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks import place
from benchmarks.measurement import Measurement
from caio_portal.local import web

PORT = 8765
LIMIT_MEGABYTES = 500
PDFS = 10


def measure() -> list[Measurement]:
    runner = subprocess.Popen(
        [sys.executable, "-m", "caio_portal.local"],
        cwd=place.ROOT,
        env={**os.environ, "PORT": str(PORT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _await_answer()
        _wait_for_briefing()
        _visit()
        idle = _settled()
        _print_pdfs()
        after = _settled()
    finally:
        runner.send_signal(signal.SIGINT)
        runner.wait(60)
    return [
        Measurement("memory of all processes, idle", idle, "MB PSS", LIMIT_MEGABYTES),
        Measurement(f"the same after {PDFS} PDFs", after, "MB PSS", LIMIT_MEGABYTES),
    ]


def _await_answer() -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("The portal does not answer.")


def _wait_for_briefing() -> None:
    """`make run` has the worker make one; both must have done what they do first."""
    deadline = time.monotonic() + 60
    while not list(place.FOLDER.glob("briefing-*.pdf")) and time.monotonic() < deadline:
        time.sleep(0.5)


def _visit() -> None:
    """Every web process has answered often enough to have loaded what it needs."""
    for _ in range(40):
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/account/login/", timeout=20).close()


def _print_pdfs() -> None:
    """Of ten quarters, so that each is made anew; the worker of `make run` makes them."""
    for number, quarter in enumerate(_quarters(PDFS)):
        place.manage("render_briefing", "--quarter", quarter, "--output", str(place.FOLDER / f"memory-{number}.pdf"))


def _quarters(count: int) -> Iterator[str]:
    day = datetime.datetime.now(datetime.UTC).date()
    for _ in range(count):
        quarter = web.last_quarter(day)
        yield quarter
        day = datetime.date(int(quarter[:4]), 3 * int(quarter[-1]), 1)


def _settled() -> float:
    """The sum in megabytes, when it no longer changes."""
    time.sleep(10)
    return sum(_proportional_set_size(pid) for pid in set(_ours())) / 1024


def _ours() -> Iterator[int]:
    """Every process that works in our folder: by its environment, or because one of those is its parent."""
    found: set[int] = set()
    for path in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            marked = str(place.FOLDER).encode() in (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if (marked or parent in found) and int(path.name) != os.getpid():
            found.add(int(path.name))
            yield int(path.name)


def _proportional_set_size(pid: int) -> int:
    """Kilobytes, shared pages divided among those who share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
