"""What every process keeps in memory although another one may change it: a number tells, read beside something else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stamp:
    """The EXPRESSION (SQL) of a number that grows, what to do when it is TOLD, and how to READ without being told."""

    name: str
    expression: str
    told: Callable[[int], None]
    read: Callable[[], None]


_stamps: dict[str, Stamp] = {}


def register(stamp: Stamp) -> None:
    _stamps[stamp.name] = stamp


def expressions() -> list[str]:
    """Columns for a query that is made anyway; their values are to be told, in this order."""
    return [stamp.expression for stamp in _stamps.values()]


def tell(numbers: Iterable[int]) -> None:
    for stamp, number in zip(_stamps.values(), numbers, strict=True):
        stamp.told(number)


def read() -> None:
    """Read everything anew: a query each, for work that nobody signed in for."""
    for stamp in _stamps.values():
        stamp.read()
