"""One change to several use cases: all of them, or none."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio.models import Part, UseCase
from portfolio.services.editing import STALE, edit_use_case, lock
from portfolio.services.moving import pause_use_case, resume_use_case, retire_use_case
from portfolio.services.naming import name_person

Chosen = Sequence[tuple[int, int]]  # keys, each with the revision that was seen


@transaction.atomic
def edit_use_cases(chosen: Chosen, *, by: User, **fields: Any) -> list[UseCase]:
    """Give use cases the same fields; each change is recorded as its own.

    Invalid or NotAllowed names the use case that stands in the way; then nothing is changed.
    """
    return _each(chosen, lambda key, revision: edit_use_case(key, by=by, revision=revision, **fields))


@transaction.atomic
def act_on_use_cases(chosen: Chosen, act: str, value: Any, *, by: User) -> None:
    """Pause, resume or retire use cases (VALUE: the reason), or name a person in them; refused as a whole, as above."""

    def one(key: int, revision: int) -> None:
        if lock(key).revision != revision:
            raise Invalid(STALE)
        _act(key, act, value, by)

    _each(chosen, one)


def _act(key: int, act: str, value: Any, by: User) -> None:
    match act:
        case "pause":
            pause_use_case(key, by=by, reason=value)
        case "resume":
            resume_use_case(key, by=by, reason=value)
        case "retire":
            retire_use_case(key, by=by, reason=value)
        case _:
            name_person(key, value, Part(act), by=by)


def _each(chosen: Chosen, change: Callable[[int, int], Any]) -> list[Any]:
    changed = []
    for key, revision in sorted(chosen):  # in one order, so that two people at once wait and do not block each other
        try:
            changed.append(change(key, revision))
        except (Invalid, NotAllowed) as refusal:
            ref = UseCase.objects.values_list("ref", flat=True).get(pk=key)
            raise type(refusal)(f"{ref}: {refusal}") from refusal
    return changed
