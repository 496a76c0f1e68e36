"""The one way to write an audit event: in the transaction of the change it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json

ACTIONS: dict[str, str] = {}

_INSERT = """
INSERT INTO audit_event (occurred_at, actor_id, action, subject_type, subject_id, unit_id, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
"""


def register(actions: Mapping[str, str]) -> None:
    """Make ACTIONS known: name to the sentence that tells of it, with {actor}, {subject} and details."""
    for action, sentence in actions.items():
        if ACTIONS.setdefault(action, sentence) != sentence:
            raise ValueError(f"The action {action} has two sentences.")


def record(
    action: str,
    subject: models.Model,
    *,
    by: Any,
    unit: Any = None,
    occurred_at: datetime | None = None,
    **details: Any,
) -> int:
    """Write an event into the transaction of its change; returns the event's id.

    BY is the person who acts (or their key), None for the system. UNIT defaults to the subject's. The payload
    keeps names as they are now, so that later renaming does not rewrite history.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event is recorded in the transaction of its change.")
    if action not in ACTIONS:
        raise ValueError(f"{action} is not a known action.")
    payload = canonical_json({"actor": _name(by), "subject": str(subject)[:300], **details})
    row = [
        occurred_at or clock.now(), _key(by), action, subject._meta.label_lower, str(subject.pk),
        _key(unit) if unit is not None else getattr(subject, "unit_id", None), payload,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        return int(cursor.fetchone()[0])


def _key(thing: Any) -> int | None:
    return thing if thing is None or isinstance(thing, int) else thing.pk


def _name(by: Any) -> str | None:
    return None if by is None or isinstance(by, int) else str(by)
