"""Verifying the chain where it lies, and exporting it for somebody who does not trust us."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TextIO

from django.db import connection, models, transaction

from caio_portal.audit.verify_csv import COLUMNS, HASHED, Broken, verify

_ROWS = """
SELECT l.seq::text, e.id::text, (extract(epoch FROM e.recorded_at) * 1000000)::bigint::text,
  (extract(epoch FROM e.occurred_at) * 1000000)::bigint::text, e.db_user::text, coalesce(e.actor_id::text, ''),
  e.action, e.subject_type, e.subject_id, coalesce(e.unit_id::text, ''), e.payload, encode(e.salt, 'hex'),
  encode(l.leaf, 'hex'), encode(l.prev, 'hex'), encode(l.head, 'hex')
FROM audit_link l JOIN audit_event e ON e.id = l.event_id
"""
_BETWEEN = """
SELECT min(l.seq), max(l.seq) FROM audit_link l JOIN audit_event e ON e.id = l.event_id
WHERE (e.subject_type || ' ' || e.subject_id) = ANY(%s) AND e.subject_type = ANY(%s)
"""
_UNLINKED = "SELECT count(*) FROM audit_event e LEFT JOIN audit_link l ON l.event_id = e.id WHERE l.seq IS NULL"


@dataclass(frozen=True)
class Verdict:
    whole: bool
    events: int
    head: str
    problem: str = ""


def verify_trail(checkpoint: tuple[int, str] | None = None) -> Verdict:
    """Check every event and link; with a CHECKPOINT (number and head kept elsewhere) also that the tail is there."""
    kept = None

    def rows() -> Iterator[dict[str, str]]:
        nonlocal kept
        for row in _stream():
            if checkpoint and row["seq"] == str(checkpoint[0]):
                kept = row["head"]
            yield row

    try:
        with transaction.atomic():
            events, head = verify(rows())
            with connection.cursor() as cursor:
                cursor.execute(_UNLINKED)
                unlinked = cursor.fetchone()[0]
    except Broken as error:
        return Verdict(False, 0, "", str(error))
    if unlinked:
        return Verdict(False, events, head, f"{unlinked} events stand outside the chain.")
    if checkpoint and kept != checkpoint[1]:
        return Verdict(False, events, head, f"Event {checkpoint[0]} is gone or another: its head was {checkpoint[1]}.")
    return Verdict(True, events, head)


def export_trail(file: TextIO) -> int:
    """Write the whole trail as CSV for the independent verifier; returns the number of events."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    with transaction.atomic():
        return sum(1 for row in _stream() if writer.writerow(row))


def write_segment(file: TextIO, subjects: Collection[models.Model]) -> int:
    """Write the part of the trail from the first to the last event of SUBJECTS; returns how many events it tells.

    Of what happened to other things in between only the links are there: enough to follow the chain.
    """
    named = {f"{subject._meta.label_lower} {subject.pk}" for subject in subjects}
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    told = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BETWEEN, [list(named), list({subject._meta.label_lower for subject in subjects})])
            between = cursor.fetchone()
        for row in _stream("WHERE l.seq BETWEEN %s AND %s", between):
            mine = f"{row['subject_type']} {row['subject_id']}" in named
            told += mine
            writer.writerow(row if mine else row | dict.fromkeys((*HASHED, "salt"), ""))
    return told


def _stream(where: str = "", parameters: tuple[int, ...] = ()) -> Iterator[dict[str, str]]:
    """Constant memory: a cursor on the server."""
    with connection.chunked_cursor() as cursor:
        cursor.itersize = 5000  # type: ignore[attr-defined]  # psycopg's server-side cursor
        cursor.execute(f"{_ROWS} {where} ORDER BY l.seq", parameters)
        for row in cursor:
            yield dict(zip(COLUMNS, row, strict=True))
