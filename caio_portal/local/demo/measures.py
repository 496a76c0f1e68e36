"""What the systems around the portal report: cost files and observations of two years, loaded as any file is."""

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from caio_portal.common import clock, files
from caio_portal.local.demo import latencies
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.story import Calendar
from caio_portal.local.demo.timeline import Timeline
from kpis import months
from kpis.models import Feed, Objective
from kpis.services import feeds, objectives, rollups

MONTHS = 24
NEW_QUESTIONS = -9  # the month from which models are tested with other questions
AI = "AI and Machine Learning"
Row = dict[str, Any]


def tell(timeline: Timeline, tellings: list[Telling], calendar: Calendar, company: Company) -> None:
    """The feeds begin a year ago with what there was before, and deliver every month since."""
    timeline.add(calendar.moment("feeds", -12, 0.0), partial(_connect, company))
    first = partial(_deliver, tellings, calendar, company, range(-MONTHS + 1, -11))
    timeline.add(calendar.moment("feeds", -12, 0.05), first)
    timeline.add(calendar.moment("objectives", -5, 0.2), partial(_aim, calendar, company))
    timeline.add(calendar.moment("objectives", -2, 0.2), partial(_look_back, company))
    for month in range(-11, 1):
        timeline.add(calendar.moment("feeds", month, 1.0), partial(_deliver, tellings, calendar, company, [month]))


def _connect(company: Company) -> None:
    by, unit = company.person("office"), company.root
    vendors = {"Quanta": "Quanta Cloud", "Acme": "Acme Speech"}
    cost = Feed(name="Cloud cost files", kind="focus", unit=unit, mapping={"rules": [], "vendors": vendors})
    feeds.save_feed(cost, by=by)
    feeds.save_feed(Feed(name="Monthly figures", kind="observations", style="delta", unit=unit), by=by)
    latency = Feed(name="Response times", kind="prometheus", unit=unit, mapping={"step_hours": latencies.HOURS})
    feeds.save_feed(latency, by=by)


# Title, outcome of the enterprise, and key results: KPI, words, from and to.
_AIMS = (
    ("AI that everybody may rely on", "Customers trust our decisions", (
        ("high_risk_approved", "Every high-risk use case is approved", 60, 100),
        ("safety_violation_rate", "One in a thousand outputs, or fewer, is unsafe", 4, 1),
    )),
    ("People who know what they use", "Customers trust our decisions", (
        ("training_completion", "Nearly everybody is trained", 70, 95),
    )),
    ("Value that can be shown", "Costs per policy fall by a tenth", (
        ("measured_outcomes", "Outcomes are measured where AI runs", 50, 90),
        ("ai_portfolio_roi", "The portfolio earns its keep", 0, 30),
    )),
)  # fmt: skip


def _aim(calendar: Calendar, company: Company) -> None:
    """What the programme wants to have achieved by the end of the year."""
    office, year = company.person("office"), f"{clock.today():%Y}"
    for title, outcome, results in _AIMS:
        objective = Objective(
            title=title, outcome=outcome, unit=company.root, owner=company.person("caio"), period=year
        )
        objectives.save_objective(objective, by=office)
        for kpi, words, start, target in results:
            objectives.add_key_result(objective.pk, kpi, words, Decimal(start), Decimal(target), by=office)


def _look_back(company: Company) -> None:
    """The first of them was reviewed at the end of a quarter."""
    rollups.roll_up_due()
    objective = Objective.objects.order_by("pk")[0]
    grades = dict.fromkeys(objective.key_results.values_list("pk", flat=True), Decimal("0.6"))
    objectives.review_objective(
        objective.pk, months.quarter(months.add(months.first(clock.today()), -3)),
        "Approvals are catching up; two teams still release before their council has met.", grades,
        by=company.person("caio"),
    )  # fmt: skip


