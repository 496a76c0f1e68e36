"""What the database refuses by name, in sentences for the person who tried.

The services ask the rules first; these are for what happens between asking and writing, or by other code.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError

from caio_portal.common.errors import NotAllowed

P = ParamSpec("P")
T = TypeVar("T")

SENTENCES = {
    "review_one_open_per_use_case": "This use case is already under review.",
    "review_person_pkey": "Who requests, owns or sponsors a use case neither examines nor decides it.",
    "review_seat_holder_is_a_judge": "Only somebody who judges this review holds a seat in it.",
    "review_seat_by_a_judge": "Who requests, owns or sponsors a use case holds no seat in its review.",
    "review_seat_one_per_holder": "A person holds one seat in a review.",
    "review_seat_only_mandatory_vacant": "Only a mandatory seat waits for a holder.",
    "review_seat_is_fixed": "Only the holder of a seat may change.",
    "review_seat_while_open": "The seats of a closed review do not change.",
    "review_seat_before_voting": "No seat is added once somebody has voted.",
    "review_seat_holder_has_voted": "Who has voted keeps the seat.",
    "vote_while_open": "Votes are cast while the vote is open.",
    "vote_by_the_holder": "Only the holders of this review's seats vote.",
    "vote_not_by_a_party": "You cannot vote on a use case that you request, own or sponsor.",
    "vote_needs_seat": "Only the holders of this review's seats vote.",
    "vote_on_the_snapshot": "Votes name the snapshot that the review looks at.",
    "vote_not_after_recusal": "You have recused yourself from this review.",
    "vote_numbered_in_order": "Another vote of this seat arrived at the same moment: look again, then repeat yours.",
    "vote_pkey": "Another vote of this seat arrived at the same moment: look again, then repeat yours.",
    "vote_choice_known": "That is not a choice on the ballot.",
    "vote_gives_a_reason": "Say why: every vote but a plain approval needs a reason.",
    "vote_names_its_conditions": "An approval with conditions names at least one, and no other vote names any.",
    "finding_author_is_a_judge": "Who requests, owns or sponsors a use case does not examine it.",
    "finding_by_a_judge": "Who requests, owns or sponsors a use case does not examine it.",
    "finding_on_a_snapshot": "A finding names a snapshot of its review.",
    "finding_says_why": "Say what you found.",
    "review_terms_are_fixed": "The terms of an open review do not change.",
    "review_appeals_for_a_reason": "An appeal names the decision and says why.",
    "review_is_final": "A closed review does not change.",
    "review_snapshot_has_its_hash": "A snapshot does not change under its hash.",
    "review_decided_with_decision": "A review is decided by its decision, and by nothing else.",
    "review_quorum_is_not_one": "A quorum of one is no quorum.",
    "meeting_minutes_are_final": "Approved minutes do not change.",
    "attendance_once_a_person": "A person sits on one seat.",
    "council_quorum_is_not_one": "A quorum of one is no quorum.",
    "decision_pkey": "This review is decided.",
    "decision_while_open": "Only an open review is decided.",
    "decision_needs_mandatory_seats": "Nothing is approved without the approval of every mandatory seat.",
    "decision_taken_in_capacity": "Who requests, owns or sponsors a use case does not decide it.",
    "decision_by_a_judge": "Who requests, owns or sponsors a use case does not decide it.",
    "decision_of_one_names_who": "A decision by one person names that person.",
    "decision_on_the_snapshot": "A decision names the snapshot that the review looks at.",
    "approval_one_per_use_case": "This use case already has an approval.",
    "approval_needs_favourable_decision": "Only a favourable decision gives an approval.",
    "approval_only_ends": "An approval does not change, it ends.",
    "approval_ended_with_reason": "An approval ends for a reason.",
    "condition_is_fixed": "A condition is met, never rewritten.",
    "condition_met_with_evidence": "A condition is met with evidence.",
    "conflict_once": "You have declared this already.",
    "conflict_says_why": "Say what binds you.",
    "gated_move_needs_passage": "A use case moves on only through its gate.",
    "gate_passage_of_a_gated_move": "A recorded move passes no gate.",
    "gate_passage_by_its_own_approval": "The approval of another use case opens no gate.",
}


def constraint_of(error: BaseException) -> str | None:
    """The name of the constraint, or of the trigger's rule, that refused."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis.constraint_name if diagnosis else None


def explained(service: Callable[P, T]) -> Callable[P, T]:
    """Turn what the database refuses, at once or at commit, into a plain refusal. Stands above `atomic`."""

    @wraps(service)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return service(*args, **kwargs)
        except DatabaseError as error:
            if sentence := SENTENCES.get(constraint_of(error) or ""):
                raise NotAllowed(sentence) from error
            raise

    return wrapper
