"""What a PDF is made of: the snapshot, the narrative, and who stands behind them."""

from datetime import datetime

from caio_portal.briefings.models import Briefing, BriefingState
from caio_portal.briefings.snapshot.schema import Snapshot
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.records import Record


class Content(Record):
    """All that decides the bytes of the PDF, the template apart."""

    snapshot: Snapshot
    snapshot_hash: str
    narrative: dict[str, str]
    draft: bool
    approved_by: str
    approved_at: datetime | None

    @property
    def hash(self) -> str:
        said = self.model_dump(mode="json", exclude={"snapshot"})
        return sha256(canonical_json(said))


def content_of(briefing: Briefing) -> Content:
    return Content(
        snapshot=snapshot_of(briefing),
        snapshot_hash=briefing.snapshot_hash,
        narrative=briefing.narrative,
        draft=briefing.state == BriefingState.DRAFT,
        approved_by=briefing.approver,
        approved_at=briefing.approved_at,
    )


def snapshot_of(briefing: Briefing) -> Snapshot:
    return Snapshot.model_validate_json(briefing.snapshot)
