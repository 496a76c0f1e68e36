"""A gate that wants an approval opens a review for it."""

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.common.errors import Invalid, require
from governance.models import Cause, Review
from governance.refusals import explained
from governance.rules import gates as rules
from governance.selectors.grounds import Ground
from governance.services.reviews import open_review
from portfolio.models import UseCase
from portfolio.stages import Stage


@explained
@transaction.atomic
def ask_at_gate(use_case_id: int, to: Stage, reason: str, *, by: User) -> Review:
    """Open the review that leads to an approval up to a stage."""
    use_case = UseCase.objects.select_for_update(no_key=True).select_related("unit").get(pk=use_case_id)
    require(rules.objection_to_ask(by, use_case, to))
    if not reason.strip():
        raise Invalid("Say what has changed, and why it is ready.", "reason")
    why = Ground(f"{by} at the gate to {to.label.lower()}: {reason.strip()}", f"{use_case.get_absolute_url()}move/")
    return open_review(use_case_id, by=by, up_to_stage=to, cause=Cause.GATE, why=why)
