"""Where benchmarks run: a database, a broker and a folder of their own, with demonstration data and the inventory."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".local" / "bench"
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "INSECURE_HTTP", "DATA_DIR")
COMMAND_SECONDS = 600


class NotThere(Exception):
    """A benchmark cannot run here; the message says what it lacks."""


def prepare() -> None:
    """Forget the shell's services, and name our own folder; nothing is started yet."""
    for name in OURS:
        os.environ.pop(name, None)
    os.environ |= {"LOCAL_DIR": str(FOLDER), "LOG_LEVEL": "ERROR"}


def manage(*arguments: str) -> tuple[float, str]:
    """Run a manage.py command as a person would; returns its seconds, start and end included, and its output."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
    seconds = time.monotonic() - begun
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


def last_object(output: str) -> dict[str, Any]:
    """The JSON object on the last line of a command's output."""
    found: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return found


def inventory() -> Path:
    """The file of the federal inventory, unpacked into our folder."""
    packed = Path(os.environ.get("CAIO_SHARED_DATA") or ROOT.parent / "shared" / "data") / "omb_2025_use_cases.csv.gz"
    if not packed.exists():
        raise NotThere(f"there is no {packed}; CAIO_SHARED_DATA names another folder.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / packed.stem
    with gzip.open(packed) as source, file.open("wb") as target:
        shutil.copyfileobj(source, target)
    return file


def django() -> None:
    """Start Django in this process on our database; the servers stay until this process ends."""
    import django as framework

    from caio_portal.local import services

    services.join()
    framework.setup()
