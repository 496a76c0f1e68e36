"""How long use cases usually stay in a stage before they move on: from history, or as planned while there is little."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db import connection

from caio_portal.common import clock
from portfolio.ports import Usual
from portfolio.stages import PLANNED_DAYS, Stage

_LOOKED_BACK = timedelta(days=365)
_ENOUGH = 5  # moves; fewer say nothing of what is usual
_NEWEST = 1_000  # more of them say nothing that these do not

# A stay ends with a gated move forward; it began with the move before, whatever that was.
_STAYS = """
SELECT before, percentile_cont(ARRAY[0.5, 0.8]) WITHIN GROUP (ORDER BY days), count(*)
FROM (
    SELECT ended.before, extract(epoch FROM ended.moved_at - began.moved_at) / 86400 AS days
    FROM (
        SELECT use_case_id, before, moved_at, id FROM stage_move
        WHERE before IS NOT NULL AND kind = 'gated' AND after <> 'retired' AND moved_at BETWEEN %s AND %s
          AND array_position(%s::text[], after::text) > array_position(%s::text[], before::text)
        ORDER BY moved_at DESC LIMIT %s
    ) AS ended
    CROSS JOIN LATERAL (
        SELECT moved_at FROM stage_move AS earlier
        WHERE earlier.use_case_id = ended.use_case_id AND earlier.id < ended.id AND earlier.after = ended.before
        ORDER BY earlier.id DESC LIMIT 1
    ) AS began
    WHERE began.moved_at <= ended.moved_at
) AS stay
GROUP BY before HAVING count(*) >= %s
"""


@dataclass(frozen=True)
class StageTimes:
    """What is usual in each stage, of late; and after how many days a use case is said to be stuck there."""

    usual: Mapping[Stage, Usual]

    @property
    def limits(self) -> dict[Stage, int]:
        """Within so many days four of five moved on; as planned where too few did."""
        return {stage: self.usual[stage].most if stage in self.usual else days for stage, days in PLANNED_DAYS.items()}

    def words(self, stage: str | None) -> str:
        """What is usual in a stage, in a sentence; "" where nobody is expected to move on."""
        if not stage or stage not in PLANNED_DAYS:
            return ""
        label = Stage(stage).label.lower()
        if usual := self.usual.get(Stage(stage)):
            return (
                f"Of late, use cases stayed {usual.median} days in {label}; four of five no longer than {usual.most}."
            )
        return f"{PLANNED_DAYS[Stage(stage)]} days are planned for {label}."


def stage_times() -> StageTimes:
    """One query."""
    now, order = clock.now(), list(Stage)
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, [now - _LOOKED_BACK, now, order, order, _NEWEST, _ENOUGH])
        rows = cursor.fetchall()
    return StageTimes({Stage(stage): _usual(percentiles, count) for stage, percentiles, count in rows})


def _usual(percentiles: list[float], count: int) -> Usual:
    median, most = percentiles
    return Usual(round(median), max(1, ceil(round(most, 2))), count)
