"""The sections of a briefing as they stand now: what the executive page shows between two briefings."""

from collections.abc import Collection, Iterable
from datetime import date

from caio_portal.briefings.snapshot.cases import Cases
from caio_portal.briefings.snapshot.measures import line_of
from caio_portal.briefings.snapshot.portfolio import (
    portfolio_figures,
    source,
    tiers_by_quarter,
    tiers_now,
    valued_cases,
)
from caio_portal.briefings.snapshot.readiness import readiness
from caio_portal.briefings.snapshot.requests import requests
from caio_portal.briefings.snapshot.risk import breach_of
from caio_portal.briefings.snapshot.schema import Budget, Decisions, Incidents, Portfolio, Risk, Snapshot
from caio_portal.briefings.snapshot.scope import CURRENCY, Scope
from caio_portal.briefings.snapshot.vendors import vendors
from governance.models import ReviewStep
from kpis import months
from kpis.selectors.readings import headline
from kpis.selectors.scorecard import TREND, default_month


def live(scope: Scope, cases: Cases, waiting: Iterable[ReviewStep], kpi_keys: Collection[str]) -> Snapshot:
    """What is known now of the units of SCOPE, with the values of some KPIs of the last month. Nothing is frozen.

    CASES and WAITING, the running steps of the open reviews, were read before.
    """
    month = _last_month(cases)
    suppliers = vendors(scope, cases)
    readings = headline(scope.unit_ids, month, kpi_keys, length=TREND, top=scope.unit.path)
    kpis = tuple(line_of(reading) for reading in readings)
    return Snapshot(
        quarter=scope.quarter, audience="live", number=0, organisation=scope.unit.name, unit=scope.unit.name,
        as_of=scope.as_of, currency=CURRENCY, audit_seq=0, audit_head="", policy="", headline=(), changes=(),
        requests=requests(cases, suppliers, Budget(), scope=scope, waiting=waiting), portfolio=_portfolio(scope, cases),
        risk=_risk(scope, cases),
        decisions=Decisions(), incidents=Incidents(), budget=Budget(), vendors=suppliers, obligations=(), kpis=kpis,
        definitions=(),
    )  # fmt: skip


def _last_month(cases: Cases) -> date:
    """The last month that is over, or the running one while nothing is older, as after the first import."""
    over = default_month()
    running = months.add(over, 1)
    started = [case.row.registered_at.date() for case in cases.all]
    return running if started and min(started) >= running else over


def _portfolio(scope: Scope, cases: Cases) -> Portfolio:
    points = tuple(case.line() for case in valued_cases(cases) if case.residual is not None)
    return Portfolio(
        figures=portfolio_figures(scope, cases), tiers=tiers_now(cases), history=tiers_by_quarter(scope, cases),
        points=points, source=source(cases),
    )  # fmt: skip


def _risk(scope: Scope, cases: Cases) -> Risk:
    breaches = tuple(breach_of(scope, cases, case) for case in cases.outside)
    return Risk(breaches=breaches, readiness=readiness(scope, cases), appetites=cases.appetites)
