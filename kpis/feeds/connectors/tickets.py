"""Exports of ticket systems (ServiceNow, Jira), and lists of incidents elsewhere.

A log has many rows for an incident; an incident counts once, as its last row tells it. Mitigated is not resolved: the
two are measures of their own. Incidents of others are for scanning the horizon and never part of our incident rate.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from caio_portal.common.errors import Invalid
from kpis.feeds import cells
from kpis.feeds.delivery import Row, unique_columns
from kpis.feeds.documents import Seen, Settings, Unusable
from kpis.feeds.source import Source

NUMBER = ("number", "Issue key", "ticket", "id")
BEGAN = ("Custom field (Detected)", "detected_at", "u_detected_at", "opened_at", "opened", "Created", "created_at")
MITIGATED = ("Custom field (Mitigated)", "mitigated_at", "u_mitigated_at", "mitigated")
RESOLVED = ("resolved_at", "Resolved", "resolved")
USE_CASE = ("Custom field (AI use case)", "u_ai_use_case", "ai_use_case", "use_case", "use case")
UPDATES = ("sys_mod_count",)
TAKEN_BACK = frozenset({"retracted", "disputed"})
Ticket = tuple[int, Sequence[str]]


def read(source: Source, settings: Settings) -> Iterator[Seen]:
    """Hours from detection (else opening) to mitigation and to resolution, one observation for each ticket."""
    header, rows = source.table(loose=True)
    columns = unique_columns(header)
    number = settings.column("number", columns, *NUMBER)
    began = settings.column("began", columns, *BEGAN)
    ends = {
        "mitigation_hours": settings.column("mitigated", columns, *MITIGATED),
        "resolution_hours": settings.column("resolved", columns, *RESOLVED),
    }
    if not number or not began or not any(ends.values()):
        raise Invalid("The file needs columns for the number, the beginning and the end of a ticket.", field="file")
    use_case = settings.column("use_case", columns, *USE_CASE)
    for key, (line, row) in _last_rows(rows, columns, number, settings).items():
        told = {name: cells.text(row[place]) for name, place in columns.items()}
        labels = {name: value for name, value in told.items() if value} | {"use_case": told.get(use_case, "")}
        try:
            yield from _ended(line, key, told, labels, began, ends, settings)
        except Unusable as unusable:
            settings.report.reject(line, unusable.column, str(unusable))


def _last_rows(rows: Iterator[Row], columns: Mapping[str, int], number: str, settings: Settings) -> dict[str, Ticket]:
    """Of each ticket the row after its most changes (of equal ones, the last), counted as one."""
    updates = settings.column("updates", columns, *UPDATES)
    found: dict[str, tuple[int, Ticket]] = {}
    for line, row in rows:
        settings.report.rows += 1
        key = cells.text(row[columns[number]])
        if not key:
            settings.report.reject(line, number, "The cell is empty.")
            continue
        changes = cells.text(row[columns[updates]]) if updates else ""
        rank = int(changes) if changes.isdecimal() else 0
        if key not in found or rank >= found[key][0]:
            found[key] = rank, (line, row)
    return {key: ticket for key, (_, ticket) in found.items()}


def _ended(
    line: int, key: str, told: Mapping[str, str], labels: Mapping[str, str], began: str, ends: Mapping[str, str],
    settings: Settings,
) -> Iterator[Seen]:  # fmt: skip
    if not told[began]:
        raise Unusable(began, "The cell is empty.")
    start = _moment(told, began, settings)
    for measure, column in ends.items():
        if not column:
            continue
        if not told[column]:
            settings.warn(f"Tickets without {column}: not in the mean; if they are open, it is a lower bound.")
            continue
        end = _moment(told, column, settings)
        hours = (end - start).total_seconds() / 3600
        if hours < 0:
            raise Unusable(column, "The end lies before the beginning.")
        yield Seen(line, measure, end, f"{measure} {end:%Y-%m}", (key,), labels, num=hours)


def _moment(told: Mapping[str, str], column: str, settings: Settings) -> datetime:
    try:
        return settings.moment(told[column])
    except ValueError as error:
        raise Unusable(column, str(error)) from None


def read_external(source: Source, settings: Settings) -> Iterator[Seen]:
    """Incidents elsewhere by the month in which they happened; what was taken back is not counted."""
    for line, entry in _entries(source):
        settings.report.rows += 1
        told = {name.lower().replace(" ", "_"): value for name, value in entry.items()}
        if str(told.get("status") or "").lower() in TAKEN_BACK:
            settings.warn("An incident was retracted or is disputed; it does not count.")
            continue
        if str(told.get("incident_type") or "incident").lower() != "incident":
            settings.warn("An entry is a hazard and no incident; it does not count.")
            continue
        key = str(told.get("incident_id") or told.get("id") or "")
        at = _day(str(told.get("date") or ""), settings)
        if not key or at is None:
            settings.report.reject(line, "date" if key else "id", "An incident needs an identifier, and a date.")
            continue
        if not at[1]:
            settings.warn("An incident is dated by its year only; it is in no month.")
            continue
        labels = {name: value for name, value in told.items() if isinstance(value, str)}
        yield Seen(line, "external_incidents", at[0], f"incidents {at[0]:%Y-%m}", (key,), labels, num=1)


def _entries(source: Source) -> Iterator[tuple[int, Mapping[str, Any]]]:
    header, rows = source.table(loose=True)
    columns = unique_columns(header)
    if not {name.lower() for name in columns} & {"id", "incident_id", "incident id"}:
        raise Invalid("This is not a list of incidents: it has no identifiers.", field="file")
    for line, row in rows:
        yield line, {name: row[place] for name, place in columns.items()}


def _day(text: str, settings: Settings) -> tuple[datetime, bool] | None:
    """When, and whether the month is known; None of what is no date."""
    parts = text.split("-")
    if len(parts) <= 2 and all(part.isdecimal() for part in parts) and len(parts[0]) == 4:
        return datetime(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, 1, tzinfo=UTC), len(parts) > 1
    try:
        return settings.moment(text), True
    except ValueError:
        return None
