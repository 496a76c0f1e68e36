"""Children that end with their parent, however the parent goes. Standard library only: the guardian imports it."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PATIENCE_SECONDS = 5


def die_with_parent(number: int) -> Callable[[], None]:
    """For preexec_fn: ask Linux to send the child signal NUMBER when its parent is gone."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def ask() -> None:
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)

    return ask


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans(spare: Collection[int] = ()) -> None:
    """Stop what a killed child left behind, but not the processes in SPARE."""
    begun = time.monotonic()
    while orphans := [pid for pid in _children() if pid not in spare]:
        patient = time.monotonic() - begun < PATIENCE_SECONDS
        for pid in orphans:
            os.kill(pid, signal.SIGTERM if patient else signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.1)


def _children() -> list[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []
