"""People: the staff roster, training records against it, and surveys. Only counts are kept, no names and no answers."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid
from kpis.feeds import cells
from kpis.feeds.delivery import Row, unique_columns
from kpis.feeds.documents import Seen, Settings, Unusable
from kpis.feeds.source import Source

PERSON = ("employee_id", "Employee ID", "User ID", "worker_id")
STATE = ("status", "Worker Status", "User Status")
GROUP = ("org", "Division", "Organization", "team", "department", "unit")
TITLE = ("Training Title", "Learning Content", "course")
DONE_STATE = ("Transcript Status", "Completion Status", "status")
DONE_ON = ("Transcript Completed Date", "Completion Date", "completed_at")
EXPIRES = ("Expiration Date", "expires_at")
DONE = frozenset({"completed", "completed equivalent", "completed equivalency", "passed"})
EXEMPT = frozenset({"exempt", "waived", "waiver approved"})
SCORE = {"enps_responses": ("Q1", "NPS", "score"), "satisfaction": ("CSAT", "Q1", "rating")}
_INVITED = {"enps_responses": "enps_invited", "satisfaction": "satisfaction_invited"}
HEADERS = 2  # at most, after the first
_SCALE = {"enps_responses": (0, 10), "satisfaction": (1, 5)}


@dataclass(frozen=True)
class _Sheet:
    """A table with the columns of a role."""

    columns: Mapping[str, int]
    rows: Iterator[Row]
    settings: Settings

    def column(self, role: str, *usual: str, needed: bool = True) -> str:
        found = self.settings.column(role, self.columns, *usual)
        if needed and not found:
            raise Invalid(f"The file has no column for {role.replace('_', ' ')}.", field="file")
        return found

    def text(self, row: Sequence[str], column: str) -> str:
        return cells.text(row[self.columns[column]]) if column else ""


def _sheet(source: Source, settings: Settings) -> _Sheet:
    header, rows = source.table(loose=True)
    return _Sheet(unique_columns(header), rows, settings)


def roster(source: Source, settings: Settings) -> Iterator[Seen]:
    """How many active people each unit has; training feeds read the same file again to know who they are."""
    at, counts = _start_of(settings), defaultdict[str, int](int)
    for group in active(source, settings).values():
        counts[group] += 1
    for group, count in counts.items():
        yield Seen(1, "headcount", at, f"headcount {at:%Y-%m}", (group,), _labels(group), num=count, n=count,
                   until=settings.today)  # fmt: skip


def training(source: Source, settings: Settings) -> Iterator[Seen]:
    """Active people with a valid completion, of all active people less those exempt: by the roster, not by the records.

    Whoever has no record has not done it. A later registration does not undo a completion, and people who have left
    do not count.
    """
    if not settings.mapping.roster:
        raise Invalid("The feed names no roster: who must be trained is not told by the records.", field="file")
    records = _records(_sheet(source, settings))
    at, people = _start_of(settings), active(settings.roster(), settings, quiet=True)
    settings.warn("Active people without any record, who count as not trained.", len(people.keys() - records.keys()))
    settings.warn("Records of people who are not active.", len(records.keys() - people.keys()))
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for person, group in people.items():
        standing = records.get(person, "")
        sums[group][0] += standing == "done"
        sums[group][1] += standing != "exempt"
    for group, (done, required) in sums.items():
        if required:
            yield Seen(1, "training", at, f"training {at:%Y-%m}", (group,), _labels(group), done, required, required,
                       until=settings.today)  # fmt: skip


def survey(source: Source, settings: Settings) -> Iterator[Seen]:
    """Promoters less detractors (or answers in the two best boxes), pooled per team and month; comments stay out."""
    measure = settings.mapping.measure or "enps_responses"
    sheet = _sheet(source, settings)
    answered_on = sheet.column("date", "RecordedDate", "EndDate", "End Date", "date", "Date Modified")
    score, group = sheet.column("score", *SCORE[measure]), sheet.column("group", *GROUP, needed=False)
    state = sheet.column("state", "Status", "Response Type", needed=False)
    sums: dict[tuple[datetime, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    told: dict[tuple[datetime, str], list[str]] = defaultdict(list)
    for number, (line, row) in enumerate(sheet.rows):
        if number < HEADERS and _is_second_header(row, sheet, answered_on):
            continue
        settings.report.rows += 1
        if "preview" in sheet.text(row, state).lower():
            settings.warn("A preview of the survey; it does not count.")
            continue
        if not sheet.text(row, score):
            settings.warn("A response without a score; it does not count.")
            continue
        try:
            at, points = _answer(sheet, row, answered_on, score, measure)
        except Unusable as unusable:
            settings.report.reject(line, unusable.column, str(unusable))
            continue
        wave = datetime(at.year, at.month, 1, tzinfo=UTC), sheet.text(row, group)
        told[wave].append("\x1f".join(row))
        found = sums[wave]
        found[0], found[1], found[2] = found[0] + points, found[1] + 1, found[2] + abs(points)
    yield from _invited(measure, {key: count for key, (_, count, _) in sums.items()}, settings)
    for (at, team), (points, count, opinions) in sums.items():
        brought = (
            [(measure, points)] if measure != "enps_responses" else [(measure, points), ("enps_opinions", opinions)]
        )
        made_of = sha256("\n".join(sorted(told[at, team])))
        for each, number in brought:
            yield Seen(1, each, at, f"{measure} {at:%Y-%m}", (team,), _labels(team), number, count, count,
                       until=settings.today, made_of=made_of)  # fmt: skip


def _invited(measure: str, answers: Mapping[tuple[datetime, str], int], settings: Settings) -> Iterator[Seen]:
    """How many people were asked, by team and month of the survey: who says nothing tells something, too."""
    asked: Mapping[str, int] = settings.mapping.invited
    if settings.mapping.roster:
        asked = Counter(active(settings.roster(), settings, quiet=True).values())
    for at in sorted({at for at, _ in answers}):
        for team, count in asked.items():
            if answers.get((at, team), 0) > count:
                settings.warn("More answers than people who were asked: the response rate is too high.")
            yield Seen(1, _INVITED[measure], at, f"{measure} {at:%Y-%m}", (team,), _labels(team), num=count, n=count,
                       until=settings.today)  # fmt: skip
        if asked and (unknown := {team for day, team in answers if day == at} - asked.keys()):
            settings.warn("Teams that answered, of which nobody says how many were asked.", len(unknown))


def active(source: Source, settings: Settings, *, quiet: bool = False) -> dict[str, str]:
    """The active people of a roster, each with the unit."""
    sheet = _sheet(source, settings)
    person, state = sheet.column("person", *PERSON), sheet.column("state", *STATE)
    group = sheet.column("group", *GROUP, needed=False)
    found = {}
    for _line, row in sheet.rows:
        settings.report.rows += not quiet
        if sheet.text(row, state).lower() == "active" and (key := sheet.text(row, person)):
            found[key] = sheet.text(row, group)
    if not found:
        raise Invalid("The roster has no active people.", field="file")
    return found


def _records(sheet: _Sheet) -> dict[str, str]:
    """What each person's best record says: done, exempt or open."""
    person, state = sheet.column("person", *PERSON), sheet.column("completion", *DONE_STATE)
    title, expires = sheet.column("title", *TITLE, needed=False), sheet.column("expires", *EXPIRES, needed=False)
    done_on = sheet.column("completed_on", *DONE_ON, needed=False)
    wanted, titles = sheet.settings.mapping.training.lower(), set()
    found: dict[str, str] = {}
    for line, row in sheet.rows:
        sheet.settings.report.rows += 1
        key, told = sheet.text(row, person), sheet.text(row, title).lower()
        titles.add(told)
        if not key or (wanted and told != wanted):
            continue
        try:
            standing = _standing(sheet, row, state, done_on, expires)
        except ValueError as error:
            sheet.settings.report.reject(line, done_on or expires, str(error))
            continue
        if _RANK[standing] >= _RANK[found.get(key, "open")]:
            found[key] = standing
    if not wanted and len(titles) > 1:
        raise Invalid("The file holds several trainings; the feed must name the one that is required.", field="file")
    return found


