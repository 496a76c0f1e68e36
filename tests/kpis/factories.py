"""The smallest valid feeds, files and use cases for figures."""

import hashlib
from datetime import UTC, date, datetime
from itertools import count

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock, files
from caio_portal.common.models import StoredFile
from governance.models import Approval, Decision, PolicyVersion, Review
from kpis.models import Alert, AlertKind, DeliveryStyle, Feed, FeedKind, Objective
from kpis.services import feeds
from portfolio.models import MoveKind, Source, StageMove, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit

_number = count(1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def make_feed(unit: OrgUnit | None = None, **fields: object) -> Feed:
    defaults = {"name": f"Feed {next(_number)}", "kind": FeedKind.OBSERVATIONS, "style": DeliveryStyle.REPLACEMENT}
    return feeds.save_feed(Feed(unit=unit or make_unit(), **(defaults | fields)), by=None)


def make_file(text: str | bytes, name: str = "delivery.csv") -> StoredFile:
    return files.store(name, text.encode() if isinstance(text, str) else text, "text/csv")


def make_alert(unit: OrgUnit | None = None, **fields: object) -> Alert:
    defaults = {
        "kpi": "training_completion", "kind": AlertKind.BREACH, "month": date(2026, 10, 1), "raised_at": clock.now(),
        "text": f"Alert {next(_number)}", "unit": unit or make_unit(),
    }  # fmt: skip
    return Alert.objects.create(**(defaults | fields))


def make_objective(unit: OrgUnit | None = None, **fields: object) -> Objective:
    defaults = {"title": f"Objective {next(_number)}", "outcome": "Claims are settled in a day", "period": "2026Q4"}
    given = defaults | fields
    return Objective.objects.create(unit=unit or make_unit(), owner=given.pop("owner", None) or make_person(), **given)


def make_use_case(unit: OrgUnit | None = None, *moves: tuple[Stage, datetime], **fields: object) -> UseCase:
    """A use case with its moves, written as the services would."""
    number = next(_number)
    defaults = {
        "ref": f"UC-2026-{number:04}", "title": f"Use case {number}", "source": Source.INTAKE,
        "stage": moves[-1][0] if moves else Stage.IDEA,
        "stage_since": moves[-1][1] if moves else START, "registered_at": moves[0][1] if moves else START,
    }  # fmt: skip
    if fields.get("source") != Source.IMPORT:
        defaults["requester"] = make_person()
    use_case = UseCase.objects.create(unit=unit or make_unit(), **(defaults | fields))
    before = None
    for stage, moved_at in moves:
        StageMove.objects.create(
            use_case=use_case, before=before, after=stage, kind=MoveKind.RECORDED, moved_at=moved_at
        )
        before = stage
    return use_case


def decide(
    use_case, opened_at, decided_at, *, waited=0, outcome="approved", material="h1", valid_until=date(2027, 12, 31)
):
    """A review closed under the standing approval, with its approval."""
    snapshot = f"{{{next(_number)}}}"
    digest = hashlib.sha256(snapshot.encode()).hexdigest()
    review = Review.objects.create(
        ref=f"R-{next(_number)}", use_case=use_case, policy=PolicyVersion.objects.earliest("pk"), route="x", tier=3,
        up_to_stage="production", snapshot=snapshot, snapshot_hash=digest, opened_at=opened_at, waited_days=waited,
    )  # fmt: skip
    decision = Decision.objects.create(
        review=review, kind="standing", outcome=outcome, reason="Fits", snapshot_hash=digest, decided_at=decided_at,
        receipt=snapshot, receipt_hash=digest,
    )  # fmt: skip
    review.state, review.closed_at = "decided", decided_at
    review.save()
    return Approval.objects.create(
        decision=decision, use_case=use_case, up_to_stage="production", material_hash=material, granted_at=decided_at,
        valid_until=valid_until,
    )  # fmt: skip
