"""What somebody should look at, before it is an alert."""

from dataclasses import dataclass
from datetime import date

from kpis.models import AlertKind

Key = tuple[str, str, int | None, int | None, int | None]


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
