"""Answers to the questionnaire become facts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common import files
from portfolio.facts import Unreadable, parse
from portfolio.intake.questionnaire import Questionnaire
from portfolio.intake.versions import asked_of
from portfolio.models import ChangeSource, FactChange, UseCase
from portfolio.services.editing import lock, write_locked

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Clash:
    """An answer that somebody else gave while this person gave another one; theirs stands until one is chosen.

    TAKES names the questions that this person's answer would take away, though somebody else answered them meanwhile.
    """

    fact: str
    theirs: Any
    by: User | None
    at: datetime | None
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """What became of answers: the use case with those that were taken, and those that clash."""

    use_case: UseCase
    clashes: tuple[Clash, ...] = ()
    dropped: tuple[str, ...] = ()  # given together with an answer for which nobody asks for them any more
    restored: tuple[str, ...] = ()  # answered earlier, and asked for again
    refused: Mapping[str, str] = field(default_factory=dict)  # why a file was not taken, by question


@transaction.atomic
def answer_questions(
    use_case_id: int, answers: Facts, *, by: User, seen: Facts | None = None, insist: Collection[str] = ()
) -> Answered:
    """Write answers as facts, take back those whose question they make pointless, and state what they imply.

    A question that is asked again gets the answer back that somebody gave while it was asked before.

    SEEN holds the values that this person had before their eyes. What they left as it was is not written; what they
    changed and somebody else changed otherwise is not written either, but comes back as a clash, unless they INSIST;
    so does what would take away an answer that somebody else gave meanwhile.
    """
    locked = lock(use_case_id)
    _, questionnaire = asked_of(locked)
    before = locked.facts
    seen = {name: value for name, value in (seen or {}).items() if name not in insist}
    given = {name: value for name, value in answers.items() if name not in seen or value != seen[name]}
    clashing = [name for name, value in given.items() if _clashes(name, value, seen, before)]
    given = {name: _kept(value) for name, value in given.items() if name not in clashing}
    taking = _taking(questionnaire, before, given, seen, insist)
    given = {name: value for name, value in given.items() if name not in taking}
    changes = questionnaire.without_hidden(before, given, _earlier(locked, questionnaire.returning(before, given)))
    dropped = tuple(name for name, value in given.items() if value is not None and changes[name] is None)
    if dropped:  # the history keeps what somebody typed, though it does not count
        write_locked(locked, {name: given[name] for name in dropped}, by=by)
    restored = tuple(name for name, value in changes.items() if name not in given and value is not None)
    following = {*dropped, *(name for name in changes if name not in given)}
    implied = questionnaire.implied(before, changes)
    use_case = write_locked(locked, changes, by=by, implied=implied, following=following)
    clashes = tuple(_told(use_case, [*clashing, *taking], taking)) if clashing or taking else ()
    return Answered(use_case, clashes, dropped, restored)


def _earlier(use_case: UseCase, names: Collection[str]) -> dict[str, Any]:
    """The answers that somebody gave last, of those NAMES that nobody made unknown again on purpose."""
    if not names:
        return {}
    given = FactChange.objects.filter(use_case=use_case, fact__in=names).exclude(source=ChangeSource.SYSTEM)
    last = given.order_by("fact", "-recorded_at", "-pk").distinct("fact").values_list("fact", "value")
    return {name: value for name, value in last if value is not None and _is_still_one(name, value)}


def _is_still_one(name: str, value: Any) -> bool:
    """Whether a fact can still have a value: choices come and go."""
    try:
        return parse(name, value) == value
    except Unreadable:
        return False


def _taking(
    questionnaire: Questionnaire, before: Facts, given: Facts, seen: Facts, insist: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The answers that would take away what somebody else answered meanwhile, each with those questions."""
    taking: dict[str, tuple[str, ...]] = {}
    left = dict(given)
    for name in given:
        lost = _lost(questionnaire, before, left, seen)
        without = {other: value for other, value in left.items() if other != name}
        spared = tuple(fact for fact in lost if fact not in _lost(questionnaire, before, without, seen))
        if spared and name not in insist:
            taking[name], left = spared, without
    return taking


def _lost(questionnaire: Questionnaire, before: Facts, given: Facts, seen: Facts) -> list[str]:
    """The answers of others, unseen by this person, that would go."""
    gone = (name for name, value in questionnaire.without_hidden(before, given).items() if value is None)
    return [name for name in gone if name not in given and name in seen and seen[name] != before[name]]


def _kept(value: Any) -> Any:
    """The value as it is kept; a file that was uploaded is stored by now."""
    if not isinstance(value, UploadedFile):
        return value
    stored = files.store(value.name or "file", value, value.content_type or "application/octet-stream")
    return {"file": str(stored.uuid), "name": stored.name, "size": stored.size, "sha256": stored.sha256}


def _clashes(name: str, value: Any, seen: Facts, before: Facts) -> bool:
    return name in seen and before.get(name) not in (seen[name], value)


def _told(use_case: UseCase, clashing: Sequence[str], taking: Mapping[str, tuple[str, ...]]) -> list[Clash]:
    """Each clash with whoever answered last."""
    about = {name: taking.get(name, (name,))[0] for name in clashing}
    changes = FactChange.objects.filter(use_case=use_case, fact__in=about.values()).select_related("by")
    last = {change.fact: change for change in changes.order_by("recorded_at", "pk")}
    return [
        Clash(
            name, use_case.facts.get(name), change.by if change else None, change.recorded_at if change else None,
            taking.get(name, ()),
        )
        for name in clashing
        for change in [last.get(about[name])]
    ]  # fmt: skip
