"""The KPIs made of controls, risks, vendors and money, made again in plain Python from rows and the audit trail."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.accounts.models import OrgUnit
from caio_portal.audit.models import AuditEvent
from governance.models import Approval, EvidenceUse, PolicyException, Tiering
from kpis import catalogue, months
from kpis.models import BudgetLine, Observation
from kpis.values import Sums
from portfolio.models import Benefit, CostLine, SystemUse, UseCase
from tests.kpis.recompute_records import RUNNING, stages
from vendors.models import Vendor

STAGES = ("idea", "experiment", "pilot", "production")
MONTHS_IN = {"quarter": 3, "year": 12}


def one(num: Decimal | int, den: int = 1) -> Sums:
    return Sums(Decimal(num), Decimal(den), int(den != 0))


def told(as_of: datetime, *actions: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The events of use cases before the moment, in the order in which they occurred."""
    events = AuditEvent.objects.filter(subject_type="portfolio.usecase", action__in=actions, occurred_at__lt=as_of)
    for subject, action, payload in events.order_by("occurred_at", "pk").values_list("subject_id", "action", "payload"):
        yield int(subject), action, json.loads(payload)


def last_day(as_of: datetime) -> date:
    return (as_of - timedelta(microseconds=1)).date()


# --- Controls and risks -----------------------------------------------------------------------------------------


def regulatory_readiness(month: date, as_of: datetime) -> Any:
    states = {
        (use_case, payload["control"].split(" ")[0]): payload["after"]
        for use_case, _, payload in told(as_of, "control.set")
    }
    proven = {
        (use.control_state.use_case_id, use.control_state.control)
        for use in EvidenceUse.objects.select_related("evidence", "control_state")
        if _is_valid(use.evidence, as_of)
    }
    excused = {(row.use_case_id, row.control) for row in PolicyException.objects.all() if _is_excused(row, as_of)}
    for use_case, stage, _ in stages(as_of):
        tiering = Tiering.objects.filter(use_case=use_case, at__lt=as_of).order_by("at", "pk").last()
        if stage not in RUNNING or tiering is None:
            continue
        for control in _asked(tiering, stage, {name for case, name in states if case == use_case.pk}):
            key = use_case.pk, control
            if states.get(key) != "Not applicable":
                met = key in excused or (states.get(key) == "Met" and key in proven)
                yield "", use_case.unit_id, use_case.pk, one(int(met))


def _is_valid(evidence: Any, as_of: datetime) -> bool:
    return (
        evidence.recorded_at < as_of
        and (evidence.valid_until is None or evidence.valid_until >= last_day(as_of))
        and (evidence.withdrawn_at is None or evidence.withdrawn_at >= as_of)
    )


def _is_excused(row: Any, as_of: datetime) -> bool:
    ended = row.ended_at is not None and row.ended_at < as_of
    return row.granted_at < as_of and row.expires_on >= last_day(as_of) and not ended


def _asked(tiering: Tiering, stage: str, with_a_state: set[str]) -> list[str]:
    """The controls that the tier asks for by the stage; what is asked under a condition only once it has a state."""
    found = []
    for control in tiering.policy.document["controls"]:
        asks = [
            ask for ask in control["required"] if ask["from_tier"] <= tiering.tier and _is_reached(ask["by"], stage)
        ]
        if asks and (control["id"] in with_a_state or any(not ask.get("when") for ask in asks)):
            found.append(control["id"])
    return found


def _is_reached(by: str, stage: str) -> bool:
    return by in STAGES and STAGES.index(by) <= STAGES.index(stage)


def risk_posture(month: date, as_of: datetime) -> Any:
    residuals: dict[int, dict[str, int]] = defaultdict(dict)
    for use_case, action, payload in told(as_of, "risk.recorded", "risk.assessed", "risk.closed"):
        if action == "risk.closed":
            residuals[use_case].pop(payload["risk"], None)
        else:
            residuals[use_case][payload["risk"]] = payload["residual"]
    for use_case, stage, _ in stages(as_of):
        if stage in RUNNING and residuals[use_case.pk]:
            yield "", use_case.unit_id, use_case.pk, one(max(residuals[use_case.pk].values()))


# --- Vendors ----------------------------------------------------------------------------------------------------


def vendor_compliance(month: date, as_of: datetime) -> Any:
    for vendor in Vendor.objects.filter(products__isnull=False).distinct():
        if vendor.retired_at is None or vendor.retired_at >= as_of:
            for unit in _roots(vendor):
                yield "", unit, None, one(int(_is_assessed(vendor, as_of) and _is_contracted(vendor, as_of))), vendor.pk


def _roots(vendor: Vendor) -> set[int]:
    uses = SystemUse.objects.filter(ai_system__products__product__vendor=vendor, use_case__voided_at=None)
    relying = {int(path.split(".")[0]) for path in uses.values_list("use_case__unit__path", flat=True)}
    if relying or uses.model.objects.filter(ai_system__products__product__vendor=vendor).exists():
        return relying
    return {min(OrgUnit.objects.filter(parent=None).values_list("pk", flat=True))}


