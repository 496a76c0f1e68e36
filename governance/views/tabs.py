"""What governance adds to the dossier of a use case."""

from collections.abc import Mapping, Sequence
from typing import Any

from caio_portal.accounts.models import User
from governance.forms.reviews import ReasonForm
from governance.models import Review
from governance.rules.approvals import objection_to_revoke
from governance.selectors.approvals import decisions_of
from portfolio.models import UseCase
from portfolio.ports import UseCaseTab


def decisions_tab(use_case: UseCase, user: User) -> Sequence[UseCaseTab]:
    """Approvals, conditions and reviews of a use case."""
    count = Review.objects.filter(use_case=use_case).count()
    return [
        UseCaseTab(
            "decisions", "Decisions", "governance/_decisions.html", lambda: _decisions(use_case, user), count, 50
        )
    ]


def _decisions(use_case: UseCase, user: User) -> Mapping[str, Any]:
    found = decisions_of(use_case)
    revocable = next((v.approval for v in found.approvals if objection_to_revoke(user, v.approval) is None), None)
    return {"decisions": found, "revocable": revocable, "revoke_form": ReasonForm()}