def _deliver(tellings: list[Telling], calendar: Calendar, company: Company, months: Any) -> None:
    by, ended = company.person("office"), clock.today()
    figures = [row for month in months for row in _figures(tellings, calendar, month)]
    timed = [row for row in figures if row["measure"] == latencies.MEASURE]
    for name, content in (
        ("Cloud cost files", _csv([row for month in months for row in _costs(tellings, calendar, month)])),
        ("Monthly figures", _csv([row for row in figures if row["measure"] != latencies.MEASURE])),
        ("Response times", latencies.answer(timed)),
    ):
        kind = "json" if content.startswith(b"{") else "csv"
        file = files.store(f"{name.lower().replace(' ', '-')}-{ended:%Y-%m}.{kind}", content, "text/csv")
        feeds.load_file(Feed.objects.get(name=name).pk, file, by=by)


def _costs(tellings: list[Telling], calendar: Calendar, month: int) -> Iterator[Row]:
    """One line a use case and month, in the columns of a FOCUS file; a little that nobody has tagged."""
    starts, ends = calendar.month(month), calendar.month(month + 1)
    for telling in tellings:
        share = activity(telling, month)
        if telling.use_case is None or not share:
            continue
        dice = random.Random(f"{telling.title}{month}")
        cost = Decimal(round(telling.written["cost"][1] * share * dice.uniform(0.85, 1.18), 2)).quantize(
            Decimal("0.01")
        )
        provider = "Quanta" if telling.written.get("product", "").startswith("Quanta") else "Northfield data centre"
        yield _cost_row(starts, ends, cost, provider, json.dumps({"use_case": telling.use_case.ref}))
    untagged = Decimal(random.Random(f"untagged{month}").randint(1800, 4200))
    yield _cost_row(starts, ends, untagged, "Quanta", "{}")


def _cost_row(starts: Any, ends: Any, cost: Decimal, provider: str, tags: str) -> Row:
    return {
        "BillingAccountId": "northfield", "BillingAccountName": "Northfield Mutual", "BillingCurrency": "USD",
        "BillingPeriodStart": starts.isoformat(), "BillingPeriodEnd": ends.isoformat(), "ChargeCategory": "Usage",
        "ChargePeriodStart": starts.isoformat(), "ChargePeriodEnd": ends.isoformat(), "BilledCost": cost,
        "EffectiveCost": cost, "ListCost": cost * 2, "ContractedCost": cost, "ProviderName": provider,
        "PublisherName": provider, "InvoiceIssuerName": provider, "ServiceCategory": AI, "ServiceName": "Inference",
        "Tags": tags,
    }  # fmt: skip


def _figures(tellings: list[Telling], calendar: Calendar, month: int) -> Iterator[Row]:
    day = (calendar.month(month + 1) - timedelta(days=1)).date()
    for telling in tellings:
        share = activity(telling, month)
        if telling.use_case is not None and share == 1:
            yield from _of_use_case(telling, month, day)
        elif telling.use_case is not None and share:  # what is tried out is used, too
            tried = int(telling.written["value"][1] / 900 * share / 2)
            yield _row(day, "key_actions", num=tried, use_case=telling.use_case.ref)
    yield from _users(tellings, month, day)
    yield from _of_company(month, day)


def _users(tellings: list[Telling], month: int, day: date) -> Iterator[Row]:
    """People of each unit, who count once though many use several of its use cases."""
    by_unit: dict[str, list[int]] = {}
    for telling in tellings:
        if telling.use_case is not None and activity(telling, month) == 1:
            eligible = 40 + telling.written["cost"][0] // 4000
            by_unit.setdefault(telling.use_case.unit.name, []).append(eligible)
    for unit, counts in sorted(by_unit.items()):
        people = max(counts) + sum(counts) // 5
        share = min(0.9, 0.42 + (month + MONTHS) * 0.014) * random.Random(f"users{unit}{month}").uniform(0.92, 1.06)
        yield _row(day, "active_users", num=int(people * share), den=people, unit=unit)


