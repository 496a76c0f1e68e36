"""From an address to a batch or an import: what a person may not see does not exist."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.models import Job
from portfolio.inventory.rules import OFFICE, READERS
from portfolio.inventory.tasks import KIND, LOOK
from portfolio.models import ImportBatch


def batches_of(user: User) -> QuerySet[ImportBatch]:
    """The batches of the units that this person reads."""
    roles = roles_of(user)
    rows = ImportBatch.objects.select_related("unit", "by", "file")
    return rows if roles.everywhere(*READERS) else rows.filter(unit__in=roles.unit_ids(*READERS))


def batch_or_404(user: User, pk: int) -> ImportBatch:
    return get_object_or_404(batches_of(user), pk=pk)


def import_job_or_404(user: User, pk: int) -> Job:
    """People see the imports that they asked for; the office of a whole organisation sees all."""
    return _job_or_404(user, KIND, pk)


def look_or_404(user: User, pk: int) -> Job:
    """The same of files whose columns are being mapped."""
    return _job_or_404(user, LOOK, pk)


def _job_or_404(user: User, kind: str, pk: int) -> Job:
    rows = Job.objects.filter(kind=kind, pk=pk)
    if not roles_of(user).everywhere(*OFFICE):
        rows = rows.filter(requested_by=user.pk)
    if job := rows.first():
        return job
    raise Http404("There is no such import.")
