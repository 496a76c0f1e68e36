"""Delegation for a time: who sits then, what is never delegated, and that nobody votes twice."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Charter, Choice, Seat, Vote, outcome
from governance.models import Delegation, ReviewSeat
from governance.policy import Policy, shipped
from governance.selectors import policies
from governance.services import delegating, seating
from governance.services.delegating import delegate_seat, end_delegation
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy():
    return make_person(name="A Deputy")


def seat_of(scene, function):
    return scene.council.seats.select_related("council", "holder").get(function=function)


def delegated(scene, to, function="hr", days=7):
    today = clock.today()
    return delegate_seat(
        seat_of(scene, function).pk, to.pk, today, today + timedelta(days=days), by=scene.members[function]
    )


def test_a_delegate_sits_in_reviews_to_come_and_in_open_ones(scene, deputy):
    before = scene.review()

    delegated(scene, deputy)

    after = scene.review()
    assert (scene.seat(before, "hr").holder, scene.seat(after, "hr").holder) == (deputy, deputy)


def test_a_delegate_does_not_take_a_vote_that_was_cast(scene, deputy):
    review = scene.vote(scene.on_vote(), hr="approve")

    delegated(scene, deputy)

    assert scene.seat(review, "hr").holder == scene.members["hr"]


def test_after_its_last_day_the_holder_sits_again(scene, deputy):
    delegated(scene, deputy, days=7)

    with clock.at(clock.now() + timedelta(days=8)):
        assert scene.seat(scene.review(), "hr").holder == scene.members["hr"]


def test_end_delegation_gives_the_seat_back(scene, deputy):
    delegation = delegated(scene, deputy)
    open_one, voted = scene.review(), scene.on_vote()
    scene.members["hr"], holder = deputy, scene.members["hr"]
    scene.vote(voted, hr="approve")

    end_delegation(delegation.pk, by=holder)

    assert scene.seat(open_one, "hr").holder == holder
    assert scene.seat(voted, "hr").holder == deputy
    assert scene.seat(scene.review(), "hr").holder == holder
    assert AuditEvent.objects.filter(action="council.delegation_ended").count() == 1
    with pytest.raises(NotAllowed, match="This delegation is over"):
        end_delegation(delegation.pk, by=holder)


def test_delegate_seat_refuses_others_and_days_that_do_not_fit(scene, deputy):
    seat, today = seat_of(scene, "hr"), clock.today()
    holder = scene.members["hr"]

    with pytest.raises(NotAllowed, match="Only the holder of a seat"):
        delegate_seat(seat.pk, deputy.pk, today, today, by=scene.members["data"])
    with pytest.raises(Invalid, match="before the first"):
        delegate_seat(seat.pk, deputy.pk, today, today - timedelta(days=1), by=holder)
    with pytest.raises(Invalid, match="These days are over"):
        delegate_seat(seat.pk, deputy.pk, today - timedelta(days=9), today - timedelta(days=8), by=holder)
    with pytest.raises(Invalid, match="The term of the seat ends on 1 January 2036"):
        delegate_seat(seat.pk, deputy.pk, today, today + timedelta(days=9000), by=holder)
    with pytest.raises(Invalid, match="somebody else"):
        delegate_seat(seat.pk, holder.pk, today, today, by=holder)
    delegated(scene, deputy)
    with pytest.raises(Invalid, match="A Deputy already sits"):
        delegate_seat(seat.pk, make_person().pk, today, today, by=holder)


def test_nobody_sits_twice(scene, deputy):
    with pytest.raises(Invalid, match="Member data already holds a seat"):
        delegated(scene, scene.members["data"])
    delegated(scene, deputy)
    with pytest.raises(Invalid, match="A Deputy already sits for somebody else"):
        delegated(scene, deputy, "data")


@pytest.fixture
def personal(monkeypatch):
    """The shipped policy, under which nobody sits for HR."""
    document = shipped().model_dump(mode="json", by_alias=True)
    for route in document["routes"]:
        if route["council"]:
            route["council"]["personal"] = ["hr"]
    document["functions"]["hr"] = "Human resources"
    changed = Policy.model_validate(document)
    for module in (policies, seating, delegating):
        monkeypatch.setattr(module, "policy_of", lambda version: changed)
    monkeypatch.setattr("governance.services.reviews.policy_of", lambda version: changed)


def test_what_may_not_be_delegated_is_not(scene, deputy, personal):
    before = scene.review()

    delegated(scene, deputy)

    assert scene.seat(before, "hr").holder == scene.members["hr"]
    assert scene.seat(scene.review(), "hr").holder == scene.members["hr"]


def test_nobody_sits_for_legal_and_the_ciso_on_what_is_critical(scene, deputy):
    delegated(scene, deputy, "legal")
    critical, high = scene.review(4), scene.review(3)

    assert scene.seat(critical, "legal").holder == scene.members["legal"]
    assert scene.seat(high, "legal").holder == deputy


def test_a_policy_names_only_known_functions_as_personal():
    document = shipped().model_dump(mode="json", by_alias=True)
    next(route for route in document["routes"] if route["council"])["council"]["personal"] = ["astrology"]

    with pytest.raises(ValueError, match="no such functions: astrology"):
        Policy.model_validate(document)


@given(
    st.lists(st.sampled_from([Choice.APPROVE, Choice.REJECT, Choice.ABSTAIN]), min_size=5, max_size=5),
    st.sets(st.integers(0, 4)),
    st.sampled_from([Choice.APPROVE, Choice.REJECT, Choice.ABSTAIN, Choice.RECUSE]),
)
def test_delegation_never_doubles_a_vote(choices, handed_over, said_before):
    """A seat that was handed over speaks once, by whoever holds it now, whatever was said on it before."""
    plain = [Seat(n, holder=100 + n, mandatory=n < 2) for n in range(5)]
    votes = [Vote(n, 1, 100 + n, choice) for n, choice in enumerate(choices)]
    seats = [Seat(n, holder=(200 if n in handed_over else 100) + n, mandatory=n < 2) for n in range(5)]
    earlier = [Vote(n, 1, 100 + n, said_before) for n in handed_over]
    now = [Vote(n, 2 if n in handed_over else 1, seats[n].holder, choice) for n, choice in enumerate(choices)]

    straight, delegated_one = outcome(Charter(), plain, votes), outcome(Charter(), seats, [*earlier, *now])

    assert (delegated_one.outcome, delegated_one.tally) == (straight.outcome, straight.tally)
    assert delegated_one.tally.voted <= len(seats)


def test_the_page_shows_and_ends_a_delegation(scene, deputy):
    delegated(scene, deputy)
    client = signed_in(scene.members["hr"])

    page = client.get("/councils/").content.decode()
    client.post(reverse("governance:end_delegation", args=[Delegation.objects.get().pk]))

    assert "A Deputy sits from" in page
    assert Delegation.objects.get().ended_at is not None
    assert not ReviewSeat.objects.filter(holder=deputy).exists()


def test_others_do_not_end_a_delegation(scene, deputy):
    delegation = delegated(scene, deputy)

    response = signed_in(scene.members["data"]).post(reverse("governance:end_delegation", args=[delegation.pk]))

    assert response.status_code == 403