def _of_use_case(telling: Telling, month: int, day: date) -> Iterator[Row]:
    """What one running use case reports of its month; most of it gets better as it ages."""
    dice = random.Random(f"figures{telling.title}{month}")
    age = month - telling.written["path"].get("production", month)
    row = partial(_row, day, use_case=telling.use_case.ref if telling.use_case else "")
    actions = int(telling.written["value"][1] / 900 * (0.5 + min(age, 12) / 24) * dice.uniform(0.9, 1.1))
    requests = actions * 3
    yield row("key_actions", num=actions)
    yield row("cases_served", num=int(actions * 0.92))
    yield row("service_cost", amount=round(telling.written["cost"][1] * dice.uniform(1.3, 1.7), 2))
    yield row("service_requests", num=int(requests * dice.uniform(0.9958, 0.9996)), den=requests)
    yield row("fast_requests", num=int(requests * min(0.995, dice.uniform(0.93, 0.97) + age * 0.002)), den=requests)
    evaluated = max(200, actions // 40)
    yield row(
        "safety_violations",
        num=int(evaluated * max(0.0005, 0.006 - age * 0.0003) * dice.uniform(0.5, 1.5)),
        den=evaluated,
    )
    yield row("incorrect_answers", num=int(120 * max(0.02, 0.09 - age * 0.004) * dice.uniform(0.7, 1.3)), den=120)
    eligible = 40 + telling.written["cost"][0] // 4000
    yield row(
        "active_users", num=int(eligible * min(0.93, 0.35 + age * 0.035) * dice.uniform(0.95, 1.05)), den=eligible
    )
    if dice.random() < 0.3:
        yield row("releases", num=int(dice.random() < 0.6 + (month + MONTHS) * 0.015), den=1)
    if month % 3 == 0:
        yield row("satisfaction", num=int(30 * dice.uniform(0.66, 0.9)), den=30)
        edition = "first edition" if month < NEW_QUESTIONS else "second edition"
        yield row("golden_set", num=int(200 * dice.uniform(0.9, 0.98)), den=200, set=edition)
        yield row("redteam_violations", num=int(150 * max(0.01, 0.08 - age * 0.004)), den=150)
    if dice.random() < 0.05:
        yield row("drift_response_hours", num=dice.randint(20, 140), n=1)
    if dice.random() < 0.03:
        yield row("open_drift_hours", num=dice.randint(10, 90), n=1)


def _of_company(month: int, day: date) -> Iterator[Row]:
    """What is counted once for everybody."""
    dice, grown = random.Random(f"company{month}"), month + MONTHS
    row = partial(_row, day, unit="Northfield Mutual")
    yield row("training", num=min(610, 250 + grown * 15 + dice.randint(-8, 8)), den=640)
    yield row("critical_roles", num=12 + grown // 4, den=21)
    yield row("teams_on_patterns", num=5 + grown // 2, den=19)
    yield row("data_accesses", num=48_900 + dice.randint(0, 90), den=49_000)
    if month % 3 == 0:
        promoters, detractors = 19 + grown * 3 // 4, 15 - grown // 4
        yield row("enps_responses", num=promoters - detractors, den=84)
        yield row("enps_invited", num=131)
        yield row("enps_opinions", num=promoters + detractors, den=84)
        yield row("retained_exposed", num=8_710 + dice.randint(0, 60), den=9_400)
        yield row("retained_control", num=8_420 + dice.randint(0, 60), den=9_380)
    yield row("deflected_sessions", num=int(18_000 * min(0.46, 0.2 + grown * 0.011)), den=18_000)


def _row(day: date, measure: str, **cells: Any) -> Row:
    empty: Row = dict.fromkeys(("num", "den", "n", "amount", "use_case", "unit", "set"), "")
    return {"date": day.isoformat(), "measure": measure, **empty, **cells}


def activity(telling: Telling, month: int) -> float:
    """How much of its running cost a use case causes in a month: all in production, a quarter before, none after."""
    path = telling.written["path"]
    if "declared" in telling.written:
        path = {"production": telling.written["registered"], **path}
    if month >= path.get("retired", 99) or month < path.get("experiment", path.get("production", 99)):
        return 0
    return 1 if month >= path.get("production", 99) else 0.25


def _csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
