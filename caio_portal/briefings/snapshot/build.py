"""Building the snapshot of a briefing from the records of every app."""

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from caio_portal.audit import trail
from caio_portal.briefings.difference import previous_of
from caio_portal.briefings.models import Audience, Briefing, BriefingState
from caio_portal.briefings.snapshot import cases as cases_of
from caio_portal.briefings.snapshot.budget import budget
from caio_portal.briefings.snapshot.changes import changes
from caio_portal.briefings.snapshot.decisions import decisions
from caio_portal.briefings.snapshot.incidents import incidents
from caio_portal.briefings.snapshot.measures import headline, measures
from caio_portal.briefings.snapshot.portfolio import portfolio
from caio_portal.briefings.snapshot.requests import requests
from caio_portal.briefings.snapshot.risk import risk
from caio_portal.briefings.snapshot.schema import Definition, Obligation, Previous, Snapshot
from caio_portal.briefings.snapshot.scope import CURRENCY, Scope, board_scope
from caio_portal.briefings.snapshot.vendors import vendors
from caio_portal.common.quarters import Quarter
from caio_portal.common.words import inner
from governance.frameworks import catalogue
from governance.frameworks.catalogue import Confidence
from governance.selectors.policies import version_in_force

CALENDAR_BEFORE, CALENDAR_AFTER, CALENDAR_ROWS = timedelta(days=100), timedelta(days=430), 10


def build(quarter: Quarter, audience: Audience, number: int) -> Snapshot:
    """What is known now, with the flows of QUARTER: the whole document but its narrative."""
    scope = board_scope(quarter)
    cases = cases_of.read(scope)
    suppliers, money = vendors(scope, cases), budget(scope)
    taken, happened = decisions(scope), incidents(scope)
    kpis = measures(scope)
    seq, head = trail.head()
    return Snapshot(
        quarter=quarter, audience=audience.value, number=number, organisation=scope.unit.name, unit=scope.unit.name,
        as_of=scope.as_of, currency=CURRENCY, audit_seq=seq, audit_head=head, policy=version_in_force().number,
        previous=_previous(quarter, audience), headline=headline(scope, kpis),
        changes=changes(scope, cases, taken, happened, suppliers),
        requests=requests(cases, suppliers, money, scope=scope), portfolio=portfolio(scope, cases),
        risk=risk(scope, cases),
        decisions=taken, incidents=happened, budget=money, vendors=suppliers, obligations=_obligations(scope),
        kpis=kpis, definitions=definitions(),
    )  # fmt: skip


def _previous(quarter: Quarter, audience: Audience) -> Previous | None:
    """The last briefing of an earlier quarter for the same readers: the published one if there is one."""
    rows = Briefing.objects.filter(audience=audience, quarter__lt=quarter).order_by("-quarter", "-number")
    before = rows.filter(state=BriefingState.PUBLISHED).first() or rows.first()
    if before is None:
        return None
    return previous_of(Snapshot.model_validate_json(before.snapshot), before.snapshot_hash)


def _obligations(scope: Scope) -> tuple[Obligation, ...]:
    days = catalogue().calendar(scope.last_day - CALENDAR_BEFORE, scope.last_day + CALENDAR_AFTER)
    return tuple(
        Obligation(
            on=day.on, title=f"{framework.title}: {inner(day.title)}", was=day.was,
            unverified=day.confidence is Confidence.UNVERIFIED, source=day.ref,
        )
        for framework, day in days[:CALENDAR_ROWS]
    )  # fmt: skip


@cache
def definitions() -> tuple[Definition, ...]:
    document = tomllib.loads(Path(__file__).with_name("definitions.toml").read_text("utf-8"))
    return tuple(Definition.model_validate(row) for row in document["definitions"])
