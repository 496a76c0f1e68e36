"""Processes that a test starts: they end with the test, and with pytest, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from caio_portal.local.processes import die_with_parent
from caio_portal.local.services import ROOT


class Child:
    """A running Python process with a group of its own, and what it has written."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, text: str, seconds: float = 30) -> None:
        """Wait until the process has written TEXT."""
        deadline = time.monotonic() + seconds
        while text not in self.output():
            assert self.process.poll() is None, f"It ended:\n{self.output()}"
            assert time.monotonic() < deadline, f"It never said {text!r}:\n{self.output()}"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to the whole group, and wait."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def environment(**changes: str) -> dict[str, str]:
    """What the processes that serve see: the tests' database, and nothing of its owner."""
    mine = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    return mine | {"DJANGO_SETTINGS_MODULE": "tests.process_settings", "PYTHONUNBUFFERED": "1"} | changes


def wait_for(done: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
