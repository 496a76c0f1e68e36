"""Delivering to feeds in tests, and adding up what arrived."""

from decimal import Decimal
from pathlib import Path

from django.db import connection

from kpis import catalogue
from kpis.models import DeliveryStyle, Feed
from kpis.services import feeds
from tests.kpis.factories import make_feed, make_file


def feed_of(kind: str, style: DeliveryStyle = DeliveryStyle.REPLACEMENT, **fields: object) -> Feed:
    return make_feed(kind=kind, style=style, **fields)


def load(feed: Feed, content: str | bytes, name: str = "delivery", **options: object) -> feeds.Loaded:
    return feeds.load_file(feed.pk, make_file(content, name), by=None, **options)


def sample(shared_data: Path, name: str) -> bytes:
    return (shared_data / "feeds" / name).read_bytes()


def sums(measure: str, by: str = "to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM')") -> dict[object, tuple]:
    """Numerator, denominator, n and amount of a measure, by month (or by another expression)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {by}, sum(num), sum(den), sum(n), sum(amount) FROM observation WHERE measure = %s GROUP BY 1",
            [catalogue.current().measures[measure].id],
        )
        return {key: tuple(numbers) for key, *numbers in cursor.fetchall()}


def warned(loaded: feeds.Loaded, words: str) -> int:
    """How often a warning with these words was given."""
    return sum(count for sentence, count in loaded.report.warnings.items() if words in sentence)


D = Decimal
