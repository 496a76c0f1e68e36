"""No vote is lost, doubled or miscounted, and a review is decided once, however many vote at once."""

import pytest

from governance.models import Review
from governance.services import votes
from tests.governance.race import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_sixteen_at_many_reviews_at_once_keep_every_vote_and_decide_each_once():
    """Fewer reviews than people, so that these always meet; at fifty reviews it is benchmarks/chaos_council.py."""
    report = race(rounds=3, reviews=12)

    assert dict(report.broken) == {}
    assert len(report.kept) == 36
    assert sum(report.kept.values()) >= 144
    assert "You cannot vote on a use case that you request, own or sponsor." in report.refused
    assert "Only the holders of this review's seats vote." in report.refused


def test_sixteen_at_once_keep_every_vote_and_decide_once():
    report = race(rounds=3)

    assert dict(report.broken) == {}
    assert sum(report.kept.values()) >= 12


def test_the_race_finds_what_is_broken_without_the_lock(monkeypatch):
    monkeypatch.setattr(votes, "locked", lambda pk: Review.objects.select_related("use_case__unit").get(pk=pk))

    report = race(rounds=3)

    assert sum(report.broken.values()) > 0
