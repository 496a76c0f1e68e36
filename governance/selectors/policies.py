"""Which policy holds, and what the versions are."""

from functools import lru_cache

from django.db import connection
from django.db.models import Count, QuerySet

from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from governance.models import PolicyState, PolicyVersion
from governance.policy import Policy

_NONE = "No policy is published yet."
# The same version as version_in_force finds.
_IN_FORCE = """
SELECT id, sha256 FROM policy_version WHERE state <> 'draft'
ORDER BY coalesce(valid_from <= %s AND (valid_to IS NULL OR %s < valid_to), false) DESC, valid_from LIMIT 1
"""


def version_in_force() -> PolicyVersion:
    """The version that holds today; acts dated before the first policy are judged by that first one."""
    today = clock.today()
    published = list(
        PolicyVersion.objects.defer("document", "source").exclude(state=PolicyState.DRAFT).order_by("valid_from")
    )
    if not published:
        raise Invalid(_NONE)
    return next((version for version in published if version.holds_on(today)), published[0])


def policy_in_force() -> Policy:
    """The document of the version that holds today, read once per process and version."""
    today = clock.today()
    with connection.cursor() as cursor:  # asked at every answer and for every page that names a tier: not by the ORM
        cursor.execute(_IN_FORCE, [today, today])
        found = cursor.fetchone()
    if found is None:
        raise Invalid(_NONE)
    return _document(*found)


def policy_of(version: PolicyVersion) -> Policy:
    """The document of a version; without a query when this process has read it before."""
    return _document(version.pk, version.sha256)


def versions() -> QuerySet[PolicyVersion]:
    """All versions, the newest first, each with how many tierings it gave."""
    return PolicyVersion.objects.select_related("proposed_by", "published_by").annotate(uses=Count("tierings"))


@lru_cache(maxsize=16)
def _document(pk: int, sha256: str) -> Policy:
    document = PolicyVersion.objects.values_list("document", flat=True).get(pk=pk)
    return Policy.model_validate(document)
