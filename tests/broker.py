"""A broker that a test may kill."""

import contextlib
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from caio_portal.local import services
from caio_portal.local.processes import die_with_parent


class Broker:
    """A Valkey on a port of its own, which keeps nothing and may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder))
        self.process = subprocess.Popen(
            [str(services.valkey_program()), "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise TimeoutError("The broker does not start.")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
