"""Feeds from which nothing has come for longer than their KPIs, or their own habit, allow."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from caio_portal.common import clock
from caio_portal.common import words as plain
from kpis import catalogue, months
from kpis.catalogue import Kpi
from kpis.models import AlertKind, BatchState, Feed, FeedBatch
from kpis.selectors.concerns.concern import Concern
from kpis.selectors.lineage import inputs_of

# Days that may lie between today and the last day a feed is complete for.
ALLOWED = {"daily": 3, "weekly": 10, "monthly": 45, "quarterly": 125}
LATE = 3  # days of grace beyond the usual distance of deliveries


def quiet() -> Iterator[Concern]:
    """In two queries; a feed that brings nothing a KPI needs is nobody's concern."""
    delivered: dict[int, set[date]] = {}
    loaded = FeedBatch.objects.filter(state=BatchState.LOADED, watermark__isnull=False)
    for feed_id, watermark in loaded.values_list("feed_id", "watermark"):
        delivered.setdefault(feed_id, set()).add(watermark or date.min)
    today = clock.today()
    for feed in Feed.objects.filter(retired_at=None, watermark__isnull=False).order_by("pk"):
        kpis = _fed_by(feed)
        if kpis and feed.watermark and today - feed.watermark > _allowed(kpis[0], sorted(delivered.get(feed.pk, ()))):
            yield Concern(
                AlertKind.STALE, kpis[0].key, months.first(feed.watermark),
                _sentence(feed, feed.watermark, kpis, today), unit_id=feed.unit_id, feed_id=feed.pk,
            )  # fmt: skip


def _fed_by(feed: Feed) -> list[Kpi]:
    """The KPIs that need what the feed brings, the most frequent first."""
    brought = set(feed.measures)
    found = [kpi for kpi in catalogue.current().kpis if brought.intersection(inputs_of(kpi))]
    return sorted(found, key=lambda kpi: (ALLOWED[kpi.frequency], kpi.number))


def _allowed(kpi: Kpi, days: Sequence[date]) -> timedelta:
    """What the most frequent KPI needs; where a feed always came less often, its own rhythm and half of it."""
    gaps = [(after - before).days for before, after in pairwise(days)]
    usual = round(1.5 * median(gaps[-12:])) + LATE if gaps else 0
    return timedelta(days=max(ALLOWED[kpi.frequency], usual))


def _sentence(feed: Feed, watermark: date, kpis: Sequence[Kpi], today: date) -> str:
    others = f" and {plain.plural(len(kpis) - 1, 'more KPI')}" if len(kpis) > 1 else ""
    return (
        f"The feed {feed.name} is complete until {watermark.day} {watermark:%B %Y}, {(today - watermark).days} days "
        f"ago: {kpis[0].name}{others} cannot be trusted until it delivers."
    )
