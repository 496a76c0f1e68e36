"""What is known of a use case changes: its facts and its parties."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import ports, rules
from portfolio.facts import CATALOGUE
from portfolio.models import ChangeSource, FactChange, UseCase

STALE = "Somebody else changed this meanwhile. Load the page again to see what they wrote, then repeat your change."
EDITABLE = ("title", "unit", "owner", "sponsor", "confidential")


@transaction.atomic
def write_facts(
    use_case_id: int,
    changes: Mapping[str, Any],
    *,
    by: User,
    source: ChangeSource = ChangeSource.ANSWER,
    seen: Mapping[str, Any] | None = None,
    implied: Mapping[str, Any] | None = None,
) -> UseCase:
    """Give facts new values (None: unknown again). What is not different is not written; the tier follows.

    IMPLIED follows from the changes and is written with them, as nobody's answer.

    SEEN holds the values that the writer had before their eyes. What they left as it was is not written; Invalid, if
    somebody else has meanwhile changed what they did change.
    """
    return write_locked(lock(use_case_id), changes, by=by, source=source, seen=seen, implied=implied)


def write_locked(
    use_case: UseCase,
    changes: Mapping[str, Any],
    *,
    by: User,
    source: ChangeSource = ChangeSource.ANSWER,
    seen: Mapping[str, Any] | None = None,
    implied: Mapping[str, Any] | None = None,
    following: Collection[str] = (),
) -> UseCase:
    """As write_facts, for a caller that holds the lock; of the changes, those FOLLOWING from the others are no answers.

    An answer that goes with its question, or comes back with it, is such a one.
    """
    require(rules.objection_to_edit(by, use_case))
    implied = {name: value for name, value in (implied or {}).items() if value != use_case.facts.get(name)}
    before = {name: use_case.facts.get(name) for name in (*changes, *implied)}
    seen = seen or {}
    touched = {name: value for name, value in changes.items() if name not in seen or value != seen[name]}
    different = {name: value for name, value in touched.items() if value != before[name]}
    if not different and not implied:
        return use_case
    if any(seen[name] != before[name] for name in different if name in seen):
        raise Invalid(STALE)
    answers = {name: value for name, value in different.items() if name not in implied}
    different = {**answers, **implied}
    use_case.facts = with_changes(use_case.facts, different)
    touch(use_case, "facts")
    note_changes(use_case, {k: v for k, v in answers.items() if k not in following}, source=source, by=by)
    note_changes(use_case, {k: v for k, v in answers.items() if k in following}, source=ChangeSource.SYSTEM, by=by)
    note_changes(use_case, implied, source=ChangeSource.SYSTEM, by=None)
    record(
        "use_case.facts_written",
        use_case,
        by=by,
        facts=", ".join(CATALOGUE[name].label.lower() if name in CATALOGUE else name for name in different),
        before={name: before[name] for name in different},
        after=different,
        source=source,
    )
    ports.facts_changed.ask_all([use_case], by)
    return use_case


@transaction.atomic
def edit_use_case(use_case_id: int, *, by: User, revision: int | None = None, **fields: Any) -> UseCase:
    """Change title, unit, owner, sponsor or confidentiality. A REVISION that is not the current one is refused."""
    use_case = lock(use_case_id)
    require(rules.objection_to_edit(by, use_case))
    if unknown := fields.keys() - set(EDITABLE):
        raise TypeError(f"{sorted(unknown)} cannot be edited.")
    if revision is not None and revision != use_case.revision:
        raise Invalid(STALE)
    changes = {name: (getattr(use_case, name), value) for name, value in fields.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return use_case
    if "unit" in changes:
        require(rules.objection_to_register(by, fields["unit"]))
    for name, (_, value) in changes.items():
        setattr(use_case, name, value)
    touch(use_case, *changes)
    told = {name: [_told(old), _told(new)] for name, (old, new) in changes.items()}
    record("use_case.edited", use_case, by=by, changes=", ".join(sorted(changes)), values=told)
    return use_case


def lock(use_case_id: int) -> UseCase:
    """The use case, nobody else writing to it until the end of the transaction."""
    rows = UseCase.objects.select_for_update(of=("self",)).select_related("unit").with_questionnaire()
    return rows.get(pk=use_case_id)


def touch(use_case: UseCase, *fields: str) -> None:
    """Save FIELDS as a new revision."""
    use_case.revision, use_case.changed_at = use_case.revision + 1, clock.now()
    use_case.save(update_fields=[*fields, "revision", "changed_at"])


def with_changes(facts: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """FACTS with CHANGES; a fact that became None is unknown, so it is gone."""
    return {name: value for name, value in {**facts, **changes}.items() if value is not None}


def note_changes(use_case: UseCase, changes: Mapping[str, Any], *, source: ChangeSource, by: User | None) -> None:
    """Keep who gave which fact which value, and when."""
    now = clock.now()
    FactChange.objects.bulk_create(
        FactChange(use_case=use_case, fact=name, value=value, source=source, by=by, recorded_at=now)
        for name, value in changes.items()
    )


def _told(value: Any) -> Any:
    return value if isinstance(value, bool | None) else str(value)
