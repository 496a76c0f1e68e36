"""An appeal: the team asks for another decision, by others than the one who decided alone."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common.errors import Invalid, require
from governance.models import Cause, Review
from governance.refusals import explained
from governance.rules import appeals as rules
from governance.selectors.calendars import calendar_of
from governance.services.locking import locked
from governance.services.reviews import open_review


@explained
@transaction.atomic
def appeal(review_id: int, plea: str, *, by: User) -> Review:
    """Open a review against an unfavourable decision, on the facts as they are now; once for each decision."""
    review = locked(review_id)
    require(rules.objection_to_appeal(by, review, calendar_of(review.use_case.unit)))
    if not plea.strip():
        raise Invalid("Say why it should be decided otherwise.", "reason")
    opened = open_review(
        review.use_case_id, by=by, up_to_stage=review.up_to_stage, cause=Cause.APPEAL, submission=review.submission,
        appeal_of=review, plea=plea.strip(),
    )  # fmt: skip
    record(
        "review.appealed", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
        appeal=opened.ref, reason=plea.strip(),
    )  # fmt: skip
    return opened
