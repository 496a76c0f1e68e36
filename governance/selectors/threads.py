"""Remarks by thread, and whom one may name in them."""

import re
from collections.abc import Iterable

from django.db.models import QuerySet

from caio_portal.accounts.models import User
from governance.models import Comment, PolicyVersion, Review, ReviewPerson
from governance.selectors.people import concerned, people_asked


def thread_of(review: Review, anchor: str) -> QuerySet[Comment]:
    """The remarks at one place of a review, in order."""
    found = Comment.objects.filter(subject_type=review._meta.label_lower, subject_id=str(review.pk), anchor=anchor)
    return found.select_related("by").order_by("at", "pk")


def remarks_on(version: PolicyVersion) -> QuerySet[Comment]:
    """What was said about a version of the policy, in order."""
    found = Comment.objects.filter(subject_type=version._meta.label_lower, subject_id=str(version.pk))
    return found.select_related("by").order_by("at", "pk")


def mentionable(review: Review) -> list[User]:
    """Who takes part in a review: its parties and judges, whoever is asked now, and the office."""
    people = [person.user for person in ReviewPerson.objects.filter(review=review).select_related("user")]
    asked = [user for step in review.steps.all() if step.is_running for user in people_asked(review, step)]
    found = {user.pk: user for user in [*people, *asked, *concerned(review)] if user.is_active}
    return sorted(found.values(), key=lambda user: user.name)


def mentioned(text: str, people: Iterable[User]) -> list[User]:
    """Those whose names stand in TEXT after an @."""
    return [person for person in people if re.search(rf"@{re.escape(person.name)}(?!\w)", text, re.IGNORECASE)]
