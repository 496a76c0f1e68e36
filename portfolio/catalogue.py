"""The facts there are: those that ship with the portal, and those that published questionnaires declare."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portfolio.facts import Fact


class NoSuchFact(ValueError):
    """A document names a fact that this process does not know."""


class Catalogue(Mapping[str, "Fact"]):
    """Facts by name, the shipped ones first. What a draft declares counts only `along` with reading that draft."""

    def __init__(self, shipped: Mapping[str, "Fact"]) -> None:
        self.shipped = shipped
        self.number = 0  # of the last declaration that this process has read
        self.source: Callable[[], object] | None = None  # reads the declarations of the database
        self._facts = dict(shipped)
        self._along: ContextVar[Mapping[str, Fact]] = ContextVar("along", default=MappingProxyType({}))

    def __getitem__(self, name: str) -> "Fact":
        return self._along.get().get(name) or self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._facts, **self._along.get()})

    def __len__(self) -> int:
        return len({**self._facts, **self._along.get()})

    def keep(self, declared: Mapping[str, "Fact"], number: int) -> None:
        """From now on the facts are the shipped ones and these; one assignment, so that no reader sees half of it."""
        self._facts = {**self.shipped, **declared}
        self.number = number

    def refresh(self) -> bool:
        """Read the declarations of the database; whether there are others than this process knew."""
        before = self.number
        if self.source:
            self.source()
        return self.number != before

    @contextmanager
    def along(self, facts: Mapping[str, "Fact"]) -> Iterator[None]:
        """For a while and for this reader only, these are facts too."""
        token = self._along.set({**self._along.get(), **facts})
        try:
            yield
        finally:
            self._along.reset(token)
