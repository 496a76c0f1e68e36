"""Who may appeal, and until when."""

from datetime import timedelta

from django.utils import timezone

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.business_days import WorkingDays
from governance.decisions import Outcome
from governance.models import Decision, Review, ReviewState
from governance.rules.reviews import is_party

APPEAL_DAYS = 30
_APPEALABLE = (Outcome.REJECTED, Outcome.APPROVED_WITH_CONDITIONS)


def objection_to_appeal(user: User, review: Review, calendar: WorkingDays) -> str | None:
    if review.state != ReviewState.DECIDED:
        return "Only a decision is appealed."
    if not is_party(user, review):
        return "Only who requests, owns or sponsors the use case appeals."
    decision = Decision.objects.only("outcome", "decided_at").get(pk=review.pk)
    if decision.outcome not in _APPEALABLE:
        return "Only a rejection or a condition is appealed; what is prohibited is refused by the policy."
    last = timezone.localdate(decision.decided_at) + timedelta(days=APPEAL_DAYS)
    if clock.today() > calendar.at_or_after(last):
        return f"An appeal is made within {APPEAL_DAYS} days of the decision."
    if review.appeal_of_id is not None:
        return "This was decided on an appeal: submit the use case again when something has changed."
    later = Review.objects.filter(use_case=review.use_case_id, opened_at__gt=decision.decided_at)
    if later.exists():
        return "The use case has been reviewed again since."
    return None
