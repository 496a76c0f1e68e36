"""Who has read a confidential use case."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from portfolio.models import UseCase

READ = "use_case.read"


def note_reading(use_case: UseCase, *, by: User) -> None:
    """Record that somebody reads a confidential use case: each person once a day, its parties not at all."""
    if not use_case.confidential or by.pk in (use_case.owner_id, use_case.sponsor_id, use_case.requester_id):
        return
    known = AuditEvent.objects.filter(
        action=READ, subject_type=use_case._meta.label_lower, subject_id=str(use_case.pk), actor_id=by.pk,
        occurred_at__date=clock.today(),
    )  # fmt: skip
    if not known.exists():
        with transaction.atomic():
            record(READ, use_case, by=by)
