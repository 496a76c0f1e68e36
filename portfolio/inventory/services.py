"""What people ask of inventories on the pages; the import itself is a job."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import IO, Any

from django.core.files import File
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common import files, jobs
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import require
from caio_portal.common.models import Job, StoredFile
from portfolio.inventory import profiles, rules
from portfolio.inventory.importing import Order
from portfolio.inventory.tasks import KIND, LOOK


@transaction.atomic
def upload_inventory(file: IO[bytes], name: str, media_type: str, order: Order, *, by: User) -> Job:
    """Keep a file and have it examined: a dry run, whose report its person confirms."""
    require(rules.objection_to_import(by, order.unit))
    stored = _kept(file, name, media_type)
    return _request(stored.pk, replace(order, dry_run=True), by)


@transaction.atomic
def look_at_inventory(file: IO[bytes], name: str, media_type: str, encoding: str, unit: str, *, by: User) -> Job:
    """Keep a file whose columns nobody has described yet, and have them looked at."""
    return _look(_kept(file, name, media_type).pk, encoding, unit, by)


@transaction.atomic
def look_again(job: Job, encoding: str = "", *, by: User) -> Job:
    """Look at the columns of a file that was sent for another job, or in another encoding."""
    before = job.payload.get("order", job.payload)
    return _look(job.payload["file"], encoding or before.get("encoding", ""), before.get("unit", ""), by)


@transaction.atomic
def import_looked_at(job: Job, order: Order, *, by: User) -> Job:
    """Examine a file whose columns were looked at, with the profile that was chosen or made for it."""
    require(rules.objection_to_import(by, order.unit))
    encoding = job.payload["encoding"]
    return _request(job.payload["file"], replace(order, encoding=encoding, dry_run=True), by)


@transaction.atomic
def continue_import(job: Job, *, by: User, **changes: Any) -> Job:
    """Another run on the same file: in earnest, or in another encoding. The same choice twice is one job."""
    order = replace(Order(**job.payload["order"]), **changes)
    if order.same:
        order = replace(order, same=_offered(job, order.same))
    require(rules.objection_to_import(by, order.unit))
    return _request(job.payload["file"], order, by)


def with_profile(job: Job, key: str) -> dict[str, Any]:
    """What changes when the file of a job is read with another profile: its unit, too, where nobody named one."""
    before = Order(**job.payload["order"])
    named = before.unit != profiles.load(before.profile, before.version).unit
    return {"profile": key, "version": 0, "unit": before.unit if named else profiles.load(key).unit}


def _offered(job: Job, same: Sequence[Sequence[int]]) -> list[list[int]]:
    """Of the pairs chosen those that the report offered."""
    report = (job.result or {}).get("report") or {}
    pairs = {(one["line"], one["use_case"]) for one in report.get("alike", ())} | _pairs(job.payload["order"]["same"])
    by_use_case = {use_case: line for line, use_case in sorted(_pairs(same) & pairs)}
    return sorted([line, use_case] for use_case, line in by_use_case.items())


def _pairs(same: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    return {(line, use_case) for line, use_case in same}


def file_of(job: Job) -> StoredFile | None:
    return StoredFile.objects.filter(pk=job.payload["file"]).first()


def _request(file: int, order: Order, by: User) -> Job:
    order = replace(order, version=profiles.load(order.profile, order.version).version)
    key = f"{file}:{sha256(canonical_json(asdict(order)))}"
    return jobs.request(KIND, key, {"file": file, "order": asdict(order)}, by=by)


def _look(file: int, encoding: str, unit: str, by: User) -> Job:
    return jobs.request(LOOK, f"{file}:{encoding}", {"file": file, "encoding": encoding, "unit": unit}, by=by)


def _kept(file: IO[bytes], name: str, media_type: str) -> StoredFile:
    return files.store(name, file if isinstance(file, File) else File(file), media_type)
