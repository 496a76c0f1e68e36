"""Conflicts of interest: declared once, they keep a person from judging wherever they touch."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Choice, Outcome
from governance.models import Conflict, ReviewSeat, Severity, Vote
from governance.selectors.people import people_asked
from governance.selectors.work import my_work
from governance.services.approvals import accept_risk, decide_single
from governance.services.conflicts import declare_conflict, end_conflict, step_aside_where_declared
from governance.services.reviews import report_finding
from governance.services.votes import cast_vote
from portfolio.models import AiSystem, SystemProduct, SystemUse
from tests.factories import make_person, make_unit, signed_in
from tests.vendors.factories import ProductFactory, VendorFactory

pytestmark = pytest.mark.django_db


def relying_on(use_case):
    """The vendor of a product on which a use case relies."""
    vendor = VendorFactory()
    system = AiSystem.objects.create(name="Engine", unit=use_case.unit)
    SystemUse.objects.create(ai_system=system, use_case=use_case)
    SystemProduct.objects.create(ai_system=system, product=ProductFactory(vendor=vendor))
    return vendor


def interest(user, unit):
    return declare_conflict(by=user, unit=unit, reason="My brother leads it.")


def test_declare_conflict_is_told(scene):
    conflict = interest(scene.members["hr"], scene.unit)

    event = AuditEvent.objects.get(action="conflict.declared")
    assert (event.subject_id, event.actor_id) == (str(conflict.pk), scene.members["hr"].pk)


def test_an_optional_seat_of_somebody_with_an_interest_is_left_out(scene):
    interest(scene.members["hr"], scene.unit)

    review = scene.review()

    assert not ReviewSeat.objects.filter(review=review, seat__function="hr").exists()
    assert scene.on_vote().seats.count() == 4


def test_a_mandatory_seat_passes_to_the_alternate(scene):
    interest(scene.members["legal"], scene.unit)

    assert scene.seat(scene.review(), "legal").holder == scene.spare


def test_a_mandatory_seat_without_an_alternate_waits_for_the_caio(scene):
    interest(scene.members["ciso"], scene.unit)

    assert scene.seat(scene.review(), "ciso").holder is None


def test_open_votes_count_as_recused_at_once(scene):
    review = scene.on_vote()

    interest(scene.members["hr"], scene.unit)

    vote = Vote.objects.get()
    assert (vote.review, vote.choice) == (review, Choice.RECUSE)
    assert vote.reason == f"Declared interest in {scene.unit}: My brother leads it."


def test_a_recusal_by_declaration_passes_a_mandatory_seat_on(scene):
    review = scene.on_vote()

    interest(scene.members["legal"], scene.unit)

    assert scene.seat(review, "legal").holder == scene.spare


def test_a_vote_that_opens_later_is_recused_from_as_it_opens(scene):
    review = scene.review()
    for name in ("hr", "legal"):
        interest(scene.members[name], scene.unit)
    assert Vote.objects.count() == 0
    scene.examine(review)

    assert set(Vote.objects.values_list("seat__function", "choice")) == {("hr", "recuse"), ("legal", "recuse")}
    assert scene.seat(review, "legal").holder == scene.spare
    assert step_aside_where_declared() == 0


def test_a_vote_that_was_cast_stands_and_is_not_changed(scene):
    review = scene.vote(scene.on_vote(), hr="reject")

    interest(scene.members["hr"], scene.unit)

    assert Vote.objects.get().choice == Choice.REJECT
    with pytest.raises(NotAllowed, match="You declared an interest in"):
        cast_vote(review.pk, Choice.APPROVE, by=scene.members["hr"])
    cast_vote(review.pk, Choice.RECUSE, "Now I know.", by=scene.members["hr"])


def test_nobody_with_an_interest_examines_decides_or_accepts_the_risk(scene):
    review, small = scene.review(), scene.review(2)
    critical = scene.vote(scene.on_vote(4), legal="approve", ciso="approve", hr="approve")
    for person in (scene.reviewer("privacy"), scene.office, scene.sponsor):
        interest(person, scene.unit)

    with pytest.raises(NotAllowed, match="You declared an interest in"):
        report_finding(review.pk, "privacy", Severity.NONE, "Fine.", by=scene.reviewer("privacy"))
    with pytest.raises(NotAllowed, match="You declared an interest in"):
        decide_single(small.pk, Outcome.APPROVED, "Fine.", by=scene.office)
    with pytest.raises(NotAllowed, match="You declared an interest in"):
        accept_risk(critical.pk, True, "Fine.", by=scene.sponsor)


def test_a_unit_binds_in_the_units_below_and_not_beside(scene):
    below = make_unit(parent=scene.unit)
    member = scene.members["hr"]
    interest(member, below)

    assert scene.seat(scene.review(), "hr").holder == member

    end_conflict(Conflict.objects.get().pk, by=member)
    interest(member, scene.unit)
    use_case = scene.use_case()
    use_case.unit = below
    assert Conflict.objects.standing().touching(use_case).count() == 1


def test_a_vendor_binds_where_its_products_are_used(scene):
    use_case = scene.use_case()
    vendor = relying_on(use_case)
    declare_conflict(by=scene.members["hr"], vendor=vendor, reason="I own shares.")

    assert Conflict.objects.touching(use_case).count() == 1
    assert Conflict.objects.touching(scene.use_case()).count() == 0


def test_people_with_an_interest_are_not_asked_and_have_no_work(scene):
    review = scene.review()
    reviewer = scene.reviewer("privacy")
    step = review.steps.get(function="privacy")
    assert (reviewer in people_asked(review, step), len(my_work(reviewer))) == (True, 1)

    interest(reviewer, scene.unit)

    assert (reviewer in people_asked(review, step), my_work(reviewer)) == (False, [])


def test_a_conflict_that_has_ended_binds_no_more(scene):
    conflict = interest(scene.members["hr"], scene.unit)

    end_conflict(conflict.pk, by=scene.members["hr"])

    assert scene.seat(scene.review(), "hr").holder == scene.members["hr"]
    with pytest.raises(NotAllowed, match="has ended"):
        end_conflict(conflict.pk, by=scene.members["hr"])


def test_nobody_ends_the_conflict_of_somebody_else(scene):
    conflict = interest(scene.members["hr"], scene.unit)

    with pytest.raises(NotAllowed, match="Only who declared"):
        end_conflict(conflict.pk, by=scene.office)


def test_declare_conflict_refuses_what_says_nothing(scene):
    member = scene.members["hr"]
    with pytest.raises(NotAllowed, match="Only who examines or decides"):
        interest(scene.requester, scene.unit)
    with pytest.raises(Invalid, match="Name a unit or a vendor"):
        declare_conflict(by=member, reason="x")
    with pytest.raises(Invalid, match="Say what binds you"):
        declare_conflict(by=member, unit=scene.unit, reason=" ")
    interest(member, scene.unit)
    with pytest.raises(Invalid, match="declared this already"):
        interest(member, scene.unit)


@pytest.mark.parametrize("given", [{}, {"reason": " "}])
def test_the_database_refuses_a_conflict_without_subject_or_reason(scene, given):
    fields = {"user": scene.caio, "reason": "x", "declared_at": clock.now()}
    fields |= {"unit": scene.unit} | given if given else {}

    with pytest.raises(IntegrityError), transaction.atomic():
        Conflict.objects.create(**fields)


def test_the_page_declares_and_ends(scene):
    member = scene.members["hr"]
    client, address = signed_in(member), reverse("governance:conflict_list")
    both = {"unit": scene.unit.pk, "vendor": VendorFactory().pk, "reason": "I own shares."}

    refused = client.post(address, both)
    client.post(address, both | {"vendor": ""})
    page = client.get(address).content.decode()
    client.post(reverse("governance:end_conflict", args=[Conflict.objects.get().pk]))

    assert (refused.status_code, "Name a unit or a vendor, and not both." in refused.content.decode()) == (422, True)
    assert "I own shares." in refused.content.decode()
    assert page.count("I own shares.") == 1
    assert Conflict.objects.get().ended_at is not None


def test_the_office_reads_what_its_judges_have_declared(scene):
    interest(scene.members["hr"], scene.unit)
    elsewhere = make_person(Role.CAIO_OFFICE)

    assert "My brother leads it." in signed_in(scene.office).get("/conflicts/").content.decode()
    assert "My brother leads it." not in signed_in(elsewhere).get("/conflicts/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    for member in list(scene.members.values())[:rows]:
        interest(member, scene.unit)
    client = signed_in(scene.office)
    client.get("/conflicts/")

    with django_assert_max_num_queries(11):
        assert client.get("/conflicts/").content.decode().count("My brother leads it.") == rows


def test_the_page_of_a_review_says_what_binds(scene):
    review = scene.on_vote()
    interest(scene.members["data"], scene.unit)

    page = signed_in(scene.members["data"]).get(review.get_absolute_url()).content.decode()

    assert "You have an interest in this" in page
    assert "your-vote" not in page
