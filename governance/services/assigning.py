"""Giving the steps of reviews to people, and reminding them: one by one, or many at once."""

from collections.abc import Callable, Iterable

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common.errors import NotAllowed, require
from governance import notices
from governance.models import Review, ReviewStep
from governance.refusals import explained
from governance.rules import assigning as rules
from governance.selectors.people import people_asked
from governance.services import steps
from governance.services.locking import locked


@explained
@transaction.atomic
def assign_step(step_id: int, to_id: int, *, by: User) -> ReviewStep:
    """Give a step to somebody, who is told if the clock runs; the others are asked no more."""
    step, review = _step(step_id)
    to = User.objects.get(pk=to_id)
    require(rules.objection_to_assign(by, review, step, to))
    step.assigned_to = to
    step.save(update_fields=["assigned_to"])
    record("review.step_assigned", review, by=by, unit=review.use_case.unit_id, step=str(step), person=to.name)
    if step.is_running and to != by:
        notices.your_turn([to], review, step)
    return step


@explained
@transaction.atomic
def remind_of_step(step_id: int, *, by: User) -> list[User]:
    """Remind now those who can do a step; returns them."""
    step, review = _step(step_id)
    require(rules.objection_to_remind(by, review, step))
    people = people_asked(review, step)
    notices.reminded(people, review, step, by)
    names = ", ".join(person.name for person in people) or "nobody"
    record("review.reminded", review, by=by, unit=review.use_case.unit_id, step=str(step), people=names)
    return people


@explained
@transaction.atomic
def ask_anyway(step_id: int, *, by: User) -> ReviewStep:
    """Have a function examine a use case again though nothing in its field is new; the vote waits for it."""
    step, review = _step(step_id)
    spoken = review.steps.filter(phase__gt=step.phase, result__isnull=False)
    require(rules.objection_to_ask(by, review, review.votes.exists() or spoken.exists()))
    if not step.is_spared:
        raise NotAllowed(f"{step} is asked already.")
    steps.ask_anyway(review, step)
    record("review.asked_anyway", review, by=by, unit=review.use_case.unit_id, step=str(step))
    return step


def each_step(step_ids: Iterable[int], act: Callable[[int], object]) -> tuple[int, list[str]]:
    """Do the same with many steps, each in a transaction of its own; returns how many, and why not the others."""
    done, refused = 0, []
    for step_id in step_ids:
        try:
            act(step_id)
            done += 1
        except NotAllowed as objection:
            refused.append(str(objection))
    return done, refused


def _step(step_id: int) -> tuple[ReviewStep, Review]:
    """A step with its review, which is locked."""
    review = locked(ReviewStep.objects.values_list("review_id", flat=True).get(pk=step_id))
    return ReviewStep.objects.select_related("assigned_to").get(pk=step_id), review
