"""Reading the trail: sentences for pages, and the head that documents print."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from caio_portal.audit.events import ACTIONS
from caio_portal.audit.models import AuditEvent, AuditLink


@dataclass(frozen=True)
class Entry:
    """One event as a page shows it."""

    id: int
    seq: int | None
    action: str
    sentence: SafeString
    recorded_at: datetime
    occurred_at: datetime
    actor: str
    subject: str
    subject_type: str
    subject_id: str
    details: dict[str, Any]

    @property
    def told_later(self) -> bool:
        """Recorded more than a day after it is said to have happened: pages show both times."""
        return abs(self.recorded_at - self.occurred_at) > timedelta(days=1)


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def events_of(*subjects: models.Model) -> QuerySet[AuditEvent]:
    """The events of these subjects, newest first."""
    wanted = models.Q(pk__in=[])
    for subject in subjects:
        wanted |= models.Q(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return AuditEvent.objects.filter(wanted).select_related("link").order_by("-occurred_at", "-pk")


def entry(event: AuditEvent) -> Entry:
    """EVENT as a sentence; its names are those of the time."""
    details = json.loads(event.payload)
    actor, subject = details.pop("actor", None) or "The portal", details.pop("subject", "")
    words = {"actor": actor, "subject": subject, **{key: _word(value) for key, value in details.items()}}
    sentence = ACTIONS.get(event.action, "{actor}: " + event.action + " {subject}")
    marked = _Words({key: f"<b>{escape(text)}</b>" for key, text in words.items()})
    link = getattr(event, "link", None)
    return Entry(
        id=event.pk, seq=link.seq if link else None, action=event.action,
        sentence=mark_safe(escape(sentence).format_map(marked)),  # noqa: S308  # every word was escaped above
        recorded_at=event.recorded_at, occurred_at=event.occurred_at, actor=actor, subject=subject,
        subject_type=event.subject_type, subject_id=event.subject_id, details=details,
    )  # fmt: skip


def entries_of(*subjects: models.Model, limit: int = 100) -> list[Entry]:
    """The newest events of these subjects, ready for a page; one query."""
    return [entry(event) for event in events_of(*subjects)[:limit]]


def head() -> tuple[int, str]:
    """Sequence number and head hash (hexadecimal) of the chain as committed; (0, "") before the first event."""
    link = AuditLink.objects.order_by("-seq").first()
    return (link.seq, bytes(link.head).hex()) if link else (0, "")


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "nothing" if value is None else str(value)
