"""Objectives and key results: set, and graded quarter by quarter."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from kpis import catalogue, rules
from kpis.models import KeyResult, Objective, ObjectiveReview
from kpis.selectors.objectives import standings

MOST_RESULTS = 6


@transaction.atomic
def save_objective(objective: Objective, *, by: User) -> Objective:
    """Set an objective, or change its words, owner or period while it is open."""
    require(rules.objection_to_objective(by, objective))
    new = objective.pk is None
    objective.save()
    record(
        "objective.set" if new else "objective.changed", objective, by=by, unit=objective.unit, period=objective.period
    )
    if new and objective.owner_id != by.pk:
        text = f"You own the objective “{objective.title}” for {objective.period}."
        notify([objective.owner], objective, text, objective.get_absolute_url())
    return objective


@transaction.atomic
def add_key_result(objective_id: int, kpi: str, title: str, start: Decimal, target: Decimal, *, by: User) -> KeyResult:
    """Say how one would know: a KPI that goes from one value to another."""
    objective = _locked(objective_id)
    require(rules.objection_to_objective(by, objective))
    if kpi not in catalogue.current().in_force:
        raise Invalid("There is no such KPI.", "kpi")
    if start == target:
        raise Invalid("The target must differ from the start.", "target")
    if objective.key_results.count() >= MOST_RESULTS:
        raise Invalid(f"An objective has at most {MOST_RESULTS} key results: what matters most.")
    result = KeyResult.objects.create(objective=objective, kpi=kpi, title=title.strip(), start=start, target=target)
    record("key_result.added", objective, by=by, unit=objective.unit, result=result.title, kpi=kpi,
           start=str(start), target=str(target))  # fmt: skip
    return result


@transaction.atomic
def review_objective(
    objective_id: int, quarter: str, text: str, grades: Mapping[int, Decimal], *, by: User, close: bool = False
) -> ObjectiveReview:
    """Grade the key results of a quarter and say what was learnt; what was computed then is kept beside the grades."""
    objective = _locked(objective_id)
    require(rules.objection_to_objective(by, objective))
    if not text.strip():
        raise Invalid("Say what was learnt.", "text")
    (standing,) = standings(Objective.objects.filter(pk=objective.pk))
    if not standing.results or {result.key_result.pk for result in standing.results} != grades.keys():
        raise Invalid("Every key result gets a grade.")
    if any(not 0 <= grade <= 1 for grade in grades.values()):
        raise Invalid("Grades go from 0 to 1.")
    if ObjectiveReview.objects.filter(objective=objective, quarter=quarter).exists():
        raise Invalid(f"{quarter} was reviewed already.", "quarter")
    now = clock.now()
    for result in standing.results:
        result.key_result.grade, result.key_result.graded_at = grades[result.key_result.pk], now
        result.key_result.save(update_fields=["grade", "graded_at"])
    review = ObjectiveReview.objects.create(
        objective=objective, quarter=quarter, text=text.strip(), reviewed_by=by, reviewed_at=now,
        grade=(sum(grades.values(), Decimal(0)) / len(grades)).quantize(Decimal("0.01")),
        results=[
            {
                "key_result": result.key_result.pk, "title": result.key_result.title, "value": result.value_words,
                "computed": result.progress_words, "grade": f"{grades[result.key_result.pk]:.2f}",
            }
            for result in standing.results
        ],
    )  # fmt: skip
    if close:
        objective.closed_at = now
        objective.save(update_fields=["closed_at"])
    record("objective.reviewed", objective, by=by, unit=objective.unit, quarter=quarter, grade=str(review.grade),
           closed=close)  # fmt: skip
    return review


def _locked(objective_id: int) -> Objective:
    return Objective.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=objective_id)
