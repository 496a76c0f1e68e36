"""What the chair should know about how the council votes: the same words again and again, and haste."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from caio_portal.common import clock
from governance.models import Vote

DAYS = 180
SAME_REASON = 3  # reviews
HASTE = 60  # seconds
FEWEST = 3  # votes, before a median says something
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Signal:
    """Something to ask a member about; a hint, and no judgement."""

    member: str
    text: str


def signals(councils: Collection[int]) -> dict[int, list[Signal]]:
    """By council, of the last half year, in one query."""
    votes = (
        Vote.objects.filter(seat__council__in=councils, cast_at__gte=clock.now() - timedelta(days=DAYS))
        .exclude(choice="recuse")
        .select_related("voter", "seat")
        .order_by("cast_at")
    )
    by_member: dict[tuple[int, int], list[Vote]] = defaultdict(list)
    for vote in votes:
        by_member[vote.seat.council_id, vote.voter_id].append(vote)
    found: dict[int, list[Signal]] = defaultdict(list)
    for (council, _), cast in by_member.items():
        found[council] += [Signal(cast[0].voter.name, text) for text in [*_same_reason(cast), *_haste(cast)]]
    return found


def normalised(reason: str) -> str:
    """Without case, punctuation and spacing, so that the same words are the same reason."""
    return _BETWEEN.sub(" ", reason).strip().casefold()


def _same_reason(votes: list[Vote]) -> list[str]:
    reviews: dict[str, set[int]] = defaultdict(set)
    words: dict[str, str] = {}
    for vote in votes:
        if key := normalised(vote.reason):
            reviews[key].add(vote.review_id)
            words.setdefault(key, vote.reason)
    return [
        f"gave the same reason on {len(found)} reviews: \u201c{words[key]}\u201d"
        for key, found in reviews.items()
        if len(found) >= SAME_REASON
    ]


def _haste(votes: list[Vote]) -> list[str]:
    taken = [(vote.cast_at - vote.read_at).total_seconds() for vote in votes if vote.read_at is not None]
    if len(taken) < FEWEST or (middle := median(taken)) >= HASTE:
        return []
    return [f"voted within {middle:.0f} seconds of opening the page, in the median of {len(taken)} votes"]
