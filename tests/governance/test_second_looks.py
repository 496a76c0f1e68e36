"""Second looks: drawn by chance that can be checked, taken without knowing the tier, told when they differ."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Outcome
from governance.models import Decision, SecondLook
from governance.policy import shipped
from governance.policy.schema import Rereview
from governance.selectors.second_looks import agreement, second_looks_of
from governance.selectors.work import my_work
from governance.services.approvals import decide_single
from governance.services.conflicts import declare_conflict
from governance.services.second_looks import take_second_look
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleared(scene):
    """A clearance of tier 1 that was drawn."""
    review = scene.review(1)
    look, _ = SecondLook.objects.get_or_create(
        decision=review.decision, defaults={"drawn_at": clock.now(), "due_on": clock.today()}
    )
    return look


def test_the_hash_of_the_receipt_decides_what_is_drawn(scene):
    for _ in range(30):
        scene.review(1)

    drawn = {look.pk for look in SecondLook.objects.all()}
    assert drawn == {d.pk for d in Decision.objects.all() if int(d.receipt_hash[:8], 16) % 100 < 10}
    assert AuditEvent.objects.filter(action="second_look.drawn").count() == len(drawn)


def test_the_policy_says_how_many_are_drawn(scene):
    whole = shipped().rereview

    assert Rereview(**whole.model_dump() | {"second_look_percent": 100}).second_look_percent == 100
    with pytest.raises(ValueError, match="less than or equal to 100"):
        Rereview(**whole.model_dump() | {"second_look_percent": 101})


def test_only_standing_clearances_are_drawn(scene):
    for _ in range(15):
        decide_single(scene.review(2).pk, Outcome.APPROVED, "Fine.", by=scene.office)

    assert SecondLook.objects.count() == 0


def test_take_second_look_that_agrees_tells_nobody(scene, cleared):
    take_second_look(cleared.pk, 1, "Nothing weighs.", by=scene.office)

    cleared.refresh_from_db()
    assert (cleared.tier, cleared.looked_by) == (1, scene.office)
    assert AuditEvent.objects.filter(action="second_look.taken").count() == 1
    assert not Notice.objects.filter(text__startswith="A second look").exists()


def test_take_second_look_that_differs_tells_whom_it_concerns(scene, cleared):
    take_second_look(cleared.pk, 3, "It ranks people.", by=scene.reviewer("privacy"))

    told = Notice.objects.filter(text__startswith="A second look finds a graver tier")
    assert {notice.user for notice in told} == {scene.owner, scene.requester, scene.sponsor, scene.office}


def test_take_second_look_is_refused(scene, cleared):
    with pytest.raises(NotAllowed, match="Only reviewers, council members"):
        take_second_look(cleared.pk, 1, "x", by=scene.executive)
    with pytest.raises(Invalid, match="Say what leads you"):
        take_second_look(cleared.pk, 1, " ", by=scene.office)
    with pytest.raises(Invalid, match="no such tier"):
        take_second_look(cleared.pk, 9, "x", by=scene.office)
    declare_conflict(by=scene.members["hr"], unit=scene.unit, reason="x")
    with pytest.raises(NotAllowed, match="You declared an interest"):
        take_second_look(cleared.pk, 1, "x", by=scene.members["hr"])
    take_second_look(cleared.pk, 1, "x", by=scene.office)
    with pytest.raises(NotAllowed, match="Somebody has looked"):
        take_second_look(cleared.pk, 1, "x", by=scene.caio)


def test_a_party_takes_no_second_look(scene):
    reviewer = make_person(Role.REVIEWER, unit=scene.unit)
    review = scene.review(1, owner=reviewer)
    SecondLook.objects.get_or_create(
        decision=review.decision, defaults={"drawn_at": clock.now(), "due_on": clock.today()}
    )

    with pytest.raises(NotAllowed, match="You are a party"):
        take_second_look(review.pk, 1, "x", by=reviewer)


def test_the_database_keeps_a_look_whole(cleared):
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondLook.objects.filter(pk=cleared.pk).update(tier=1)


def test_agreement_counts_the_last_year(scene, cleared):
    take_second_look(cleared.pk, 2, "x", by=scene.office)
    looks = second_looks_of(scene.office)

    assert (agreement(looks).looked, agreement(looks).same, agreement(looks).graver) == (1, 0, 1)
    with clock.at(clock.now() + timedelta(days=400)):
        assert agreement(looks).looked == 0


def test_it_waits_for_the_office_without_a_tier(scene, cleared):
    (entry,) = my_work(scene.office)

    assert (entry.kind, entry.tier, entry.url) == ("Second look", None, cleared.get_absolute_url())


def test_the_page_is_blind_until_somebody_has_looked(scene, cleared):
    client = signed_in(scene.office)
    before = client.get(cleared.get_absolute_url()).content.decode()

    refused = client.post(cleared.get_absolute_url(), {"note": "Nothing weighs."})
    client.post(cleared.get_absolute_url(), {"tier": "2", "note": "People talk to it."})
    after = client.get(cleared.get_absolute_url()).content.decode()

    assert ("Cleared as" in before, "Minimal" in before.replace("1 Minimal", "")) == (False, False)
    assert (refused.status_code, "Nothing weighs." in refused.content.decode()) == (422, True)
    assert ("Cleared as" in after, "People talk to it." in after) == (True, True)


def test_the_second_look_of_another_unit_does_not_exist(cleared):
    other = make_person(Role.REVIEWER)

    assert signed_in(other).get(cleared.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    for _ in range(rows):
        decision = scene.review(1).decision
        SecondLook.objects.get_or_create(decision=decision, defaults={"drawn_at": clock.now(), "due_on": clock.today()})
    client, address = signed_in(scene.office), reverse("governance:second_look_list")
    client.get(address)

    with django_assert_max_num_queries(11):
        assert client.get(address).content.decode().count("Waits") == rows
