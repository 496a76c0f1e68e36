"""Telling those who wait for a decision what a policy that was just published changes for them."""

from django.db import transaction

from caio_portal.accounts.models import Notice
from governance import notices
from governance.models import PolicyVersion, Review
from governance.policy.trial import Comparison
from governance.selectors.people import parties_of
from governance.selectors.policies import policy_of
from governance.selectors.policy_news import news


@transaction.atomic
def announce_policy(version_id: int) -> int:
    """Tell the team of each open review, once, if the policy changes anything for it; returns of how many reviews."""
    version = PolicyVersion.objects.get(pk=version_id)
    before = PolicyVersion.objects.filter(valid_to=version.valid_from).first()
    if before is None:
        return 0
    comparison = Comparison(policy_of(before), policy_of(version))
    told = 0
    for review in Review.objects.open().for_page().defer("snapshot").order_by("pk"):
        said = news(comparison, review.use_case.facts)
        known = Notice.objects.filter(
            subject_type=review._meta.label_lower, subject_id=str(review.pk), text__startswith=f"{version} "
        )
        if said and not known.exists():
            notices.policy_changes(parties_of(review), review, version, said)
            told += 1
    return told
