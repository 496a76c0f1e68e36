"""One change to several use cases: all of them, or none."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio.models import UseCase
from portfolio.services.editing import edit_use_case


@transaction.atomic
def edit_use_cases(chosen: Sequence[tuple[int, int]], *, by: User, **fields: Any) -> list[UseCase]:
    """Give use cases, as (key, revision that was seen), the same fields; each change is recorded as its own.

    Invalid or NotAllowed names the use case that stands in the way; then nothing is changed.
    """
    changed = []
    for key, revision in sorted(chosen):  # in one order, so that two people at once wait and do not block each other
        try:
            changed.append(edit_use_case(key, by=by, revision=revision, **fields))
        except (Invalid, NotAllowed) as refusal:
            ref = UseCase.objects.values_list("ref", flat=True).get(pk=key)
            raise type(refusal)(f"{ref}: {refusal}") from refusal
    return changed
