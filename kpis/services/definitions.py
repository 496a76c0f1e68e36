"""Definitions of KPIs and measures: published over those that ship, version beside version."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from kpis import catalogue, published, rules
from kpis.catalogue import Catalogue, Kpi, Measure
from kpis.defining import (
    OWN_FAMILY,
    counts_the_same,
    is_name_taken,
    next_measure,
    next_number,
    objections,
    objections_to_key,
)
from kpis.models import DefinitionKind, KpiVersion, PublishedDefinition
from kpis.selectors.versions import changes
from kpis.services import rollups


@transaction.atomic
def publish_kpi(draft: Kpi, reason: str, *, by: User) -> PublishedDefinition:
    """Put a definition in force from now on, as the next version of its KPI; raises Invalid.

    Numbers are given here. What is counted otherwise is counted for the past, too, beside what was counted before.
    """
    require(rules.objection_to_define(by))
    book = published.publishing()
    before, is_gone = book.by_key.get(draft.key), draft.key not in book.in_force
    draft = numbered(draft, before, book)
    for field, sentence in objections(draft, before, book):
        raise Invalid(sentence, field)
    if before and not is_gone and told_apart(before) == told_apart(draft):
        raise Invalid("Nothing is different from the definition in force.")
    row = _put_in_force(draft, before, reason, by=by)
    if before is None or is_gone or not counts_the_same(before, draft):
        rollups.mark_all_months([draft.family], rollups.NEW_VERSION, ask=True)
    record(
        "definition.published", row, by=by, kpi=draft.key, version=draft.version, reason=row.reason,
        changes=_in_brackets(changes(_document(before), _document(draft))) if before else "",
    )  # fmt: skip
    return row


@transaction.atomic
def follow_upgrade() -> int:
    """What the portal counts from its own records changes with the product: a version of its own says so; how many.

    The office's words and bounds stay. Definitions made of observations stay as they were published.
    """
    if not any(map(_is_behind, published.rows())):
        return 0
    book = published.publishing()
    upgraded = [row for row in published.rows() if _is_behind(row)]
    for row in upgraded:
        before, shipped = book.by_key[row.key], catalogue.shipped().by_key[row.key]
        counted = shipped.model_dump(include={*shipped.definition()} - {"percentile"})
        draft = numbered(Kpi.model_validate({**before.model_dump(), **counted}), before, book)
        new = _put_in_force(draft, before, f"The portal counts as version {shipped.version} of what ships.", by=None)
        rollups.mark_all_months([draft.family], rollups.NEW_VERSION)
        record("definition.followed", new, by=None, kpi=row.key, version=draft.version)
    return len(upgraded)


def _is_behind(row: PublishedDefinition) -> bool:
    """Whether a KPI made of records is counted by other code than when it was published."""
    shipped = catalogue.shipped().by_key.get(row.key)
    is_counted = row.kind == DefinitionKind.KPI and not row.retired and shipped is not None
    return is_counted and shipped.source == "records" and row.shipped != shipped.version  # type: ignore[union-attr]


@transaction.atomic
def retire_kpi(key: str, reason: str, *, by: User) -> PublishedDefinition:
    """From now on a KPI is neither computed nor shown among the others; its history stays."""
    book = published.publishing()
    kpi = book.by_key[key]
    require(rules.objection_to_retire(by, kpi))
    KpiVersion.objects.bulk_create([rollups.version_of(kpi)], ignore_conflicts=True)
    row = _keep(DefinitionKind.KPI, key, kpi, reason, by, number=kpi.version, retired=True)
    record("definition.retired", row, by=by, kpi=key, reason=row.reason)
    return row


@transaction.atomic
def publish_measure(
    key: str, *, name: str, uom: str, of: str, counts: str, reason: str, by: User
) -> PublishedDefinition:
    """Add a measure of the office's own, or say in other words what one is; what it counts stays."""
    require(rules.objection_to_define(by))
    book = published.publishing()
    before = book.measures.get(key)
    if key in catalogue.shipped().measures:
        raise Invalid(f"{key} ships with the portal: it is not changed.", "key")
    if before is None:
        for field, sentence in objections_to_key(key, book.measures):
            raise Invalid(sentence, field)
    elif (before.uom, before.counts) != (uom, counts):
        raise Invalid("What it is measured in and how it counts stay: add another measure.", "uom")
    if is_name_taken(name, key, book.measures):
        raise Invalid(f"There is another {name}: people tell measures by their names.", "name")
    number = before.id if before else next_measure(book)
    measure = Measure.model_validate({"id": number, "name": name, "uom": uom, "of": of, "counts": counts})
    if measure == before:
        raise Invalid("Nothing is different from the measure in force.")
    latest = PublishedDefinition.objects.filter(kind=DefinitionKind.MEASURE, key=key).aggregate(Max("number"))
    row = _keep(DefinitionKind.MEASURE, key, measure, reason, by, number=(latest["number__max"] or 0) + 1)
    record("measure.published", row, by=by, measure=key, reason=row.reason)
    return row


def _put_in_force(draft: Kpi, before: Kpi | None, reason: str, *, by: User | None) -> PublishedDefinition:
    """The row, and the version that is kept beside the values."""
    if before:
        KpiVersion.objects.bulk_create([rollups.version_of(before)], ignore_conflicts=True)
    rollups.version_of(draft).save()
    return _keep(DefinitionKind.KPI, draft.key, draft, reason, by, number=draft.version)


def numbered(draft: Kpi, before: Kpi | None, book: Catalogue) -> Kpi:
    """The draft with what is not the office's to choose: its numbers, its family, and whose values it has."""
    known = catalogue.shipped().by_key.get(draft.key) or before
    draft = draft.model_copy(update={"family": known.family if known else OWN_FAMILY})
    return draft.model_copy(
        update={
            "number": before.number if before else next_number(book),
            "version": _next_version(draft.key, before),
            "counted_since": before.counted_by if before and counts_the_same(before, draft) else None,
        }
    )


def told_apart(kpi: Kpi) -> dict[str, Any]:
    """All that makes one definition another one."""
    return kpi.model_dump(exclude={"version", "counted_since"})


def _next_version(key: str, before: Kpi | None) -> int:
    kept = KpiVersion.objects.filter(kpi=key).aggregate(Max("number"))["number__max"] or 0
    shipped = catalogue.shipped().by_key.get(key)
    return max(kept, before.version if before else 0, shipped.version if shipped else 0) + 1


def _keep(
    kind: DefinitionKind,
    key: str,
    document: Kpi | Measure,
    reason: str,
    by: User | None,
    *,
    number: int,
    retired: bool = False,
) -> PublishedDefinition:
    """Write the row; this process knows of it with the commit, others with their next request or job."""
    if not reason.strip():
        raise Invalid("Say why.", "reason")
    shipped = catalogue.shipped().by_key.get(key) if kind == DefinitionKind.KPI else None
    row = PublishedDefinition.objects.create(
        kind=kind, key=key, number=number, document=_document(document), retired=retired, reason=reason.strip(), by=by,
        shipped=shipped.version if shipped else None, at=clock.now(),
    )  # fmt: skip
    transaction.on_commit(published.read)
    return row


def _in_brackets(said: tuple[str, ...]) -> str:
    return f" ({'; '.join(said)})" if said else ""


def _document(definition: Kpi | Measure) -> dict[str, Any]:
    return definition.model_dump(mode="json")
