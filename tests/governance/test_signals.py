"""What is pointed out to the chair."""

from datetime import date, timedelta

import pytest

from caio_portal.common import clock
from governance.decisions import Choice
from governance.models import Vote
from governance.selectors.signals import normalised, signals
from governance.services.council import fill_seat
from governance.services.votes import cast_vote
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def vote(scene, count, reason="Not enough.", seconds=None):
    for _ in range(count):
        read_at = clock.now() - timedelta(seconds=seconds) if seconds is not None else None
        cast_vote(scene.on_vote().pk, Choice.ABSTAIN, reason, by=scene.members["hr"], read_at=read_at)


def texts(scene):
    return [(signal.member, signal.text) for signal in signals([scene.council.pk]).get(scene.council.pk, [])]


@pytest.mark.parametrize(("one", "other"), [("Not enough.", "not  ENOUGH"), ("Fine \u2013 go on!", "fine, go on")])
def test_the_same_words_are_the_same_reason(one, other):
    assert normalised(one) == normalised(other)


def test_a_reason_that_comes_three_times_is_pointed_out(scene):
    vote(scene, 2)
    assert texts(scene) == []

    vote(scene, 1, "NOT enough")

    assert texts(scene) == [("Member hr", "gave the same reason on 3 reviews: \u201cNot enough.\u201d")]


@pytest.mark.parametrize(("seconds", "found"), [(20, 1), (90, 0), (None, 0)])
def test_haste_is_pointed_out(scene, seconds, found):
    for reason in ("One.", "Two.", "Three."):
        vote(scene, 1, reason, seconds)

    assert len(texts(scene)) == found


def test_votes_of_last_year_count_no_more(scene):
    vote(scene, 3)

    with clock.at(clock.now() + timedelta(days=200)):
        assert texts(scene) == []


def test_the_ballot_says_when_it_was_opened(scene):
    review = scene.on_vote()
    client = signed_in(scene.members["hr"])
    address = review.get_absolute_url()
    opened = client.get(address).context["forms"]["vote"]["opened"].value()
    ballot = {"choice": "approve", "reason": "", "snapshot_hash": review.snapshot_hash}

    client.post(f"{address}vote/", ballot | {"opened": opened})
    client.post(f"{address}vote/", ballot | {"opened": "2026-01-01T00:00:00+00:00:forged"})

    first, second = Vote.objects.order_by("number")
    assert first.read_at < first.cast_at
    assert second.read_at is None


def test_only_the_chair_and_the_office_see_signals(scene):
    fill_seat(
        scene.council, "data", "Data", scene.members["data"], by=scene.office, chair=True, term_ends_on=date(2036, 1, 1)
    )
    vote(scene, 3)

    for person, sees in ((scene.members["data"], True), (scene.office, True), (scene.members["hr"], False)):
        page = signed_in(person).get("/councils/").content.decode()
        assert ("gave the same reason on 3 reviews" in page) == sees


def test_a_council_has_one_chair(scene):
    for name in ("data", "hr"):
        fill_seat(
            scene.council, name, name.capitalize(), scene.members[name], by=scene.office, chair=True,
            term_ends_on=date(2036, 1, 1),
        )  # fmt: skip

    assert [seat.function for seat in scene.council.seats.filter(chair=True, ended_at=None)] == ["hr"]
