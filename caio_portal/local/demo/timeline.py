"""What happened, in the order in which it happened, each act at its own time."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from caio_portal.common import clock

Act = Callable[[], object]


@dataclass
class Timeline:
    """Acts may add later acts while it runs; what lies after the end never happens."""

    ends: datetime
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def add(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (moment, next(self._order), act))

    def run(self) -> int:
        """Let everything happen; returns how much did."""
        done = 0
        while self._acts:
            moment, _, act = heapq.heappop(self._acts)
            if moment > self.ends:
                break
            with clock.at(moment):
                act()
            done += 1
        return done
