"""Who asks for a review because a gate wants an approval."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Review
from portfolio.models import UseCase
from portfolio.stages import Stage, is_forward


def objection_to_ask(user: User, use_case: UseCase, to: Stage) -> str | None:
    """For the team and the office, once something was reviewed: the first review comes with the submission."""
    if not is_forward(use_case.stage, to) or to == Stage.RETIRED:
        return f"From its stage, no gate leads to {to.label.lower()}."
    team = user.pk in (use_case.owner_id, use_case.sponsor_id, use_case.requester_id)
    if not team and not roles_of(user).has(Role.CAIO, Role.CAIO_OFFICE, unit=use_case.unit_id):
        return "Only its team and the CAIO office ask for a review of it."
    reviews = Review.objects.filter(use_case=use_case)
    if known := reviews.filter(closed_at=None).first():
        return f"It is already under review: {known.ref}."
    if not reviews.exists():
        return "It was never reviewed: submit it, and the review comes with the submission."
    return None
