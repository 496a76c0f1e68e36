"""Money that no rule allocates: what it is labelled with, and how much of it there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Max, Min, QuerySet, Sum
from django.db.models.functions import Abs

from caio_portal.common import clock
from kpis import months
from kpis.feeds.mapping import FeedMapping
from kpis.models import BatchState, Feed, FeedKind, UnmatchedSpend

SHOWN = 50
KINDS = (FeedKind.FOCUS, FeedKind.PROVIDER, FeedKind.LITELLM)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a feed that are labelled alike."""

    pk: int  # of one of its rows, which stands for it in addresses
    labels: Mapping[str, str]
    amount: Decimal
    rows: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class FeedWork:
    """What is left to allocate of one feed, and the rules that there are."""

    feed: Feed
    groups: tuple[Group, ...]  # the dearest first
    more: int  # groups that are not shown
    amount: Decimal
    rules: tuple[str, ...]


def worklist(feeds: QuerySet[Feed], *, length: int = 12) -> list[FeedWork]:
    """The last so many months of the feeds that bring money; in two queries."""
    wanted = list(feeds.filter(kind__in=KINDS, retired_at=None).order_by("name"))
    since = months.add(months.first(clock.today()), -length)
    rows = (
        UnmatchedSpend.objects.filter(batch__feed__in=wanted, batch__state=BatchState.LOADED, month__gte=since)
        .values(feed=F("batch__feed"), what=F("labels"))
        .annotate(total=Sum("amount"), count=Sum("rows"), first=Min("month"), last=Max("month"), key=Max("pk"))
        .order_by(Abs("total").desc(), "key")
    )
    by_feed: dict[int, list[Group]] = {}
    for row in rows:
        group = Group(row["key"], row["what"], row["total"], row["count"], row["first"], row["last"])
        by_feed.setdefault(row["feed"], []).append(group)
    return [_work(feed, by_feed.get(feed.pk, [])) for feed in wanted]


def _work(feed: Feed, groups: list[Group]) -> FeedWork:
    words = tuple(rule.words for rule in FeedMapping.model_validate(feed.mapping).rules)
    total = sum((group.amount for group in groups), Decimal(0))
    return FeedWork(feed, tuple(groups[:SHOWN]), max(len(groups) - SHOWN, 0), total, words)