_RANK = {"open": 0, "exempt": 1, "done": 2}


def _standing(sheet: _Sheet, row: Sequence[str], state: str, done_on: str, expires: str) -> str:
    told = sheet.text(row, state).lower()
    if told in EXEMPT:
        return "exempt"
    if told not in DONE:
        return "open"
    moment, days = sheet.settings.moment, sheet.settings.mapping.valid_days
    ends = sheet.text(row, expires)
    if ends and moment(ends).date() < sheet.settings.today:
        return "open"
    done = sheet.text(row, done_on)
    if days and (not done or moment(done) + timedelta(days=days) < _end_of(sheet.settings)):
        return "open"
    return "done"


def _is_second_header(row: Sequence[str], sheet: _Sheet, answered_on: str) -> bool:
    """Survey tools repeat the header as questions and as identifiers: their dates are none."""
    told = sheet.text(row, answered_on)
    return '"ImportId"' in told or not any(character.isdigit() for character in told)


def _answer(sheet: _Sheet, row: Sequence[str], answered_on: str, score: str, measure: str) -> tuple[datetime, int]:
    """When, and 1, 0 or −1: “10 - Extremely likely” is a 10."""
    low, high = _SCALE[measure]
    told = sheet.text(row, score).split(" ")[0]
    if not told.isdecimal() or not low <= int(told) <= high:
        raise Unusable(score, f"“{told[:40]}” is not a whole number from {low} to {high}.")
    try:
        at = sheet.settings.moment(sheet.text(row, answered_on))
    except ValueError as error:
        raise Unusable(answered_on, str(error)) from None
    points = int(told)
    if measure == "satisfaction":
        return at, int(points >= high - 1)
    return at, (points >= 9) - (points <= 6)


def _labels(group: str) -> Mapping[str, Any]:
    return {"unit": group, "team": group}


def _start_of(settings: Settings) -> datetime:
    """A snapshot of people is dated by the day of its delivery."""
    return datetime(settings.today.year, settings.today.month, settings.today.day, tzinfo=UTC)


def _end_of(settings: Settings) -> datetime:
    return _start_of(settings) + timedelta(days=1)
