"""The use cases of a briefing, read once for all its sections. The titles of confidential ones are withheld."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from caio_portal.briefings.snapshot.gains import NOTHING, Gains, gains_of
from caio_portal.briefings.snapshot.schema import UseCaseLine
from caio_portal.briefings.snapshot.scope import CURRENCY, Scope
from governance.models import Approval, PolicyException, Risk, Suspension
from governance.policy import Policy
from governance.selectors.policies import policy_in_force
from governance.standing import Standing, standing
from portfolio.models import CostKind, CostLine, StageMove, SystemProduct, UseCase
from portfolio.stages import Stage

WITHHELD = "Confidential use case"
UNREAD = ("requester", "source", "revision", "changed_at", "voided_at")
OF_APPROVALS = ("use_case", "up_to_stage", "material_hash", "valid_until", "ended_at", "end_reason")


@dataclass(frozen=True)
class Case:
    """A use case with what the sections say of it."""

    row: UseCase
    gains: Gains
    cost: Decimal | None  # the last twelve months
    worst: Risk | None  # the open risk with the greatest residual
    approval: Standing | None  # for production
    leave: Standing | None  # for whatever stage
    retired_at: datetime | None
    excepted: frozenset[str]  # the controls that it has leave to miss
    vendor_ids: frozenset[int]  # on whose products it relies, through its AI systems
    unit_name: str
    unit_path: str
    owner_name: str
    sponsor_name: str

    @property
    def value(self) -> Decimal | None:
        return self.gains.value

    @property
    def title(self) -> str:
        return WITHHELD if self.row.confidential else self.row.title

    @property
    def owner(self) -> str:
        return "" if self.row.confidential else self.owner_name

    @property
    def residual(self) -> int | None:
        return self.worst.residual if self.worst else None

    @property
    def gravest(self) -> str:
        """What its greatest risk is, without the use case's own name before it."""
        if self.worst is None or self.row.confidential:
            return ""
        text = self.worst.title.removeprefix(f"{self.row.title}: ")
        return text[:1].upper() + text[1:]

    @property
    def is_running(self) -> bool:
        return self.row.stage == Stage.PRODUCTION and self.row.paused_at is None

    @property
    def high(self) -> bool:
        return (self.row.tier or 0) >= 3

    @property
    def link(self) -> str:
        return self.row.get_absolute_url()

    def line(self) -> UseCaseLine:
        return UseCaseLine(
            ref=self.row.ref, title=self.title, unit=self.unit_name, owner=self.owner, tier=self.row.tier,
            provisional=self.row.tier_provisional, stage=self.row.get_stage_display() or "Not stated",
            value=self.value, cost=self.cost, residual=self.residual,
        )  # fmt: skip


@dataclass(frozen=True)
class Cases:
    all: tuple[Case, ...]
    policy: Policy
    appetites: dict[int, int]  # by tier
    tiers: dict[int, str]  # their names

    @cached_property
    def by_key(self) -> dict[int, Case]:
        return {case.row.pk: case for case in self.all}

    @property
    def living(self) -> tuple[Case, ...]:
        return tuple(case for case in self.all if case.row.stage != Stage.RETIRED)

    @property
    def running(self) -> tuple[Case, ...]:
        return tuple(case for case in self.all if case.is_running)

    @property
    def outside(self) -> tuple[Case, ...]:
        """Those above the appetite of their tier, the farthest first."""
        beyond = [(self.excess(case), case) for case in self.living]
        return tuple(
            case for excess, case in sorted(beyond, key=lambda pair: (-pair[0], pair[1].row.ref)) if excess > 0
        )

    def excess(self, case: Case) -> int:
        """By how much the residual risk is above the appetite of the tier; at most 0 within it."""
        if case.residual is None or case.row.tier is None:
            return 0
        return case.residual - self.appetites[case.row.tier]

    @property
    def lapsed(self) -> Counter[Standing]:
        """How many approvals have not ended and yet open no gate, by how they stand."""
        return Counter(case.leave for case in self.all if case.leave and case.leave is not Standing.IN_FORCE)

    @property
    def unapproved(self) -> tuple[Case, ...]:
        """Those in production without an approval in force, the gravest first."""
        found = [case for case in self.running if case.approval is not Standing.IN_FORCE]
        return tuple(sorted(found, key=lambda case: (-(case.row.tier or 0), case.row.ref)))


