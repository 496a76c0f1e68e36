"""A use case comes into being."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import people_with
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from portfolio import ports, references, rules
from portfolio.intake.versions import current
from portfolio.light.catalogue import settle_by
from portfolio.models import ChangeSource, MoveKind, Source, StageMove, UseCase
from portfolio.services.editing import note_changes
from portfolio.stages import Stage

# What is released, bought and spent for one use case says nothing about a copy of it.
OWN_FACTS = frozenset({"operational_on", "has_authority_to_operate", "spend_per_year", "users_expected"})


@transaction.atomic
def register_use_case(title: str, unit_id: int, *, by: User, **fields: Any) -> UseCase:
    """Register an idea; a later stage declares what runs already, which gives it no approval, only some time.

    FIELDS are those of create_use_case.
    """
    unit = OrgUnit.objects.get(pk=unit_id)
    require(rules.objection_to_register(by, unit))
    return create_use_case(title, unit, by=by, **fields)


def create_use_case(
    title: str,
    unit: OrgUnit,
    *,
    by: User,
    stage: Stage = Stage.IDEA,
    owner: User | None = None,
    sponsor: User | None = None,
    confidential: bool = False,
    facts: Mapping[str, Any] | None = None,
    separate_because: str = "",
) -> UseCase:
    """Write a new use case; the caller has made sure that BY may register it."""
    if not (title := " ".join(title.split())):
        raise Invalid("Give the use case a title.", "title")
    if stage == Stage.RETIRED:
        raise Invalid("What is retired is not registered any more.", "stage")
    now = clock.now()
    use_case = UseCase.objects.create(
        ref=references.take("UC", now.year)[0],
        title=title,
        unit=unit,
        owner=owner,
        sponsor=sponsor,
        requester=by,
        stage=stage,
        stage_since=now,
        confidential=confidential,
        source=Source.INTAKE if stage == Stage.IDEA else Source.DECLARATION,
        settle_by=None if stage == Stage.IDEA else settle_by(),
        questionnaire=current()[0],
        facts=dict(facts or {}),
        registered_at=now,
        changed_at=now,
    )
    StageMove.objects.create(use_case=use_case, before=None, after=stage, kind=MoveKind.RECORDED, by=by, moved_at=now)
    note_changes(use_case, use_case.facts, source=ChangeSource.ANSWER, by=by)
    details: dict[str, Any] = {"separate_because": separate_because} if separate_because else {}
    record("use_case.registered", use_case, by=by, stage=stage.label, facts=dict(use_case.facts), **details)
    ports.facts_changed.ask_all([use_case], by)
    return use_case


@transaction.atomic
def report_running_use(
    title: str, unit_id: int, *, by: User, stage: Stage, facts: Mapping[str, Any], note: str = ""
) -> UseCase:
    """Report what runs without anybody's approval. Nobody is blamed: it may go on until a day, and the office helps."""
    if stage in (Stage.IDEA, Stage.RETIRED):
        raise Invalid("Say how far it is used today.", "stage")
    use_case = register_use_case(title, unit_id, by=by, stage=stage, facts=facts)
    record("use_case.reported_running", use_case, by=by, settle_by=str(use_case.settle_by), note=note.strip())
    helpers = [person for person in people_with(*rules.OFFICE, unit=use_case.unit) if person != by]
    text = f"{use_case} runs in {use_case.unit} already, without approval. Help to put it in order."
    notify(helpers, use_case, text, use_case.get_absolute_url())
    return use_case


@transaction.atomic
def copy_use_case(use_case_id: int, *, by: User) -> UseCase:
    """Register an idea with the facts of another use case, less those that are true of that one alone."""
    original = UseCase.objects.select_related("unit").get(pk=use_case_id)
    return register_use_case(
        f"Copy of {original.title}"[:300],
        original.unit_id,
        by=by,
        confidential=original.confidential,
        facts={name: value for name, value in original.facts.items() if name not in OWN_FACTS},
        separate_because=f"Copied from {original.ref}.",
    )
