"""Risks of one use case against the appetite of its tier."""

from dataclasses import dataclass

from caio_portal.common import clock
from governance.models import Risk
from governance.policy import Policy
from portfolio.models import UseCase


@dataclass(frozen=True)
class RiskLine:
    risk: Risk
    above: bool  # its residual risk is above the appetite
    accepted: bool

    @property
    def tone(self) -> str:
        if not self.above:
            return "good"
        return "warn" if self.accepted else "bad"


@dataclass(frozen=True)
class RiskSheet:
    """The open risks, the greatest first; the residual risk of a use case is that of its greatest."""

    lines: tuple[RiskLine, ...]
    appetite: int | None

    @property
    def residual(self) -> int | None:
        return max((line.risk.residual for line in self.lines), default=None)

    @property
    def breaches(self) -> int:
        return sum(line.above and not line.accepted for line in self.lines)


def risk_sheet(use_case: UseCase, policy: Policy) -> RiskSheet:
    """One query."""
    appetite = policy.tier(use_case.tier).appetite if use_case.tier else None
    today = clock.today()
    risks = Risk.objects.filter(use_case=use_case, closed_at=None).select_related("owner", "accepted_by")
    lines = [
        RiskLine(risk, appetite is not None and risk.residual > appetite, risk.is_accepted(today)) for risk in risks
    ]
    lines.sort(key=lambda line: -line.risk.residual)
    return RiskSheet(tuple(lines), appetite)