def read(scope: Scope) -> Cases:
    """Every use case of the organisation, in five queries."""
    rows = list(_rows(scope))
    keys = [row.pk for row in rows]
    gains, risks, approvals = gains_of(keys), _worst(keys), _approvals(scope, {row.pk: row for row in rows})
    policy = policy_in_force()
    return Cases(
        all=tuple(_case(row, gains.get(row.pk, NOTHING), risks.get(row.pk), approvals.get(row.pk)) for row in rows),
        policy=policy,
        appetites={number: policy.tier(number).appetite for number in range(1, 6)},
        tiers={number: policy.tier(number).name for number in range(1, 6)},
    )


def _rows(scope: Scope) -> QuerySet[UseCase]:
    """The use cases, each with what else is one value or one short list of it."""
    retired = StageMove.objects.filter(use_case=OuterRef("pk"), after=Stage.RETIRED).order_by("-moved_at")
    excepted = PolicyException.objects.filter(
        use_case=OuterRef("pk"), ended_at=None, expires_on__gte=scope.today
    ).exclude(control="")
    vendors = SystemProduct.objects.filter(ai_system__uses__use_case=OuterRef("pk"))
    return (
        UseCase.objects.active()
        .filter(unit__in=scope.unit_ids)
        .defer(*UNREAD)
        .annotate(
            unit_name=F("unit__name"),
            unit_path=F("unit__path"),
            owner_name=F("owner__name"),
            sponsor_name=F("sponsor__name"),
            spent=Subquery(_costs(scope)),
            retired_at=Subquery(retired.values("moved_at")[:1]),
            excepted=ArraySubquery(excepted.order_by().values("control")),
            vendor_ids=ArraySubquery(vendors.order_by().values("product__vendor").distinct()),
        )
        .order_by("pk")
    )


def _case(row: UseCase, gains: Gains, worst: Risk | None, leave: tuple[Stage, Standing] | None) -> Case:
    found = vars(row)  # what the query added
    up_to, how = leave or (None, None)
    return Case(
        row=row, gains=gains, cost=found["spent"], worst=worst,
        approval=how if up_to == Stage.PRODUCTION else None, leave=how, retired_at=found["retired_at"],
        excepted=frozenset(found["excepted"]), vendor_ids=frozenset(found["vendor_ids"]), unit_name=found["unit_name"],
        unit_path=found["unit_path"], owner_name=found["owner_name"] or "", sponsor_name=found["sponsor_name"] or "",
    )  # fmt: skip


def _costs(scope: Scope) -> QuerySet[CostLine, Any]:
    """What a use case cost in the twelve months that end with the quarter."""
    first = date(scope.month.year - 1, scope.month.month, 1)
    rows = CostLine.objects.filter(
        use_case=OuterRef("pk"), voided_at=None, kind=CostKind.ACTUAL, currency=CURRENCY, month__gt=first,
        month__lte=scope.month,
    )  # fmt: skip
    return rows.order_by().values("use_case").annotate(sum=Sum("amount")).values("sum")


def _worst(keys: list[int]) -> dict[int, Risk]:
    rows = Risk.objects.filter(use_case__in=keys, closed_at=None).select_related("accepted_by")
    gravest = (F("residual_likelihood") * F("residual_impact")).desc()
    return {risk.use_case_id: risk for risk in rows.order_by("use_case_id", gravest, "pk").distinct("use_case_id")}


def _approvals(scope: Scope, by_key: dict[int, UseCase]) -> dict[int, tuple[Stage, Standing]]:
    """Up to which stage each use case is approved, and how the approval stands."""
    lasting = Suspension.objects.filter(approval=OuterRef("pk"), restored_at=None)
    rows = Approval.objects.filter(use_case__in=by_key.keys(), ended_at=None)
    found: dict[int, tuple[Stage, Standing]] = {}
    for row in rows.annotate(is_suspended=Exists(lasting)).only(*OF_APPROVALS):
        row.use_case = by_key[row.use_case_id]
        how = standing(row, suspended=row.is_suspended, today=scope.today)
        found[row.use_case_id] = Stage(row.up_to_stage), how
    return found
