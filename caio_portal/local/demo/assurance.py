"""Risks named and accepted, controls met with evidence, conditions met, incidents lived through."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from caio_portal.common import clock
from caio_portal.local.demo import story
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.suppliers import Suppliers
from caio_portal.local.demo.timeline import Timeline
from governance.models import Condition, Incident, Risk
from governance.selectors.controls import ControlLine, ControlSheet
from governance.selectors.policies import policy_in_force
from governance.services import approvals, conditions, controls, incidents, risks
from portfolio.models import UseCase
from portfolio.stages import Stage

BATCH = 8  # controls that one report covers
FIRST_SHARE, LAST_SHARE = 0.4, 0.75  # of its controls a use case keeps evidence for, two years ago and now
GATES_SINCE = -9  # what moved before this month was recorded as the office found it
ROUND_MONTHS = 4  # between two rounds in which owners renew what runs out


def tell(timeline: Timeline, tellings: list[Telling], company: Company, suppliers: Suppliers) -> None:
    for telling in tellings:
        written = telling.written
        timeline.add(telling.moment(written["registered"], 0.35), partial(_name_risk, telling))
        if written["review"] in ("refused", "rejected", "withdrawn"):
            timeline.add(telling.moment(written["registered"] + 3, 0.5), partial(_close_risk, telling))
        for stage, month in written["path"].items():
            if stage != Stage.RETIRED:
                prepare = partial(_prepare, telling, Stage(stage), company)
                timeline.add(telling.moment(month, 0.75), prepare)
        _tell_rounds(timeline, telling, company)
    for month in range(-24, 1):
        timeline.add(timeline_day(tellings, month), partial(_look_after_conditions, company, tellings))
    for written in story.read("incidents")["incidents"]:
        _tell_incident(timeline, written, {telling.title: telling for telling in tellings}, company, suppliers)


def _tell_rounds(timeline: Timeline, telling: Telling, company: Company) -> None:
    """From the pilot on, owners look after their controls three times a year; in production the risk falls."""
    path = telling.written["path"]
    running = path.get("pilot", path.get("production"))
    if running is None:
        return
    for month in range(running + 2, min(path.get("retired", 1), 1), ROUND_MONTHS):
        timeline.add(telling.moment(month, 0.6), partial(_look_after_controls, telling, month, company))
    if "production" in path:
        timeline.add(telling.moment(path["production"] + 3, 0.5), partial(_assess_risk, telling))


def timeline_day(tellings: list[Telling], month: int) -> Any:
    """When the office goes through what is due, once a month."""
    return tellings[0].calendar.moment("conditions", month, 0.55)


def _name_risk(telling: Telling) -> None:
    """What remains is judged carefully at first, and again after three months in production."""
    likelihood, impact, residual_likelihood, residual_impact = telling.written["risk"]
    if "production" in telling.written["path"]:
        residual_likelihood = min(likelihood, residual_likelihood + 1)
    about = (
        "people are treated unfairly or wrongly" if telling.row.tier and telling.row.tier > 2 else "results are wrong"
    )
    risks.record_risk(
        telling.pk, f"{telling.title}: {about}", by=telling.owner, owner=telling.owner, likelihood=likelihood,
        impact=impact, residual_likelihood=residual_likelihood, residual_impact=residual_impact,
        mitigation="Tested before use, monitored in use, and a person can stop it.",
    )  # fmt: skip


def _prepare(telling: Telling, to: Stage, company: Company) -> None:
    """What the gate to a stage asks for: evidence for its controls, and a signature under what remains of the risk."""
    month = telling.written["path"][to]
    lines = ControlSheet.of(telling.row, policy_in_force()).due_by(to)
    is_gated = month >= GATES_SINCE
    _record_evidence(telling, [line for line in lines if is_gated or _kept(telling, line, month)])
    if to == Stage.PRODUCTION:
        _accept_risk(telling, company)


def _look_after_controls(telling: Telling, month: int, company: Company) -> None:
    """What is kept is renewed before it runs out, and catches up with what was found missing; the rest shows."""
    row, soon = telling.row, clock.today() + timedelta(days=31 * ROUND_MONTHS)
    if row.stage is None:
        return
    lines = ControlSheet.of(row, policy_in_force()).due_by(Stage(row.stage))
    _record_evidence(telling, [line for line in lines if _kept(telling, line, month)], valid_beyond=soon)
    if row.stage == Stage.PRODUCTION and random.Random(telling.title).random() > 0.25:
        _accept_risk(telling, company)


def _kept(telling: Telling, line: ControlLine, month: int) -> bool:
    """Whether somebody keeps evidence for a control in that month: ever more do."""
    share = FIRST_SHARE + (LAST_SHARE - FIRST_SHARE) * (month + 24) / 24
    return random.Random(f"{telling.title}{line.control.id}").random() < share


def _assess_risk(telling: Telling) -> None:
    likelihood, impact = telling.written["risk"][2:]
    for risk in Risk.objects.filter(use_case_id=telling.pk, closed_at=None):
        if (risk.residual_likelihood, risk.residual_impact) != (likelihood, impact):
            risks.assess_risk(risk.pk, by=telling.owner, residual_likelihood=likelihood, residual_impact=impact)


def _close_risk(telling: Telling) -> None:
    """What is not built harms nobody."""
    for risk in Risk.objects.filter(use_case_id=telling.pk, closed_at=None):
        risks.close_risk(risk.pk, by=telling.owner)


def _record_evidence(telling: Telling, lines: Sequence[ControlLine], valid_beyond: date | None = None) -> None:
    """Evidence for what has none, or none that lasts."""
    wanted = [line for line in lines if not line.passes or (valid_beyond and _runs_out(line, valid_beyond))]
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        title = f"{telling.title}: {batch[0].control.evidence[0].lower()}"
        if len(batch) > 1:
            title += f" and {len(batch) - 1} more"
        controls.record_evidence(
            telling.pk, [line.control.id for line in batch], title, by=telling.owner,
            url=f"https://documents.northfield.example/{telling.row.ref.lower()}/{clock.today():%Y-%m}-{start}",
            met=True,
        )  # fmt: skip


def _runs_out(line: ControlLine, before: date) -> bool:
    days = [evidence.valid_until for evidence in line.evidence]
    return bool(days) and all(day is not None and day < before for day in days)


def _accept_risk(telling: Telling, company: Company) -> None:
    appetite = risks.appetite_of(telling.row)
    for risk in Risk.objects.filter(use_case_id=telling.pk, closed_at=None):
        lasts = risk.accepted_until is not None and risk.accepted_until > clock.today() + timedelta(days=90)
        if appetite is not None and risk.residual > appetite and not lasts:
            until = clock.today() + timedelta(days=360)
            risks.accept_risk(
                risk.pk,
                by=company.person("executive"),
                until=until,
                reason="Worth it, watched monthly, and reversible.",
            )


def _look_after_conditions(company: Company, tellings: list[Telling]) -> None:
    """Once a month: what is due is met with evidence, or its approval is suspended."""
    approvals.expire_approvals()
    soon = clock.today() + timedelta(days=35)
    open_ones = Condition.objects.filter(met_at=None, due_on__lte=soon, decision__approval__ended_at=None)
    for condition in open_ones.select_related("decision__review__use_case", "owner").order_by("pk"):
        use_case = condition.decision.review.use_case
        if use_case.stage == Stage.RETIRED or _is_neglected(use_case, condition, tellings):
            continue
        required = ControlSheet.of(use_case, policy_in_force()).required
        evidence = controls.record_evidence(
            use_case.pk, [required[0].control.id], f"{use_case.title}: report on the condition", by=condition.owner,
            attestation=f"Done: {condition.text}",
        )  # fmt: skip
        conditions.meet_condition(condition.pk, evidence, by=condition.owner)
    approvals.suspend_overdue()


def _is_neglected(use_case: UseCase, condition: Condition, tellings: list[Telling]) -> bool:
    """A few conditions are met late, and one not at all."""
    written = next(telling.written for telling in tellings if telling.title == use_case.title)
    if (since := written.get("neglects_conditions_since")) is not None:
        return condition.decision.decided_at > tellings[0].calendar.month(since)
    late = clock.today() <= condition.due_on + timedelta(days=30)
    return late and random.Random(f"{use_case.title}{condition.due_on.month}").random() < 0.2


def _tell_incident(
    timeline: Timeline, written: dict[str, Any], tellings: dict[str, Telling], company: Company, suppliers: Suppliers
) -> None:
    to_detection, to_mitigation, to_resolution = (timedelta(hours=hours) for hours in written["hours"])
    occurred = timeline.ends + timedelta(days=written["day"], hours=-7)
    detected = occurred + to_detection

    def report() -> None:
        use_case = UseCase.objects.get(pk=tellings[written["use_case"]].pk)
        vendor = suppliers.vendors.get(written.get("vendor", ""))
        incident = incidents.report_incident(
            written["title"], by=use_case.owner or company.person("office"), unit_id=use_case.unit_id,
            description=written["cause"], severity=written["severity"], category=written["category"],
            occurred_at=occurred, detected_at=detected, near_miss=written.get("near_miss", False),
            use_cases=[use_case], vendors=[vendor] if vendor else [],
        )  # fmt: skip
        timeline.add(detected + to_mitigation, partial(mitigate, incident))
        if to_resolution:
            timeline.add(detected + to_mitigation + to_resolution, partial(resolve, incident))

    def mitigate(incident: Incident) -> None:
        incidents.mitigate_incident(
            incident.pk, by=company.person("office"), containment="Switched to the manual process."
        )

    def resolve(incident: Incident) -> None:
        incidents.resolve_incident(incident.pk, by=company.person("office"), cause=written["cause"])

    timeline.add(detected + timedelta(hours=1), report)
