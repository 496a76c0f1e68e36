"""Reads the `.env` beside manage.py: NAME=value lines; what the environment already says wins."""

import os
from pathlib import Path

PATH = Path(__file__).resolve().parent.parent.parent / ".env"


def load(path: Path = PATH) -> None:
    """Put the settings of a file into the environment, if there is such a file."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, found, value = line.partition("=")
        name = name.strip()
        if found and name and not name.startswith("#"):
            os.environ.setdefault(name, _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
