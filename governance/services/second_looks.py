"""Drawing standing clearances for a second look, and keeping what it found."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance import notices
from governance.models import Decision, SecondLook
from governance.refusals import explained
from governance.rules import second_looks as rules
from governance.selectors.calendars import calendar_of
from governance.selectors.people import concerned
from governance.selectors.policies import policy_of

DAYS = 10  # business days


def draw(decision: Decision) -> SecondLook | None:
    """Draw a standing clearance, or not, in the transaction that cleared it.

    The hash of its receipt decides: nobody can foresee it, and anybody can check it afterwards.
    """
    share = policy_of(decision.review.policy).rereview.second_look_percent
    if int(decision.receipt_hash[:8], 16) % 100 >= share:
        return None
    review = decision.review
    due_on = calendar_of(review.use_case.unit).add(clock.today(), DAYS)
    look = SecondLook.objects.create(decision=decision, drawn_at=clock.now(), due_on=due_on)
    record("second_look.drawn", look, by=None, unit=review.use_case.unit_id, use_case=review.use_case.ref)
    return look


@explained
@transaction.atomic
def take_second_look(decision_id: int, tier: int, note: str, *, by: User) -> SecondLook:
    """Keep which tier somebody gives who was not told it; a graver one is told to those whom the approval concerns."""
    looks = SecondLook.objects.select_for_update(of=("self",))
    look = looks.select_related("decision__review__use_case__unit", "decision__review__policy").get(pk=decision_id)
    review = look.decision.review
    require(rules.objection_to_look(by, look))
    if not note.strip():
        raise Invalid("Say what leads you to this tier.", "note")
    if tier not in {known.number for known in policy_of(review.policy).tiers}:
        raise Invalid("The policy has no such tier.", "tier")
    look.looked_by, look.looked_at, look.tier, look.note = by, clock.now(), tier, note.strip()
    look.save(update_fields=["looked_by", "looked_at", "tier", "note"])
    record(
        "second_look.taken", look, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref, tier=tier,
        cleared=review.tier, note=look.note,
    )  # fmt: skip
    if tier > review.tier:
        notices.second_look_differs(concerned(review), look, review)
    return look
