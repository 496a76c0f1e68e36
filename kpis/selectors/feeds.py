"""The list of feeds."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from kpis import catalogue
from kpis.models import BatchState, Feed


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed with how fresh it is."""

    feed: Feed
    batches: int
    loaded_at: datetime | None
    measures: tuple[str, ...]


def feed_rows(feeds: QuerySet[Feed]) -> list[FeedRow]:
    """In one query."""
    loaded = Q(batches__state=BatchState.LOADED)
    rows = feeds.annotate(
        loaded=Count("batches", filter=loaded), last=Max("batches__loaded_at", filter=loaded)
    ).order_by("name")
    names = {key: measure.name for key, measure in catalogue.current().measures.items()}
    return [FeedRow(feed, feed.loaded, feed.last, tuple(names.get(key, key) for key in feed.measures)) for feed in rows]
