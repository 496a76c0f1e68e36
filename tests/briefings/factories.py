"""The smallest valid briefings."""

from datetime import UTC, date, datetime
from decimal import Decimal

from caio_portal.briefings.models import Briefing
from caio_portal.briefings.snapshot import schema
from caio_portal.common.canonical import canonical_json, sha256

AS_OF = datetime(2026, 10, 2, 8, tzinfo=UTC)


def make_snapshot(**changes) -> schema.Snapshot:
    empty = schema.Snapshot(
        quarter="2026Q3",
        audience="board",
        number=1,
        organisation="Northfield Mutual",
        unit="Northfield Mutual",
        as_of=AS_OF,
        currency="USD",
        audit_seq=7,
        audit_head="ab" * 32,
        policy="1",
        headline=(make_figure("measured", 82),),
        changes=(),
        requests=(),
        portfolio=schema.Portfolio(),
        risk=schema.Risk(),
        decisions=schema.Decisions(),
        incidents=schema.Incidents(),
        budget=schema.Budget(),
        vendors=schema.Vendors(),
        obligations=(),
        kpis=(),
        definitions=(),
    )
    return empty.model_copy(update=changes)


def make_figure(key: str, value: int) -> schema.Figure:
    return schema.Figure(
        key=key, label=key.title(), value=Decimal(value), words=str(value), source="Register", as_of=date(2026, 9, 30)
    )


def make_briefing(snapshot: schema.Snapshot | None = None, **fields) -> Briefing:
    snapshot = snapshot or make_snapshot()
    text = canonical_json(snapshot)
    values = {
        "quarter": snapshot.quarter,
        "audience": snapshot.audience,
        "number": snapshot.number,
        "as_of": snapshot.as_of,
        "snapshot": text,
        "snapshot_hash": sha256(text),
        "audit_seq": snapshot.audit_seq,
        "audit_head": snapshot.audit_head,
    }
    return Briefing.objects.create(**values | fields)
