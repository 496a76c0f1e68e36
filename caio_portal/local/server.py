"""What the embedded servers have in common: an account, a clean environment, a log. Standard library only."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from caio_portal.local.processes import die_with_parent

CLEAN_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LC_ALL": "C",
    "TZ": "UTC",
}  # no PGHOST, no PGOPTIONS
STOP_SECONDS = 30


class ServerError(Exception):
    """A server cannot run; the message is for the person at the terminal."""


class Server:
    """One program that runs as an unprivileged account for as long as its parent lives."""

    name: str

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data, self.sockets = data, sockets
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self, *command: object) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGINT),
                **self.identity(),
            )
        return self.process

    def run(self, *command: object, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of the server's to its end, with TEXT on its standard input."""
        words = [str(word) for word in command]
        return subprocess.run(words, input=text, capture_output=True, text=True, check=False, **self.identity())

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGINT: PostgreSQL's fast shutdown; Valkey saves and leaves."""
        if self.alive() and self.process:
            self.process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        if not self.process:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(5)

    def require_alive(self) -> None:
        if not self.alive():
            raise ServerError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    @property
    def log(self) -> Path:
        return self.data / f"{self.name.lower()}.log"

    @staticmethod
    def identity() -> dict[str, Any]:
        """For Popen: who the server is, where it stands and what it sees."""
        account = server_account()
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        return {"env": CLEAN_ENVIRONMENT, "cwd": "/", "umask": 0o077, **who}

    @staticmethod
    def own(folder: Path) -> None:
        if account := server_account():
            os.chown(folder, account.pw_uid, account.pw_gid)


def server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; `nobody` is everywhere, so no account has to be made."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def let_pass(path: Path) -> list[Path]:
    """As root: let `nobody` walk (not list) the folders above PATH; returns those changed."""
    closed = [folder for folder in path.resolve().parents if not folder.stat().st_mode & 0o001]
    for folder in closed:
        folder.chmod(folder.stat().st_mode | 0o001)
    return closed


def let_read(folder: Path) -> None:
    """As root with a strict umask: let `nobody` run the programs that were just installed."""
    if not folder.exists() or folder.stat().st_mode & 0o004:
        return
    for item in (folder, *folder.rglob("*")):
        if not item.is_symlink():
            mode = item.stat().st_mode
            item.chmod(mode | (0o005 if mode & 0o100 else 0o004))


def wait_for(done: Callable[[], bool], seconds: float, message: str) -> None:
    """Ask DONE every 10 ms for at most SECONDS, then fail with MESSAGE."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise ServerError(message)
        time.sleep(0.01)
