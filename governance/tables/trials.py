"""Who would move tier under a draft."""

from typing import Any

from django.db.models import Q

from caio_portal.accounts.models import User
from caio_portal.common.tables import Choices, Column, Flag, Table
from governance.models import PolicyTrial, TrialMove
from governance.policy import Policy
from governance.tables.reviews import TIERS
from portfolio.models import UseCase


class TrialMoveTable(Table[TrialMove]):
    id = "moves"
    noun = ("use case", "use cases")
    caption = "Use cases that would move"
    file_name = "policy-trial"
    search = ("use_case__ref__icontains", "use_case__title__icontains")
    search_label = "Find a use case"
    default_sort = "-after"
    empty_title = "Nothing moves"
    empty_text = "Every use case that you may see stays in its tier, and no approval asks for another look."
    columns = (
        Column("use_case.title", "Use case", sort="use_case__title"),
        Column("use_case.ref", "Reference", on_page=False),
        Column("use_case.unit.name", "Unit", sort="use_case__unit__name"),
        Column("before", "Tier now", sort="before"),
        Column("after", "Tier then", sort="after", down_first=True),
        Column("reasons", "Because", value=lambda row: "; ".join(row.reasons)),
        Column(
            "opens_review", "Review", sort="opens_review", down_first=True,
            value=lambda row: "Opens" if row.opens_review else "",
        ),
    )  # fmt: skip
    filters = (
        Choices("before", "Tier now", TIERS, none="Not yet known"),
        Choices("after", "Tier then", TIERS, none="Not yet known"),
        Flag("review", "Opens a review", Q(opens_review=True)),
    )


def moves_of(trial: PolicyTrial, user: User) -> Any:
    """The moves of a trial among the use cases that a person may see."""
    seen = UseCase.objects.visible_to(user)
    return TrialMove.objects.filter(trial=trial, use_case__in=seen).select_related("use_case__unit")


def reasons_in(rows: list[TrialMove], *policies: Policy) -> dict[str, str]:
    """The sentence of each rule that ROWS name."""
    named = {rule for row in rows for rule in row.reasons}
    return {rule.id: rule.because for policy in policies for rule in policy.rules if rule.id in named}
