from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

from caio_portal.common import assets


class MadeFinder(BaseFinder):
    """Lets runserver, tests and collectstatic serve what `assets.MADE` makes."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        make = assets.MADE.get(path)
        file = make() if make else None
        if find_all:
            return [str(file)] if file else []
        return str(file) if file else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, make in assets.MADE.items():
            if file := make():
                yield name, _OneFile(file)


class _OneFile(FileSystemStorage):
    """Storage of a single file, whatever name it is asked for."""

    def __init__(self, file: Path) -> None:
        super().__init__(location=str(file.parent))
        self._file = file

    def path(self, name: str) -> str:
        return str(self._file)
