"""Feeds with how fresh they are."""

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from kpis.models import Alert, AlertKind, BatchState, Feed


def with_freshness(feeds: QuerySet[Feed]) -> QuerySet[Feed]:
    """How many batches of a feed are `loaded`, when the `last` one was, and whether an alert calls it `quiet`."""
    loaded = Q(batches__state=BatchState.LOADED)
    alerts = Alert.objects.filter(feed_id=OuterRef("pk"), kind=AlertKind.STALE, ended_at=None)
    return feeds.annotate(
        loaded=Count("batches", filter=loaded), last=Max("batches__loaded_at", filter=loaded), quiet=Exists(alerts)
    )
