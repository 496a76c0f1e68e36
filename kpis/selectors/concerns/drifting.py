"""Use cases whose quality is off track: the figures for which the policy has them reviewed again."""

from collections import defaultdict
from collections.abc import Iterator

from governance.models import Approval
from governance.selectors.policies import policy_in_force
from kpis import catalogue, months
from kpis.models import AlertKind, KpiValue
from kpis.selectors.concerns.concern import Concern, named
from kpis.selectors.readings import LONGEST_WINDOW, readings
from kpis.selectors.scorecard import default_month
from kpis.selectors.targets import targets_by_unit
from kpis.selectors.use_case import cells_of
from kpis.status import Status
from portfolio.models import UseCase


def drifting() -> Iterator[Concern]:
    """In four queries: of what is approved, each such figure of the month that is over, against its unit's target."""
    known, month = catalogue.current().in_force, default_month()
    kpis = [known[key] for key in policy_in_force().rereview.drift_kpis if key in known]
    rows: dict[int, list[KpiValue]] = defaultdict(list)
    values = KpiValue.objects.filter(
        kpi__in=[kpi.key for kpi in kpis], month__range=(months.add(month, -LONGEST_WINDOW), month), inputs__gt=0,
        use_case_id__in=Approval.objects.filter(ended_at=None).values("use_case"),
    )  # fmt: skip
    for row in values:
        rows[row.use_case_id or 0].append(row)
    use_cases = UseCase.objects.filter(pk__in=rows).select_related("unit").only("ref", "title", "unit__path")
    targets = targets_by_unit([kpi.key for kpi in kpis])
    for use_case in use_cases.order_by("pk"):
        cells = cells_of(rows[use_case.pk])
        measured = [kpi for kpi in kpis if (kpi.key, "") in cells]
        for reading in readings(measured, cells, targets(use_case.unit.path), month, length=2):
            if reading.status is Status.OFF_TRACK:
                text = (
                    f"{reading.kpi.name} of {named(use_case.title, use_case.ref)} is {reading.value_words}, "
                    f"target {reading.target_words}, in {month:%B %Y}."
                )
                yield Concern(
                    AlertKind.BREACH, reading.kpi.key, month, text, True, use_case.unit_id, use_case.pk
                )  # fmt: skip
