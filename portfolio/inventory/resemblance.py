"""Which new rows are perhaps known already under another identifier or name: for somebody to decide, row by row."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from caio_portal.accounts.models import OrgUnit
from portfolio.inventory.mapping import Row
from portfolio.inventory.matching import Known
from portfolio.inventory.profiles import Profile
from portfolio.models import ExternalRow, Source, UseCase
from portfolio.selectors.similar import likeness

_WORD = re.compile(r"\w{4,}")
_COMMON = 400  # a word of more titles than this finds nobody
_NEAREST = 12  # candidates whose titles are compared letter by letter
_SAME_UNIT, _ELSEWHERE, _SAME_NUMBER = 0.5, 0.8, 0.2  # the least likeness of the titles
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class Candidate:
    """A use case that no row of the file stands for; `known` is its row of an earlier file of the same inventory."""

    use_case_id: int
    ref: str
    title: str
    unit: str
    number: str
    is_own: bool  # registered here: a row may point to it, and changes nothing of it
    batch_id: int | None
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A new row, the use case that it may be, and why."""

    row: Row
    candidate: Candidate
    likeness: float
    why: str

    @property
    def is_sure(self) -> bool:
        """Whether most people would say yes."""
        return self.likeness >= _SURE or ("identifier" in self.why and self.likeness >= _SAME_UNIT)

    def as_dict(self) -> dict[str, object]:
        one = self.candidate
        return {
            "line": self.row.line, "title": self.row.title, "unit": self.row.unit, "use_case": one.use_case_id,
            "ref": one.ref, "known_title": one.title, "known_unit": one.unit, "likeness": round(100 * self.likeness),
            "why": self.why, "is_sure": self.is_sure, "is_own": one.is_own,
        }  # fmt: skip


def candidates(root: OrgUnit, source: str, gone: Sequence[Known]) -> list[Candidate]:
    """The use cases of a unit and those below it that are in no row of the file."""
    by_use_case = {one.use_case_id: one for one in gone if not one.voided}
    here = ExternalRow.objects.filter(source=source).exclude(use_case__in=by_use_case).values("use_case")
    rows = UseCase.objects.active().filter(unit__path__startswith=root.path).exclude(pk__in=here).order_by("pk")
    numbers: dict[int, tuple[str, int]] = {
        use_case: (_number_in(key), batch)
        for use_case, key, batch in ExternalRow.objects.filter(use_case__in=rows.values("pk"))
        .order_by("pk")
        .values_list("use_case", "key", "batch")
    }
    return [
        Candidate(pk, ref, title, unit, *_origin(pk, numbers, came), by_use_case.get(pk))
        for pk, ref, title, unit, came in rows.values_list("pk", "ref", "title", "unit__name", "source")
    ]


def _origin(pk: int, numbers: dict[int, tuple[str, int]], came: str) -> tuple[str, bool, int | None]:
    number, batch = numbers.get(pk, ("", None))
    return number, came != Source.IMPORT, batch


def _number_in(key: str) -> str:
    number = key.partition("/")[2]
    return "" if number.startswith("#") else number


def resemblances(rows: Iterable[Row], known: Sequence[Candidate], profile: Profile, root: str) -> list[Resemblance]:
    """The best partner of each row, if any is alike enough; nobody is the partner of two."""
    index = _Index(known)
    found = [one for row in rows for one in _alike(row, index, profile, root)]
    found.sort(key=lambda one: (-one.likeness - ("identifier" in one.why) * 0.5, one.row.line))
    lines: set[int] = set()
    taken: set[int] = set()
    best = []
    for one in found:
        if one.row.line not in lines and one.candidate.use_case_id not in taken:
            best.append(one)
            lines.add(one.row.line)
            taken.add(one.candidate.use_case_id)
    return sorted(best, key=lambda one: one.row.line)


def _alike(row: Row, index: "_Index", profile: Profile, root: str) -> Iterator[Resemblance]:
    number = row.said.get(profile.identity.id or "", "").strip()
    for one in index.near(row.title, number):
        share = likeness(row.title, one.title)
        same_unit = (row.unit or root).casefold() == one.unit.casefold()
        if number and number == one.number and share >= _SAME_NUMBER:
            yield Resemblance(row, one, share, "The identifier is the same.")
        elif share >= (_SAME_UNIT if same_unit else _ELSEWHERE):
            where = "in the same unit" if same_unit else f"in {one.unit}"
            yield Resemblance(row, one, share, f"The titles are alike, {where}.")


class _Index:
    """Finds candidates by identifier and by the rarer words of their titles."""

    def __init__(self, known: Sequence[Candidate]) -> None:
        self._known = known
        self._words: dict[str, list[int]] = defaultdict(list)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(known):
            for word in _words(one.title):
                self._words[word].append(at)
            if one.number:
                self._numbers[one.number].append(at)

    def near(self, title: str, number: str) -> list[Candidate]:
        """Those with the same number, and those whose titles share most words."""
        shared: Counter[int] = Counter()
        for word in _words(title):
            if len(places := self._words.get(word, ())) <= _COMMON:
                shared.update(places)
        nearest = [at for at, _ in shared.most_common(_NEAREST)]
        same = self._numbers.get(number, [])[:_NEAREST] if number else []
        return [self._known[at] for at in dict.fromkeys([*same, *nearest])]


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold()))
