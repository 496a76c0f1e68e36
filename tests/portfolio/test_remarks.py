"""Remarks of those who examine, at the answers that they are about: made, read where the answer is given, settled."""

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import NotAllowed
from portfolio import services
from portfolio.models import Remark, UseCase
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(unit):
    return make_person(Role.REVIEWER, unit=unit, name="Rita Reviewer")


@pytest.fixture
def use_case(unit, requester):
    return make_use_case("Chat", unit=unit, requester=requester, facts={"purpose": "Answers.", "outputs": "Text."})


@pytest.fixture
def remark(use_case, reviewer):
    return services.make_remark(use_case.pk, "purpose", "For whom?", by=reviewer)


def make(use_case):
    return reverse("portfolio:make_remark", args=[use_case.ref])


def facts_tab(use_case):
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "facts"])


def section(use_case):
    return reverse("portfolio:intake_section", args=[use_case.ref, "purpose"])


def test_a_reviewer_remarks_and_the_team_is_told(use_case, reviewer, requester):
    response = signed_in(reviewer).post(make(use_case), {"fact": "purpose", "text": " For whom? "})

    remark = Remark.objects.get()
    assert response.url == f"{facts_tab(use_case)}#remarks-purpose"
    assert (remark.text, remark.by, remark.settled_at) == ("For whom?", reviewer, None)
    assert Notice.objects.get().user == requester
    assert AuditEvent.objects.filter(action="remark.made").count() == 1


@pytest.mark.parametrize("typed", [{"fact": "purpose", "text": " "}, {"fact": "purpose", "text": "x" * 2001}])
def test_a_remark_that_is_refused_comes_back_open(use_case, reviewer, typed):
    response = signed_in(reviewer).post(make(use_case), typed)

    content = response.content.decode()
    assert (response.status_code, Remark.objects.count()) == (422, 0)
    assert content.count('<details class="why" open>') == 1
    assert response.context["remark_form"]["text"].value() == typed["text"]


def test_there_is_no_remark_without_a_question(use_case, reviewer):
    response = signed_in(reviewer).post(make(use_case), {"fact": "colour", "text": "Which?"})

    assert (response.status_code, Remark.objects.count()) == (422, 0)


def test_parties_and_readers_make_none(use_case, unit, requester):
    for person in (requester, make_person(Role.AUDITOR, unit=unit)):
        with pytest.raises(NotAllowed):
            services.make_remark(use_case.pk, "purpose", "For whom?", by=person)


def test_the_team_reads_it_where_it_answers(use_case, requester, remark):
    client = signed_in(requester)

    page = client.get(section(use_case)).content.decode()
    check = client.get(reverse("portfolio:intake_check", args=[use_case.ref]))

    assert "Rita Reviewer" in page
    assert f'name="settle" value="{remark.pk}"' in page
    assert check.context["remarks"] == [(remark, "Purpose", f"{section(use_case)}#question-purpose")]


def test_the_team_answers_and_settles_in_one_act(use_case, requester, remark):
    sent = {"asked": ["purpose"], "purpose": "Answers brokers.", "settle": remark.pk}

    response = signed_in(requester).post(section(use_case), sent)

    remark.refresh_from_db()
    assert UseCase.objects.get().facts["purpose"] == "Answers brokers."
    assert (remark.settled_by, response.url) == (requester, f"{section(use_case)}#question-purpose")
    assert AuditEvent.objects.filter(action="remark.settled").count() == 1


def test_a_remark_of_another_use_case_is_not_settled_here(use_case, unit, requester, remark):
    other = make_use_case(unit=unit, requester=requester)

    signed_in(requester).post(section(other), {"asked": ["purpose"], "settle": remark.pk})
    refused = signed_in(requester).post(reverse("portfolio:settle_remark", args=[other.ref, remark.pk]))

    remark.refresh_from_db()
    assert (remark.settled_at, refused.status_code) == (None, 404)


def test_whoever_made_it_settles_it_once(use_case, reviewer, remark):
    address = reverse("portfolio:settle_remark", args=[use_case.ref, remark.pk])
    client = signed_in(reviewer)

    first, second = client.post(address), client.post(address)

    assert (first.status_code, second.status_code) == (302, 403)


def test_readers_settle_none(use_case, unit, remark):
    address = reverse("portfolio:settle_remark", args=[use_case.ref, remark.pk])

    assert signed_in(make_person(Role.AUDITOR, unit=unit)).post(address).status_code == 403


def test_a_settled_remark_leaves_the_page(use_case, requester, remark):
    services.settle_remark(remark.pk, by=requester)

    assert "For whom?" not in signed_in(requester).get(facts_tab(use_case)).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count(use_case, requester, reviewer, rows, django_assert_max_num_queries):
    for fact in ("purpose", "outputs", "technique")[:rows]:
        services.make_remark(use_case.pk, fact, "Why?", by=reviewer)
    client = signed_in(requester)
    client.get(facts_tab(use_case))

    with django_assert_max_num_queries(20):
        client.get(facts_tab(use_case))
