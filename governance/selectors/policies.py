"""Which policy holds, and what the versions are."""

from functools import lru_cache

from django.db.models import Count, QuerySet

from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from governance.models import PolicyState, PolicyVersion
from governance.policy import Policy


def version_in_force() -> PolicyVersion:
    """The version that holds today; acts dated before the first policy are judged by that first one."""
    today = clock.today()
    published = list(
        PolicyVersion.objects.defer("document", "source").exclude(state=PolicyState.DRAFT).order_by("valid_from")
    )
    if not published:
        raise Invalid("No policy is published yet.")
    return next((version for version in published if version.holds_on(today)), published[0])


def policy_in_force() -> Policy:
    """The document of the version that holds today, read once per process and version."""
    return policy_of(version_in_force())


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
