"""What a delivery brings: its scopes, its observations, and a report with every row that cannot be used."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

SHOWN_PROBLEMS = 200
MOST_GROUPS = 500
MICRO = Decimal("0.000001")
Row = tuple[int, Sequence[str]]  # the number of the line, and its cells


class Staged(NamedTuple):
    """One observation on its way into the table; `scope` is the place of its scope in the delivery."""

    scope: int
    observed_at: datetime
    natural_key: int
    unit_id: int
    use_case_id: int | None
    vendor_id: int | None
    n: int
    row: int
    measure: int
    num: float | None = None
    den: float | None = None
    amount: Decimal | None = None
    hist: list[int] | None = None


class Pinned(NamedTuple):
    """On which set of questions an observation was graded; the digest changes when any of them does."""

    scope: int
    measure: int
    unit_id: int
    use_case_id: int | None
    observed_at: datetime
    natural_key: int
    suite: str  # what is run again and again
    digest: str

    @classmethod
    def of(cls, staged: Staged, suite: str, digest: str) -> "Pinned":
        return cls(
            staged.scope, staged.measure, staged.unit_id, staged.use_case_id, staged.observed_at, staged.natural_key,
            suite[:200], digest[:64],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be used, and why."""

    line: int
    column: str
    sentence: str


@dataclass(slots=True)
class Scope:
    """What one batch replaces or adds: of a cost file, a billing account and period."""

    name: str
    number: int
    first_month: date
    last_month: date
    rows: int = 0
    exported_at: datetime | None = None
    watermark: date | None = None

    def saw(self, month: date) -> None:
        self.first_month = min(self.first_month, month)
        self.last_month = max(self.last_month, month)


class Unmatched(NamedTuple):
    """Which money it is that no rule and no name allocates: of a scope and month, by what it is labelled with."""

    scope: int
    month: date
    labels: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Report:
    """What was found in a file, for the person who sent it."""

    rows: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unallocated: Decimal = Decimal(0)
    unmatched: dict[Unmatched, tuple[Decimal, int]] = field(default_factory=dict)  # amount, rows

    def reject(self, line: int, column: str, sentence: str) -> None:
        self.rejected += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(Problem(line, column, sentence))

    def miss(self, what: Unmatched, amount: Decimal) -> None:
        """Note money that matches nothing, for the worklist; beyond so many groups the rest is one."""
        if len(self.unmatched) >= MOST_GROUPS and what not in self.unmatched:
            what = what._replace(labels=())
        known, rows = self.unmatched.get(what, (Decimal(0), 0))
        self.unmatched[what] = known + amount, rows + 1

    def as_dict(self) -> dict[str, Any]:
        """For the batch's row and the command's last line."""
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "problems": [[problem.line, problem.column, problem.sentence] for problem in self.problems],
            "warnings": dict(self.warnings),
            "amounts": {key: str(amount) for key, amount in sorted(self.amounts.items())},
            "unallocated": str(self.unallocated),
        }


class Delivery(Protocol):
    """A file as a feed's module reads it; `staged()` runs once, and fills the rest as it goes."""

    scopes: dict[str, Scope]
    report: Report
    pinned: list[Pinned]

    def staged(self) -> Iterator[Staged]: ...


def natural_key(*parts: object) -> int:
    """64 bits that stand for a row: at 36 million rows of one feed two collide with a chance of 4 in 100,000."""
    return key_of_text("\x1f".join(map(str, parts)))


def key_of_text(text: str) -> int:
    """The same of parts that are joined already."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def varied(key: int, number: int) -> int:
    """Another key for each small number, for the observations of one row; the factor is 2^64 by the golden ratio."""
    mixed = (key + number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return mixed - (1 << 64) if mixed >> 63 else mixed


def divided(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount in parts that add up to it exactly; the last one gets what rounding leaves."""
    parts = [(amount * weight).quantize(MICRO) for weight in weights[:-1]]
    return [*parts, amount - sum(parts, Decimal(0))]


class Rounder:
    """Rounds amounts to 6 decimals and carries what is cut off, so that each group's sum stays exact."""

    def __init__(self) -> None:
        self._carried: dict[object, Decimal] = defaultdict(Decimal)

    def rounded(self, amount: Decimal, group: object) -> Decimal:
        exact = amount + self._carried[group]
        result = exact.quantize(MICRO)
        self._carried[group] = exact - result
        return result


def unique_columns(header: Iterable[str]) -> dict[str, int]:
    """Where each column is, by its name without a byte order mark."""
    return {name.strip().lstrip("\ufeff"): place for place, name in reversed(list(enumerate(header)))}