def _is_assessed(vendor: Vendor, as_of: datetime) -> bool:
    latest = {
        row.kind: row for row in vendor.assessments.filter(performed_on__lt=as_of.date()).order_by("performed_on", "pk")
    }.values()
    is_valid = any(row.result != "failed" and row.valid_until >= last_day(as_of) for row in latest)
    return is_valid and not any(row.open_critical for row in latest)


def _is_contracted(vendor: Vendor, as_of: datetime) -> bool:
    return any(row.starts_on < as_of.date() and row.ends_on >= last_day(as_of) for row in vendor.contracts.all())


# --- Money ------------------------------------------------------------------------------------------------------


def time_to_first_value(month: date, as_of: datetime) -> Any:
    approved = dict(Approval.objects.order_by("-granted_at").values_list("use_case_id", "granted_at"))
    seen = set()
    events = AuditEvent.objects.filter(action="use_case.benefit_stated").order_by("occurred_at", "pk")
    for event in events:
        key = int(event.subject_id)
        if json.loads(event.payload)["after"]["state"] not in ("measured", "verified") or key in seen:
            continue
        seen.add(key)
        if key in approved and months.start(month) <= event.occurred_at < as_of:
            days = max(0, (event.occurred_at.date() - approved[key].date()).days)
            yield "", UseCase.objects.get(pk=key).unit_id, key, Sums(Decimal(days), Decimal(1), 1, ((days, 1),))


def budget_variance(month: date, as_of: datetime) -> Any:
    billed = _billed(month)
    for row in billed:
        yield "", row.unit_id, row.use_case_id, Sums(row.amount), row.vendor_id
    planned: dict[tuple[int, int | None, int | None], Decimal] = defaultdict(Decimal)
    for line in BudgetLine.objects.filter(month=month) if billed else ():
        planned[line.unit_id, line.use_case_id, line.vendor_id] += line.planned
    for (unit, use_case, vendor), amount in planned.items():
        yield "", unit, use_case, Sums(den=amount, n=int(amount != 0)), vendor


def ai_portfolio_roi(month: date, as_of: datetime) -> Any:
    billed: dict[tuple[int | None, int], Decimal] = defaultdict(Decimal)
    for row in _billed(month):
        billed[row.use_case_id, 0 if row.use_case_id else row.unit_id] += row.amount
    for (use_case, unit), amount in billed.items():
        if use_case is None:
            for series in ("", "claimed"):
                yield series, unit, None, Sums(Decimal(0), amount, int(amount != 0))
    stated = {
        (case, payload["benefit"]): payload["after"] for case, _, payload in told(as_of, "use_case.benefit_stated")
    }
    for row in UseCase.objects.filter(voided_at=None):
        for series in ("", "claimed"):
            gains = [_gain(benefit, stated, series, month) for benefit in Benefit.objects.filter(use_case=row)]
            known = [gain for gain in gains if gain is not None]
            lines = _lines(row, month, (row.pk, 0) in billed)
            cost = sum(lines, Decimal(0)) + billed.get((row.pk, 0), Decimal(0))
            if known or lines or billed.get((row.pk, 0)):
                yield series, row.unit_id, row.pk, Sums(sum(known, Decimal(0)), cost, int(cost != 0))


def _billed(month: date) -> list[Observation]:
    measure = catalogue.current().measures["effective_cost"].id
    rows = Observation.objects.filter(measure=measure, observed_at__gte=months.start(month))
    return list(rows.filter(observed_at__lt=months.end(month)))


def _lines(use_case: UseCase, month: date, is_billed: bool) -> list[Decimal]:
    rows = CostLine.objects.filter(use_case=use_case, kind="actual", voided_at=None, month=month)
    return [row.amount for row in rows if not (is_billed and row.category == "models")]


def _gain(benefit: Benefit, stated: dict[Any, Any], series: str, month: date) -> Decimal | None:
    after = stated.get((benefit.use_case_id, benefit.metric))
    if after is None or benefit.voided_at or (series == "" and after["state"] != "verified"):
        return None
    is_once = after["period"] == "once"
    counts = benefit.starts_on.replace(day=1) == month if is_once else benefit.starts_on <= months.last(month)
    reached = after["value"] if series == "" else after["value"] or after["target"]
    if not counts or reached is None:
        return None
    better = Decimal(reached)  # "saves 30 hours"
    if after["baseline"] is not None:
        better = (better - Decimal(after["baseline"])) * (-1 if benefit.lower_is_better else 1)
    return better * Decimal(after["worth"]) / MONTHS_IN.get(after["period"], 1)


GOVERNANCE = {
    "regulatory_readiness": regulatory_readiness,
    "risk_posture": risk_posture,
    "vendor_compliance": vendor_compliance,
    "time_to_first_value": time_to_first_value,
    "budget_variance": budget_variance,
    "ai_portfolio_roi": ai_portfolio_roi,
}
