"""Remarks on a review, and answers to its findings; whoever is named in one is told."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance import notices
from governance.models import Comment, Finding, PolicyVersion, Review
from governance.refusals import explained
from governance.rules.policies import objection_to_draft
from governance.selectors.threads import mentionable, mentioned, remarks_on, thread_of


@explained
@transaction.atomic
def comment(review_id: int, text: str, *, by: User, finding: int | None = None) -> Comment:
    """Add a remark to a review, or an answer to one of its findings."""
    review = Review.objects.select_related("use_case__unit").defer("snapshot").get(pk=review_id)
    if not text.strip():
        raise Invalid("Write something first.", "text")
    answered = Finding.objects.select_related("user").filter(review=review, pk=finding).first() if finding else None
    if finding and answered is None:
        raise Invalid("There is no such finding in this review.", "text")
    remark = Comment.objects.create(
        subject_type=review._meta.label_lower, subject_id=str(review.pk), by=by, text=text.strip(), at=clock.now(),
        anchor=f"finding-{answered.pk}" if answered else "",
    )  # fmt: skip
    record("comment.made", review, by=by, unit=review.use_case.unit_id, text=remark.text[:500])
    _tell(review, remark, answered)
    return remark


@explained
@transaction.atomic
def comment_on_policy(version_id: int, text: str, *, by: User) -> Comment:
    """Add a remark to a version of the policy; whoever wrote it, and who spoke before, is told."""
    version = PolicyVersion.objects.select_related("proposed_by").defer("document", "source").get(pk=version_id)
    require(objection_to_draft(by))
    if not text.strip():
        raise Invalid("Write something first.", "text")
    earlier = list(remarks_on(version))
    remark = Comment.objects.create(
        subject_type=version._meta.label_lower, subject_id=str(version.pk), by=by, text=text.strip(), at=clock.now()
    )
    record("policy.commented", version, by=by, text=remark.text[:500])
    people = [*([version.proposed_by] if version.proposed_by else []), *(each.by for each in earlier)]
    notices.policy_remark(_others(people, remark), version, remark)
    return remark


def _tell(review: Review, remark: Comment, answered: Finding | None) -> None:
    """Tell those who are named, and in the thread of a finding also those who have spoken there."""
    named = mentioned(remark.text, mentionable(review))
    notices.named(_others(named, remark), review, remark)
    if answered:
        spoken = [answered.user, *(each.by for each in thread_of(review, remark.anchor))]
        known = {user.pk for user in named}
        notices.answered(_others([user for user in spoken if user.pk not in known], remark), review, remark)


def _others(users: list[User], remark: Comment) -> list[User]:
    return [user for user in users if user.pk != remark.by_id]
