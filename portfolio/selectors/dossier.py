"""Overview, facts and history of one use case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from caio_portal.audit import trail
from caio_portal.common import clock, words
from caio_portal.common.parts import Fact, Step
from portfolio import ports
from portfolio.facts import CATALOGUE
from portfolio.intake.showing import as_html
from portfolio.intake.versions import asked_of
from portfolio.models import ChangeSource, FactChange, MoveKind, Remark, RetirementDuty, StageMove, UseCase
from portfolio.retirement import Duty, duties
from portfolio.selectors.stage_times import stage_times
from portfolio.stages import MOVES, ORDER, Stage, days_over, rank

_EVENTS = 30
_ICONS = {
    "use_case.registered": "plus", "use_case.edited": "edit", "use_case.facts_written": "edit",
    "use_case.submitted": "inbox", "use_case.moved": "chevron", "use_case.paused": "pause",
    "use_case.resumed": "refresh", "use_case.retired": "stop", "use_case.person_named": "people",
    "use_case.benefit_stated": "trend", "use_case.cost_recorded": "table", "use_case.tiered": "tier-0",
}  # fmt: skip
# What the overview tells first, if it is known.
_CHIEF = (
    "technique", "approach", "vendor_product", "topic_area", "affected_people", "decides_about", "human_involvement",
    "autonomy", "personal_data", "users_expected", "spend_per_year", "operational_on",
)  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """The first page of a dossier."""

    parties: tuple[Fact, ...]
    chief_facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    preview: ports.Preview
    unknown: tuple[str, ...]
    gate: ports.Checklist | None
    stuck_for: int | None  # days over the usual time in this stage
    usual_stay: str  # what is usual in this stage, in a sentence
    answered: int
    of: int


@dataclass(frozen=True)
class FactLine:
    """A fact with its value in words, who gave it, and what it was before."""

    label: str
    value: str
    help: str
    by: str
    at: datetime | None
    earlier: tuple["FactLine", ...] = ()
    name: str = ""
    remarks: tuple[Remark, ...] = ()
    html: str = ""  # the value, with links to files and pages

    @property
    def tells(self) -> bool:
        """Whether there is more to show than that it is unknown."""
        return bool(self.value or self.earlier or self.remarks)


def overview(use_case: UseCase) -> Overview:
    _, questionnaire = asked_of(use_case)
    preview = ports.look_ahead(use_case.facts, use_case.stage)
    answered, of = questionnaire.progress(use_case.facts)
    following, times = _next_stage(use_case), stage_times()
    stuck_for = days_over(use_case.stage, use_case.stage_since, clock.now(), times.limits)
    return Overview(
        parties=_parties(use_case),
        chief_facts=tuple(
            Fact(CATALOGUE[name].label, CATALOGUE[name].label_of(use_case.facts[name]))
            for name in _CHIEF
            if use_case.facts.get(name) is not None
        ),
        steps=_steps(use_case),
        preview=preview,
        unknown=tuple(CATALOGUE[name].label for name in preview.unknown if name in CATALOGUE),
        gate=ports.checklist(use_case, following) if following else None,
        stuck_for=None if use_case.paused_at else stuck_for,
        usual_stay=times.words(use_case.stage),
        answered=answered,
        of=of,
    )


def ending(use_case: UseCase) -> list[tuple[RetirementDuty, Duty]]:
    """The checklist of a use case that ended; no query for others."""
    if use_case.stage != Stage.RETIRED:
        return []
    return [
        (row, duties()[row.duty]) for row in use_case.retirement_duties.select_related("by") if row.duty in duties()
    ]


def ways(use_case: UseCase) -> list[Stage]:
    """The stages that a use case may be moved to; retiring is an act of its own."""
    to = MOVES[Stage(use_case.stage)] if use_case.stage else set(ORDER)
    return [stage for stage in ORDER if stage in to and stage != Stage.RETIRED]


def facts_by_section(use_case: UseCase) -> list[tuple[str, str, list[FactLine], list[str]]]:
    """(title, key, lines, labels of what is unknown) of each section of the questionnaire."""
    _, questionnaire = asked_of(use_case)
    changes: dict[str, list[FactChange]] = {}
    for change in use_case.fact_changes.select_related("by", "batch").order_by("-recorded_at", "-pk"):
        changes.setdefault(change.fact, []).append(change)
    remarks = open_remarks(use_case)
    sections = []
    for section in questionnaire.sections:
        shown = [q.fact for q in section.questions if q.is_shown(use_case.facts) or q.is_answered(use_case.facts)]
        lines = [
            replace(
                _line(name, use_case, changes), name=name, remarks=remarks.get(name, ()),
                html=as_html(CATALOGUE[name], use_case.facts.get(name), use_case),
            )
            for name in shown
        ]  # fmt: skip
        unknown = [line.label for line in lines if not line.tells]
        sections.append((section.title, section.key, lines, unknown))
    return sections


def open_remarks(use_case: UseCase) -> dict[str, tuple[Remark, ...]]:
    """The remarks that are not settled, by fact."""
    found: dict[str, tuple[Remark, ...]] = {}
    for remark in use_case.remarks.filter(settled_at=None).select_related("by"):
        found[remark.fact] = (*found.get(remark.fact, ()), remark)
    return found


def history(use_case: UseCase, page: str | None) -> Page[Any]:
    """The audit events of a use case, newest first; `entries` are those of the page, as sentences."""
    found = Paginator(trail.events_of(use_case), _EVENTS).get_page(page)
    found.entries = [_happening(trail.entry(event)) for event in found]  # type: ignore[attr-defined]
    return found


def _happening(entry: trail.Entry) -> tuple[trail.Entry, SafeString, str, list[tuple[str, str, str]]]:
    """(entry, its sentence without the name of the use case, an icon, what changed)."""
    name = f"<b>{escape(entry.subject)}</b>"
    told = entry.sentence.removeprefix(name) if entry.sentence.startswith(name) else entry.sentence.replace(name, "it")
    sentence = mark_safe(f"It{told}" if entry.sentence.startswith(name) else told)  # noqa: S308  # escaped by trail
    return entry, sentence, _ICONS.get(entry.action, "dash"), _changes_in(entry.details)


def _parties(use_case: UseCase) -> tuple[Fact, ...]:
    named = [person for person in use_case.people.all() if person.ended_at is None]
    parties = [
        Fact("Unit", use_case.unit.name),
        Fact("Owner", use_case.owner or "Nobody yet"),
        Fact("Sponsor", use_case.sponsor or "Nobody yet"),
        Fact("Requester", use_case.requester or "Unknown"),
        Fact("Registered", words.day(use_case.registered_at), help=use_case.get_source_display()),
    ]
    if named:
        parties.append(Fact("Also named", ", ".join(str(person.user) for person in named)))
    return tuple(parties)


def _steps(use_case: UseCase) -> tuple[Step, ...]:
    """The stages with the day each was reached, last time."""
    reached: dict[str, StageMove] = {move.after: move for move in use_case.moves.all()}
    return tuple(_step(use_case, stage, reached.get(stage)) for stage in ORDER)


def _step(use_case: UseCase, stage: Stage, move: StageMove | None) -> Step:
    if stage == use_case.stage:
        state = "current"
    else:
        state = "done" if 0 <= rank(stage) < rank(use_case.stage) and move else "todo"
    if move is None or rank(stage) > rank(use_case.stage):
        return Step(stage.label, state)
    note = ", recorded" if move.kind == MoveKind.RECORDED and stage != Stage.IDEA else ""
    return Step(stage.label, state, f"{words.day(move.moved_at)}{note}")


def _next_stage(use_case: UseCase) -> Stage | None:
    """The stage whose gate is shown: the next one on the way to production."""
    here = rank(use_case.stage)
    return ORDER[here + 1] if here < rank(Stage.PRODUCTION) else None


def _line(name: str, use_case: UseCase, changes: dict[str, list[FactChange]]) -> FactLine:
    fact, known = CATALOGUE[name], changes.get(name, [])
    value = use_case.facts.get(name)
    last = known[0] if known else None
    return FactLine(
        fact.label,
        "" if value is None else fact.label_of(value),
        fact.help,
        _who(last) if last else "",
        last.recorded_at if last else None,
        tuple(
            FactLine(
                fact.label, "" if each.value is None else fact.label_of(each.value), "", _who(each), each.recorded_at
            )
            for each in known[1:]
        ),
    )


def _who(change: FactChange) -> str:
    if change.source == ChangeSource.IMPORT:
        return f"import {change.batch_id}" if change.batch_id else "import"
    if change.by is None:
        return change.get_source_display().lower()
    if change.source == ChangeSource.SYSTEM:  # it went or came back with its question
        return f"{change.by}, {'no longer asked' if change.value is None else 'asked again'}"
    return str(change.by)


def _changes_in(details: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, before, after) of an event that changed facts or fields."""
    before, after = details.get("before"), details.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return [(_label(name), _told(name, before.get(name)), _told(name, value)) for name, value in after.items()]
    pairs: dict[str, Sequence[Any]] = details.get("values") or {}
    return [(name.capitalize(), _plain(old), _plain(new)) for name, (old, new) in pairs.items()]


def _label(name: str) -> str:
    return CATALOGUE[name].label if name in CATALOGUE else name.replace("_", " ").capitalize()


def _told(name: str, value: Any) -> str:
    if value is None or name not in CATALOGUE:
        return _plain(value)
    return CATALOGUE[name].label_of(value)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return words.NONE
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
