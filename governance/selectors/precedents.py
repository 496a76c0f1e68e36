"""Decided reviews of use cases that are like this one, with the conditions that were attached."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.common.words import inner
from governance.models import Condition, Decision, Review
from governance.selectors.approvals import state_of_decision, state_without_force
from portfolio.facts import CATALOGUE
from portfolio.models import UseCase
from portfolio.ports import ApprovalState

CANDIDATES = 300
SHOWN = 4
# What makes one use case like another for those who decide; plain noes and numbers do not.
TELLING = (
    "decides_about", "affected_people", "biometric_use", "technique", "human_involvement", "topic_area",
    "special_categories", "talks_to_people", "generates_content", "profiles_people", "law_enforcement_use",
    "safety_component", "critical_infrastructure", "high_impact", "personal_data",
)  # fmt: skip
_NOTHING: tuple[Any, ...] = (None, False, "none", "no", [], ["none"])


@dataclass(frozen=True)
class Precedent:
    decision: Decision
    shared: tuple[str, ...]  # what both have, in words
    conditions: tuple[str, ...]

    @property
    def approval(self) -> ApprovalState | None:
        """How the approval that it gave stands, if that opens no gate any more."""
        return state_without_force(vars(self.decision)["approval_state"])

    @property
    def review(self) -> Review:
        return self.decision.review


def precedents(review: Review, facts: Mapping[str, Any], user: User) -> list[Precedent]:
    """The decided reviews that a person may see and that share most with FACTS, in two queries."""
    seen = UseCase.objects.visible_to(user).exclude(pk=review.use_case_id)
    decided = (
        Decision.objects.filter(review__use_case__in=seen, review__tier__range=(review.tier - 1, review.tier + 1))
        .exclude(kind="standing")
        .annotate(approval_state=state_of_decision())
        .select_related("review__use_case")
        .defer("receipt", "review__snapshot", "tally")
        .order_by("-decided_at")[:CANDIDATES]
    )
    marks = _marks(facts)
    scored = [(len(common), decision, common) for decision in decided if (common := marks & _marks(_facts(decision)))]
    best = sorted(scored, key=lambda found: -found[0])[:SHOWN]  # of equals, the newest first
    duties: dict[int, list[str]] = {decision.pk: [] for _, decision, _ in best}
    for condition in Condition.objects.filter(decision__in=duties):
        duties[condition.decision_id].append(condition.text)
    return [
        Precedent(decision, tuple(sorted(map(_words, common))), tuple(duties[decision.pk]))
        for _, decision, common in best
    ]


def _facts(decision: Decision) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = decision.review.use_case.facts
    return facts


def _marks(facts: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    """The telling facts as single statements: each choice of a list is one."""
    found: set[tuple[str, Any]] = set()
    for name in TELLING:
        value = facts.get(name)
        if value in _NOTHING:
            continue
        found |= {(name, one) for one in value} if isinstance(value, list) else {(name, value)}
    return frozenset(found)


def _words(mark: tuple[str, Any]) -> str:
    fact = CATALOGUE[mark[0]]
    return fact.label if mark[1] is True else f"{fact.label}: {inner(fact.choices.get(str(mark[1]), str(mark[1])))}"
