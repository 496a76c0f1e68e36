"""What an import found and did: for the page, the command and the trail."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from caio_portal.common.parts import Fact
from caio_portal.common.words import number
from portfolio.inventory.mapping import Problem

# More than anybody reads on a page; the figures count all of them.
KEPT_PROBLEMS = 5_000
KEPT_ALIKE = 300
NOT_STATED = "not_stated"
NOT_KNOWN = "not_known"
_LINES = 5
_LABELS = {"absent": "Not in this file", "repeated": "Sharing a key"}


@dataclass(slots=True)
class Report:
    """Figures of one import; `by_tier` and `by_stage` count the use cases of the file's rows."""

    profile: str
    unit: str = ""
    file: str = ""
    sha256: str = ""
    dry_run: bool = False
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    absent: int = 0  # rows of earlier deliveries that this file does not have
    repeated: int = 0  # rows whose key another row of the file has, too: told apart by their order
    recognised: int = 0  # of the updated ones: by a person, under another identifier or name
    by_tier: dict[str, int] = field(default_factory=dict)
    provisional: int = 0
    by_stage: dict[str, int] = field(default_factory=dict)
    batch: int | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    alike: list[dict[str, Any]] = field(default_factory=list)  # new rows that are perhaps known
    changes: list[dict[str, Any]] = field(default_factory=list)  # the first of the changed rows, cell by cell
    columns: list[list[Any]] = field(default_factory=list)  # name, filled, could not be read

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.warnings += not problem.error
            if len(self.problems) < KEPT_PROBLEMS:
                self.problems.append(problem.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def figures(self) -> dict[str, Any]:
        """Everything but the problems, row by row: what a command prints on its last line."""
        found = self.as_dict()
        for details in ("problems", "alike", "changes", "columns"):
            del found[details]
        return found


def figures(report: dict[str, Any]) -> list[Fact]:
    """The figures of a report, for a page."""
    names: tuple[str, ...] = ("rows", "created", "updated", "unchanged", "rejected", "warnings", "absent")
    names += tuple(name for name in ("recognised", "repeated") if report.get(name))
    return [Fact(_LABELS.get(name, name.capitalize()), number(report[name])) for name in names if name in report]


def tiers(report: dict[str, Any]) -> list[tuple[int, int]]:
    """Tier (0: not yet known) and number of use cases, the gravest first."""
    counts = {0 if key == NOT_KNOWN else int(key): count for key, count in report.get("by_tier", {}).items()}
    return [(tier, counts[tier]) for tier in sorted(counts, reverse=True) if counts[tier]]


@dataclass(slots=True)
class Group:
    """The same problem in several rows."""

    column: str
    message: str
    value: str
    is_error: bool
    found: list[int]

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def lines(self) -> str:
        """The first lines of it, as words."""
        shown = ", ".join(str(line) for line in self.found[:_LINES])
        return f"{shown} and {self.count - _LINES:,} more" if self.count > _LINES else shown


def groups(report: dict[str, Any]) -> list[Group]:
    """The problems of a report: errors first, then the most frequent."""
    found: dict[tuple[str, ...], Group] = {}
    for problem in report.get("problems", []):
        key = (problem["column"], problem["message"], problem["value"], problem["kind"])
        found.setdefault(key, Group(*key[:3], problem["kind"] == "error", [])).found.append(problem["line"])
    return sorted(found.values(), key=lambda group: (not group.is_error, -group.count, group.found[0]))
