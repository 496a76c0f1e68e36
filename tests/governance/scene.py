"""A unit with a council, an office and a team, and use cases of every tier under the shipped policy."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from governance.decisions import Choice
from governance.models import Council, Review, ReviewSeat, Severity, StepKind
from governance.policy import shipped
from governance.services import council as councils
from governance.services.reviews import open_review, report_finding
from governance.services.tiering import tier_use_cases
from governance.services.votes import cast_vote
from portfolio.facts import CATALOGUE, Kind
from portfolio.models import UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case

# What each tier takes, on top of facts that give no cause for concern.
BY_TIER: dict[int, dict[str, Any]] = {
    1: {},
    2: {"talks_to_people": True},
    3: {"high_impact": "yes"},
    4: {"decides_about": ["justice"], "human_involvement": "none", "high_impact": "yes"},
    5: {"social_scoring": True},
}


def harmless() -> dict[str, Any]:
    """Every fact that a rule reads, known and of no concern."""
    return {name: _harmless(name) for name in shipped().rule_facts}


def _harmless(name: str) -> Any:
    fact = CATALOGUE[name]
    if fact.kind is Kind.YES_NO:
        return False
    if fact.kind in {Kind.NUMBER, Kind.MONEY}:
        return 0
    if fact.kind is Kind.PRODUCT:
        return "None"
    value = next((key for key in ("none", "no", "decides") if key in fact.choices), next(iter(fact.choices)))
    return [value] if fact.kind is Kind.CHOICES else value


@dataclass
class Scene:
    unit: OrgUnit
    council: Council
    owner: User
    requester: User
    sponsor: User
    office: User
    caio: User
    executive: User
    members: dict[str, User]
    spare: User
    reviewers: dict[str, User] = field(default_factory=dict)

    def use_case(self, tier: int = 3, **fields: Any) -> UseCase:
        facts = harmless() | BY_TIER[tier] | fields.pop("facts", {})
        fields = {"stage": Stage.PILOT, "owner": self.owner, "sponsor": self.sponsor, **fields}
        use_case = make_use_case(unit=self.unit, requester=self.requester, facts=facts, **fields)
        tier_use_cases([use_case])
        return use_case

    def review(self, tier: int = 3, **fields: Any) -> Review:
        return open_review(self.use_case(tier, **fields).pk, by=self.requester)

    def examine(self, review: Review) -> Review:
        """Sign off every examination whose clock runs."""
        for step in review.steps.filter(kind=StepKind.EXAMINE, started_at__isnull=False, finished_at=None):
            report_finding(review.pk, step.function, Severity.NONE, "Fine.", by=self.reviewer(step.function))
        review.refresh_from_db()
        return review

    def reviewer(self, function: str) -> User:
        if function not in self.reviewers:
            self.reviewers[function] = make_person(Role.REVIEWER, unit=self.unit, function=function)
        return self.reviewers[function]

    def on_vote(self, tier: int = 3, **fields: Any) -> Review:
        return self.examine(self.review(tier, **fields))

    def vote(self, review: Review, **choices: str) -> Review:
        """Let the named seats vote, in this order."""
        for seat, choice in choices.items():
            cast_vote(review.pk, Choice(choice), "" if choice == "approve" else "Because.", by=self.members[seat])
        review.refresh_from_db()
        return review

    def seat(self, review: Review, function: str) -> ReviewSeat:
        return ReviewSeat.objects.select_related("seat", "holder").get(review=review, seat__function=function)


SEATS = ("legal", "ciso", "data", "finance", "hr")


def make_scene(seats: tuple[str, ...] = SEATS, alternates: bool = True) -> Scene:
    """Five seats, of which Legal and CISO are mandatory; Legal has an alternate."""
    unit = make_unit()
    caio = make_person(Role.CAIO, unit=unit)
    spare = make_person(Role.COUNCIL_MEMBER, unit=unit, function="legal", name="Spare Legal")
    members = {
        name: make_person(Role.COUNCIL_MEMBER, unit=unit, function=name, name=f"Member {name}") for name in seats
    }
    council = councils.create_council(f"Council of {unit}", unit, by=caio)
    for name, member in members.items():
        councils.fill_seat(
            council, name, name.upper() if name == "ciso" else name.capitalize(), member, by=caio,
            alternate=spare if alternates and name == "legal" else None, mandatory=name in ("legal", "ciso"),
            term_ends_on=date(2036, 1, 1),
        )  # fmt: skip
    return Scene(
        unit=unit, council=council, owner=make_person(Role.OWNER, unit=unit), caio=caio,
        requester=make_person(Role.REQUESTER, unit=unit), sponsor=make_person(Role.EXECUTIVE, unit=unit),
        office=make_person(Role.CAIO_OFFICE, unit=unit), executive=make_person(Role.EXECUTIVE, unit=unit),
        members=members, spare=spare,
    )  # fmt: skip
