"""Use cases by unit: the tree of the organisation with what each part of it has."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from caio_portal.common import marks
from caio_portal.common.tables.filters import NONE
from portfolio import ports
from portfolio.approvals import lacking
from portfolio.models import UseCase
from portfolio.stages import Stage
from portfolio.tables import UseCaseTable

NAMED_UP_TO = 300  # so many use cases are named under their units; of more only the numbers are shown
OPEN_UP_TO = 12  # units on the first screen: a tree of so few stands open


@dataclass
class Branch:
    """A unit with the numbers of itself and all below it."""

    name: str
    path: str
    url: str
    total: int = 0
    running: int = 0
    tiers: list[tuple[int, str, int]] = field(default_factory=list)  # number (0: not yet known), words, how many
    use_cases: list[tuple[UseCase, ports.ApprovalState | None]] = field(default_factory=list)  # if it opens no gate
    joined: list[tuple[UseCase, str]] = field(default_factory=list)  # of other units, each with what it is for here
    below: "list[Branch]" = field(default_factory=list)
    is_open: bool = False


@dataclass(frozen=True)
class Tree:
    roots: Sequence[Branch]
    named: bool
    total: int


def tree(table: UseCaseTable) -> Tree:
    """The units with something to show. The numbers are those of the facets; naming them takes one query."""
    branches = _branches(table)
    named = table.total <= NAMED_UP_TO
    if named:
        _name(table, branches)
    roots = _hang(branches)
    for branch in branches.values():
        branch.is_open = len(branches) <= OPEN_UP_TO or branch in roots
    return Tree(roots, named, table.total)


def _branches(table: UseCaseTable) -> dict[str, Branch]:
    """The units by path, in the order of the tree; those without any use case are left out."""
    branches: dict[str, Branch] = {}
    totals: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for (stage, tier, path), number in table.tally.items():
        for above in _upwards(path):
            totals[above][stage, tier] += number
    words = {0: "Not yet known", **marks.tier_words()}
    for path, name in table.units:
        if found := totals.get(path):
            branches[path] = _branch(name, path, table.url(view=None, unit=path), found, words)
    return branches


def _branch(name: str, path: str, url: str, found: Counter[tuple[str, str]], words: dict[int, str]) -> Branch:
    tiers: Counter[int] = Counter()
    for (_, tier), number in found.items():
        tiers[0 if tier == NONE else int(tier)] += number
    running = sum(number for (stage, _), number in found.items() if stage == Stage.PRODUCTION)
    told = [(tier, words.get(tier, f"Tier {tier}"), tiers[tier]) for tier in sorted(tiers, reverse=True)]
    return Branch(name, path, url, sum(found.values()), running, told)


def _name(table: UseCaseTable, branches: dict[str, Branch]) -> None:
    for row in table.found:
        if branch := branches.get(row.unit.path):
            branch.use_cases.append((row, lacking(row)))
        for name, purpose, _, path in vars(row)["joined"] or []:
            branch = branches.setdefault(path, _branch(name, path, table.url(view=None, unit=path), Counter(), {}))
            branch.joined.append((row, purpose))


def _hang(branches: dict[str, Branch]) -> list[Branch]:
    roots: list[Branch] = []
    for path, branch in branches.items():
        above = next((branches[each] for each in reversed(_upwards(path)[:-1]) if each in branches), None)
        (above.below if above else roots).append(branch)
    return roots


def _upwards(path: str) -> list[str]:
    """1.4.9. leads to 1., 1.4. and 1.4.9."""
    keys = path.split(".")[:-1]
    return [".".join(keys[:depth]) + "." for depth in range(1, len(keys) + 1)]
