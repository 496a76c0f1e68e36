"""What somebody should look at, before it is an alert."""

from dataclasses import dataclass
from datetime import date

from kpis.models import AlertKind

Key = tuple[str, str, int | None, int | None, int | None]
TITLE = 120  # characters of a title in a sentence


@dataclass(frozen=True, slots=True)
class Concern:
    """A reason for an alert; the same key is the same concern, whatever its text says today."""

    kind: AlertKind
    kpi: str
    month: date
    text: str
    grave: bool = False
    unit_id: int | None = None
    use_case_id: int | None = None
    feed_id: int | None = None
    owner_id: int | None = None  # of the target that is missed; else the role that the catalogue names

    @property
    def key(self) -> Key:
        return self.kind, self.kpi, self.unit_id, self.use_case_id, self.feed_id


def named(title: str, ref: str) -> str:
    """Claims triage (UC-2026-0042): only those who may see a use case see its alerts."""
    return f"{title if len(title) <= TITLE else title[: TITLE - 1] + '…'} ({ref})"
