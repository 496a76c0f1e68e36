"""What people ask of inventories on the pages; the import itself is a job."""

from dataclasses import asdict, replace
from typing import IO, Any

from django.core.files import File
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common import files, jobs
from caio_portal.common.errors import require
from caio_portal.common.models import Job, StoredFile
from portfolio.inventory import rules
from portfolio.inventory.importing import Order
from portfolio.inventory.tasks import KIND


@transaction.atomic
def upload_inventory(file: IO[bytes], name: str, media_type: str, order: Order, *, by: User) -> Job:
    """Keep a file and have it examined: a dry run, whose report its person confirms."""
    require(rules.objection_to_import(by, order.unit))
    stored = files.store(name, file if isinstance(file, File) else File(file), media_type)
    return _request(stored.pk, replace(order, dry_run=True), by)


@transaction.atomic
def continue_import(job: Job, *, by: User, **changes: Any) -> Job:
    """Another run on the same file: in earnest, or in another encoding. The same choice twice is one job."""
    order = replace(Order(**job.payload["order"]), **changes)
    require(rules.objection_to_import(by, order.unit))
    return _request(job.payload["file"], order, by)


def file_of(job: Job) -> StoredFile | None:
    return StoredFile.objects.filter(pk=job.payload["file"]).first()


def _request(file: int, order: Order, by: User) -> Job:
    how = "check" if order.dry_run else "skip" if order.skip_invalid else "all"
    key = f"{file}:{how}:{order.encoding}"
    return jobs.request(KIND, key, {"file": file, "order": asdict(order)}, by=by)
