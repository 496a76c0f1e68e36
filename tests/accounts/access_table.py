"""Who may open what: the truth that the declared policies are compared with."""

from caio_portal.accounts.access import ANYONE, PUBLIC
from caio_portal.accounts.roles import Role
from caio_portal.common.models import Job

OVERSEERS = {Role.ADMINISTRATOR, Role.CAIO_OFFICE, Role.CAIO, Role.AUDITOR}


def make_job(unit, user):
    """A job of USER; administrators and the office see everybody's."""
    key = str(Job.objects.count())
    return {"pk": Job.objects.create(kind="k", idem_key=key, requested_by=user.pk if user else None).pk}


WHO_MAY = {
    "livez": PUBLIC,
    "readyz": PUBLIC,
    "accounts:home": ANYONE,
    "accounts:search": ANYONE,
    "accounts:notice_list": ANYONE,
    "accounts:mark_notices_read": ANYONE,
    "accounts:job_detail": ANYONE,
    "accounts:cancel_job": ANYONE,
    "accounts:retry_job": ANYONE,
    "accounts:people_list": OVERSEERS,
    "accounts:audit_trail": OVERSEERS,
    "accounts:verify_audit_trail": OVERSEERS,
    "accounts:export_audit_trail": OVERSEERS,
}
OBJECTS = dict.fromkeys(("accounts:job_detail", "accounts:cancel_job", "accounts:retry_job"), make_job)
EVERYBODYS: set[str] = set()
SEES_ALL = {view: {Role.ADMINISTRATOR, Role.CAIO_OFFICE} for view in OBJECTS}
