"""How ready the organisation is for each framework: required controls that are met, with evidence that counts."""

from decimal import Decimal

from caio_portal.briefings.snapshot.cases import Cases
from caio_portal.briefings.snapshot.schema import Readiness, Tone
from caio_portal.briefings.snapshot.scope import Scope
from governance.frameworks import catalogue
from governance.policy.evaluation import evaluator
from governance.selectors.readiness import measured
from kpis import catalogue as kpi_catalogue

KPI = "regulatory_readiness"
FRAMEWORKS = ("eu-ai-act", "nist-ai-rmf", "iso-42001", "omb-m-25-21")  # those that a board asks about


def readiness(scope: Scope, cases: Cases) -> tuple[Readiness, ...]:
    """Per framework: met ÷ required, over use cases in pilot or production, as the KPI of that name counts."""
    excepted = {(case.row.pk, control) for case in cases.living for control in case.excepted}
    found = measured([case.row for case in cases.living], evaluator(cases.policy), scope.today, excepted)
    kpi = kpi_catalogue.current().by_key[KPI]
    shares = [(framework, found.of(framework)) for framework in (catalogue().by_id[key] for key in FRAMEWORKS)]
    return tuple(
        _line(framework.title, share.met, share.required, kpi.low, kpi.tolerance)
        for framework, share in shares
        if share.required
    )


def _line(title: str, met: int, required: int, target: Decimal | None, tolerance: Decimal) -> Readiness:
    achieved = round(Decimal(100 * met) / required, 1)
    tone: Tone = "info"
    words = "No target"
    if target is not None:
        tone, words = ("good", "On track") if achieved >= target else ("warn", "Watch")
        if achieved < target - tolerance:
            tone, words = "bad", "Off track"
    return Readiness(
        framework=title, achieved=achieved, target=target, met=met, required=required, tone=tone, words=words
    )
