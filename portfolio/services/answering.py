"""Answers to the questionnaire become facts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common import files
from portfolio.intake.versions import asked_of
from portfolio.models import FactChange, UseCase
from portfolio.services.editing import lock, write_facts

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Clash:
    """An answer that somebody else gave while this person gave another one; theirs stands until one is chosen."""

    fact: str
    theirs: Any
    by: User | None
    at: datetime | None


@dataclass(frozen=True)
class Answered:
    """What became of answers: the use case with those that were taken, and those that clash."""

    use_case: UseCase
    clashes: tuple[Clash, ...] = ()


@transaction.atomic
def answer_questions(
    use_case_id: int, answers: Facts, *, by: User, seen: Facts | None = None, insist: Collection[str] = ()
) -> Answered:
    """Write answers as facts, take back those whose question they make pointless, and state what they imply.

    SEEN holds the values that this person had before their eyes. What they left as it was is not written; what they
    changed and somebody else changed otherwise is not written either, but comes back as a clash, unless they INSIST.
    """
    locked = lock(use_case_id)
    _, questionnaire = asked_of(locked)
    before = locked.facts
    seen = {name: value for name, value in (seen or {}).items() if name not in insist}
    given = {name: value for name, value in answers.items() if name not in seen or value != seen[name]}
    clashing = [name for name, value in given.items() if _clashes(name, value, seen, before)]
    given = {name: _kept(value) for name, value in given.items() if name not in clashing}
    changes = questionnaire.without_hidden(before, given)
    use_case = write_facts(use_case_id, changes, by=by, seen=seen, implied=questionnaire.implied(before, changes))
    return Answered(use_case, tuple(_told(use_case, clashing)) if clashing else ())


def _kept(value: Any) -> Any:
    """The value as it is kept; a file that was uploaded is stored by now."""
    if not isinstance(value, UploadedFile):
        return value
    stored = files.store(value.name or "file", value, value.content_type or "application/octet-stream")
    return {"file": str(stored.uuid), "name": stored.name, "size": stored.size, "sha256": stored.sha256}


def _clashes(name: str, value: Any, seen: Facts, before: Facts) -> bool:
    return name in seen and before.get(name) not in (seen[name], value)


def _told(use_case: UseCase, clashing: Sequence[str]) -> list[Clash]:
    """Each clash with whoever answered last."""
    changes = FactChange.objects.filter(use_case=use_case, fact__in=clashing).select_related("by")
    last = {change.fact: change for change in changes.order_by("recorded_at", "pk")}
    return [
        Clash(name, use_case.facts.get(name), change.by if change else None, change.recorded_at if change else None)
        for name in clashing
        for change in [last.get(name)]
    ]
