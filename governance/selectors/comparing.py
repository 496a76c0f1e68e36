"""What is new for those who look again: the difference from what was looked at before, in words."""

from dataclasses import dataclass
from typing import Any

from governance.models import Decision, Review, ReviewSnapshot
from governance.snapshots import Change, Snapshot, differing, thaw
from portfolio.facts import CATALOGUE


@dataclass(frozen=True)
class Compared:
    """With what a snapshot is compared, and what differs: (what, before, now)."""

    since: str
    url: str
    changes: list[tuple[str, str, str]]


def compared(review: Review, snapshot: Snapshot) -> Compared | None:
    """From the submission before this one, else from the use case's last decision; None if there is neither."""
    earlier = ReviewSnapshot.objects.filter(review=review).order_by("-number")[1:2]
    for kept in earlier:
        return Compared("the last submission", "", _told(thaw(kept.snapshot), snapshot))
    decision = (
        Decision.objects.filter(review__use_case=review.use_case_id, decided_at__lt=review.opened_at)
        .select_related("review")
        .order_by("-decided_at")
        .first()
    )
    if decision is None:
        return None
    since = f"{decision.review.ref}, decided on {decision.decided_at:%-d %B %Y}"
    return Compared(since, decision.review.get_absolute_url(), _told(thaw(decision.review.snapshot), snapshot))


def label(name: str) -> str:
    return CATALOGUE[name].label if name in CATALOGUE else f"{name[:1].upper()}{name[1:]}"


def words(name: str, value: Any) -> str:
    """A fact's value, the state of a control or the names of its evidence, as people read it."""
    if value is None:
        return "Unknown" if name in CATALOGUE else "–"
    if name in CATALOGUE:
        return CATALOGUE[name].label_of(value)
    return str(value).replace("_", " ").capitalize() if str(value).isidentifier() else str(value)


def _told(before: Snapshot, after: Snapshot) -> list[tuple[str, str, str]]:
    told = (change for change in differing(before, after) if change.about != "rule")  # it follows from the facts
    return [(label(each.name), _said(each, each.before), _said(each, each.after)) for each in told]


def _said(change: Change, value: Any) -> str:
    """Names of people and units stay as they are spelled."""
    if change.about in ("parties", "title", "unit"):
        return str(value or "–")
    return words(change.name, value)
