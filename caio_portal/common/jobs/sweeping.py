"""The sweeper: requests what the schedule says, and tells the workers of jobs whose hint was lost."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from caio_portal.common.jobs import requests
from caio_portal.common.jobs.registry import SCHEDULES, Schedule
from caio_portal.common.jobs.running import LEASE, due
from caio_portal.common.models import Job

HINT_AGAIN = LEASE / 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sweep() -> int:
    """Run by beat in every worker; never works itself. Returns how many jobs it hinted at."""
    now = timezone.now()
    for schedule in SCHEDULES:
        requests.request(schedule.kind, f"every:{period_start(schedule, now).isoformat()}")
    with transaction.atomic():
        waiting = Job.objects.filter(due()).filter(Q(hinted_at=None) | Q(hinted_at__lt=now - HINT_AGAIN))
        ids = list(waiting.select_for_update(skip_locked=True).order_by("run_after").values_list("pk", flat=True)[:50])
        Job.objects.filter(pk__in=ids).update(hinted_at=now)
    for job_id in ids:
        if not requests.publish(job_id):
            break
    return len(ids)


def period_start(schedule: Schedule, moment: datetime) -> datetime:
    """The beginning of the period of SCHEDULE in which MOMENT lies."""
    return moment - (moment - _EPOCH) % schedule.every
