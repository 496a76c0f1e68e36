"""The one lock: whoever changes a review holds its row until commit."""

from django.db import connection

from governance.models import Review

# A submission locks its use case before its review; so does everybody here, or the two could wait for each other.
_USE_CASE_FIRST = "SELECT 1 FROM use_case WHERE id = (SELECT use_case_id FROM review WHERE id = %s) FOR KEY SHARE"


def locked(review_id: int) -> Review:
    """The review with its row locked, and with its use case, policy and unit."""
    with connection.cursor() as cursor:
        cursor.execute(_USE_CASE_FIRST, [review_id])
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related("use_case__unit", "use_case__owner", "use_case__requester", "use_case__sponsor", "policy")
        .defer("snapshot", "policy__document", "policy__source", "use_case__facts")  # long, and seldom asked for
        .get(pk=review_id)
    )
