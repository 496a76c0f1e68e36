"""How ready the organisation is for each framework: required controls that are met, with evidence that counts."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from caio_portal.briefings.snapshot.cases import Case, Cases
from caio_portal.briefings.snapshot.schema import Readiness, Tone
from caio_portal.briefings.snapshot.scope import Scope
from governance.frameworks import catalogue
from governance.models import ControlState, EvidenceUse, State
from governance.policy.evaluation import Evaluator, evaluator
from kpis import catalogue as kpi_catalogue
from portfolio.stages import Stage, rank

KPI = "regulatory_readiness"
FRAMEWORKS = ("eu-ai-act", "nist-ai-rmf", "iso-42001", "omb-m-25-21")  # those that a board asks about
Control = tuple[int, str]  # a use case's key and a control's id


def readiness(scope: Scope, cases: Cases) -> tuple[Readiness, ...]:
    """Per framework: met ÷ required, over use cases in pilot or production, as the KPI of that name counts."""
    counted = [case for case in cases.living if case.row.stage in (Stage.PILOT, Stage.PRODUCTION)]
    out, met = _states(scope, counted)
    judge = evaluator(cases.policy)
    required = {control for case in counted for control in _required(judge, case)} - out
    kpi = kpi_catalogue.current().by_key[KPI]
    found = []
    for framework in (catalogue().by_id[key] for key in FRAMEWORKS):
        own = {control for control in required if control[1] in framework.controls}
        if own:
            found.append(_line(framework.title, len(own & met), len(own), kpi.low, kpi.tolerance))
    return tuple(found)


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


def _required(judge: Evaluator, case: Case) -> set[Control]:
    reached = rank(case.row.stage)
    return {(case.row.pk, control) for control, by in judge.certain_controls(case.row.facts) if rank(by) <= reached}


def _states(scope: Scope, cases: list[Case]) -> tuple[set[Control], set[Control]]:
    """Controls that do not apply, and those that count as met: with valid evidence, or excepted."""
    counts = Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=scope.today)  # as Evidence.is_valid does
    proof = EvidenceUse.objects.filter(counts, control_state=OuterRef("pk"), evidence__withdrawn_at=None)
    rows = ControlState.objects.filter(
        use_case__in=[case.row.pk for case in cases], state__in=(State.NOT_APPLICABLE, State.MET)
    ).annotate(is_proven=Exists(proof))
    out, met = set[Control](), set[Control]()
    for use_case, control, state, is_proven in rows.values_list("use_case_id", "control", "state", "is_proven"):
        if state == State.NOT_APPLICABLE:
            out.add((use_case, control))
        elif is_proven:
            met.add((use_case, control))
    return out, met | {(case.row.pk, control) for case in cases for control in case.excepted}
