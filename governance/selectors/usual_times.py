"""How long reviews of a route usually take, as a whole and step by step, from those that were decided of late."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median, quantiles

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from caio_portal.common import clock
from governance.business_days import WorkingDays
from governance.models import Decision, ReviewStep
from governance.selectors.calendars import calendars
from portfolio.ports import Usual

LOOKED_BACK = timedelta(days=365)
_ENOUGH = 3  # decided reviews; fewer say nothing of what is usual
_NEWEST = 100  # more of them say nothing that these do not

_LAST = """
SELECT decision.review_id, decision.decided_at FROM decision JOIN review ON review.id = decision.review_id
WHERE review.tier = %s AND review.route = %s AND decision.decided_at BETWEEN %s AND %s
ORDER BY decision.decided_at DESC LIMIT 1
"""

StepKey = tuple[str, str]  # kind and function


@dataclass(frozen=True)
class UsualTimes:
    """Of one route: from opening to decision, and of each step; None, or absent, where too few were decided."""

    whole: Usual | None = None
    steps: dict[StepKey, Usual] = field(default_factory=dict)

    def of(self, kind: str, functions: Sequence[str]) -> Usual | None:
        """Of a step that several functions share, the slowest."""
        found = [self.steps[key] for key in ((kind, name) for name in functions or ("",)) if key in self.steps]
        return max(found, key=lambda usual: usual.most, default=None)


def usual_times(tier: int, route: str) -> UsualTimes:
    """Business days, without those that a review lay with its team.

    One query, and three more in each process and on each day after a review of the route was decided.
    """
    now = clock.now()
    with connection.cursor() as cursor:  # asked at every answer, so not through the ORM
        cursor.execute(_LAST, [tier, route, now - LOOKED_BACK, now])
        last = cursor.fetchone()
    return _known(tier, route, clock.today(), *last) if last else UsualTimes()


@lru_cache(maxsize=64)
def _known(tier: int, route: str, day: date, last: int, decided_at: datetime) -> UsualTimes:
    """What is known once LAST is the newest decision of the route."""
    newest = _newest(tier, route)
    if len(newest) < _ENOUGH:
        return UsualTimes()
    known = calendars()
    days_of = {pk: known.at(path) for pk, path, *_ in newest}
    whole = [_days(days_of[pk], opened, decided, waited) for pk, _, opened, decided, waited in newest]
    by_step: dict[StepKey, list[int]] = defaultdict(list)
    for step in ReviewStep.objects.filter(review__in=days_of, finished_at__isnull=False).defer("result"):
        if step.started_at and step.finished_at:
            took = _days(days_of[step.review_id], step.started_at, step.finished_at, step.waited_days)
            by_step[step.kind, step.function].append(took)
    return UsualTimes(_usual(whole), {key: usual for key, days in by_step.items() if (usual := _usual(days))})


def _decided(tier: int, route: str) -> QuerySet[Decision]:
    now = clock.now()
    return Decision.objects.filter(
        review__tier=tier, review__route=route, decided_at__range=(now - LOOKED_BACK, now),
        review__opened_at__lte=F("decided_at"),
    ).order_by("-decided_at")  # fmt: skip


def _newest(tier: int, route: str) -> list[tuple[int, str, datetime, datetime, int]]:
    rows = _decided(tier, route).values_list(
        "review", "review__use_case__unit__path", "review__opened_at", "decided_at", "review__waited_days"
    )
    return list(rows[:_NEWEST])


def _days(calendar: WorkingDays, began: datetime, ended: datetime, waited: int) -> int:
    return max(0, calendar.between(timezone.localdate(began), timezone.localdate(ended)) - waited)


def _usual(days: Sequence[int]) -> Usual | None:
    """The median, and within how many days four of five were done (80th percentile, rounded up)."""
    if len(days) < _ENOUGH:
        return None
    most = quantiles(days, n=5, method="inclusive")[3]
    return Usual(round(median(days)), int(-(-most // 1)), len(days))
