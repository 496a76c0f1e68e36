"""Which use cases a register shows, and why it does not show the others."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from portfolio import facts
from portfolio.inventory import profiles
from portfolio.inventory.exporting import is_withheld
from portfolio.inventory.mapping import Mapper
from portfolio.light.running import unsettled
from portfolio.models import ExternalRow, PublicRegister, UseCase
from portfolio.stages import Stage


@dataclass(frozen=True, slots=True)
class Entry:
    """One use case as the public sees it."""

    ref: str
    title: str
    unit: str
    stage: str
    facts: list[tuple[str, str]]
    changed_at: datetime

    @property
    def summary(self) -> str:
        return "; ".join(f"{label}: {value}" for label, value in self.facts)


def shown(register: PublicRegister) -> QuerySet[UseCase]:
    """The use cases of a register, by title: of its stages, and for the public.

    Confidential ones and those withheld from public reporting are not; nor is what somebody reported as running before
    it is in order, for nobody has looked at it yet, and who tells of it is promised no blame.
    """
    rows = _of_unit(register).filter(confidential=False, stage__in=register.stages).exclude(unsettled())
    return rows.exclude(pk__in=_withheld(register)).select_related("unit").order_by("title", "pk")


def entries(register: PublicRegister, use_cases: QuerySet[UseCase]) -> Iterator[Entry]:
    wanted = [facts.CATALOGUE[name] for name in register.facts if name in facts.CATALOGUE]
    for one in use_cases:
        said = [(fact.label, fact.label_of(one.facts[fact.name])) for fact in wanted if fact.name in one.facts]
        yield Entry(one.ref, one.title, one.unit.name, str(one.get_stage_display()), said, one.changed_at)


def left_out(register: PublicRegister) -> Counter[str]:
    """How many use cases of the unit are not shown, by the first reason that holds."""
    withheld = _withheld(register)
    in_disorder = set(_of_unit(register).filter(unsettled()).values_list("pk", flat=True))
    reasons: Counter[str] = Counter()
    for pk, confidential, stage in _of_unit(register).values_list("pk", "confidential", "stage"):
        if confidential:
            reasons["Confidential"] += 1
        elif pk in withheld:
            reasons["Withheld from public reporting"] += 1
        elif pk in in_disorder:
            reasons["Reported as running, and not yet in order"] += 1
        elif stage not in register.stages:
            reasons[f"{Stage(stage).label} is not among the stages" if stage else "No stage is stated"] += 1
    return reasons


def _of_unit(register: PublicRegister) -> QuerySet[UseCase]:
    return UseCase.objects.active().filter(unit__path__startswith=register.unit.path)


def _withheld(register: PublicRegister) -> set[int]:
    """The use cases whose imported rows say that they are not for the public."""
    found: set[int] = set()
    for profile in profiles.latest():
        if not (column := profile.identity.withheld):
            continue
        mapper = Mapper.for_cells(profile)
        rows = ExternalRow.objects.filter(
            source__startswith=f"{profile.key}/", use_case__unit__path__startswith=register.unit.path
        ).exclude(**{f"cells__{column}": None})
        for use_case, cell in rows.values_list("use_case", f"cells__{column}"):
            if cell and is_withheld(profile, mapper.read(0, {column: cell}).said.get(column, "")):
                found.add(use_case)
    return found
