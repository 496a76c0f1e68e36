"""Two people on one draft: the second is told, both answers are kept, and a person chooses."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from caio_portal.accounts.roles import Role
from portfolio import services
from portfolio.models import FactChange, UseCase
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def ann(unit):
    return make_person(Role.REQUESTER, unit=unit, name="Ann Ames")


@pytest.fixture
def ben(unit):
    return make_person(Role.OWNER, unit=unit, name="Ben Berg")


@pytest.fixture
def use_case(unit, ann):
    return make_use_case("Chat for claims", unit=unit, requester=ann)


def address(use_case) -> str:
    return reverse("portfolio:intake_section", args=[use_case.ref, "purpose"])


def form(seen=None, **answers) -> dict:
    asked = ["purpose", "outputs", "expected_benefit"]
    seen = dict.fromkeys(asked) | (seen or {})
    return {"asked": asked, "seen": json.dumps(seen), **dict.fromkeys(asked, ""), **answers}


def facts_of(use_case) -> dict:
    return UseCase.objects.get(pk=use_case.pk).facts


@pytest.fixture
def ann_wrote(use_case, ann):
    """Both opened the page; Ann's answer was saved first."""
    signed_in(ann).post(address(use_case), form(purpose="Ann's."), headers=HTMX)


def test_the_second_is_told_and_both_texts_are_on_the_page(use_case, ben, ann_wrote):
    response = signed_in(ben).post(address(use_case), form(purpose="Ben's."), headers=HTMX)

    content = response.content.decode()
    assert facts_of(use_case) == {"purpose": "Ann's."}
    assert "Ann Ames answered this meanwhile. Yours is not saved yet." in content
    assert "“Ann&#x27;s.”" in content
    assert 'id="question-purpose"' not in content  # the text under Ben's hands stays
    assert "Not all of it could be saved" in content


def test_what_does_not_clash_is_saved_all_the_same(use_case, ben, ann_wrote):
    signed_in(ben).post(address(use_case), form(purpose="Ben's.", outputs="A score."), headers=HTMX)

    assert facts_of(use_case) == {"purpose": "Ann's.", "outputs": "A score."}


def test_a_clash_stays_one_until_somebody_chooses(use_case, ben, ann_wrote):
    client = signed_in(ben)
    first = client.post(address(use_case), form(purpose="Ben's."), headers=HTMX)
    seen = json.loads(first.context["page"].seen)

    again = client.post(address(use_case), form(seen, purpose="Ben's."), headers=HTMX)

    assert seen["purpose"] is None
    assert facts_of(use_case) == {"purpose": "Ann's."}
    assert "Yours is not saved yet." in again.content.decode()


@pytest.mark.parametrize(("choice", "stands"), [("mine", "Ben's."), ("theirs", "Ann's.")])
def test_one_of_the_two_answers_is_chosen(use_case, ben, ann_wrote, choice, stands):
    response = signed_in(ben).post(address(use_case), form(purpose="Ben's.", **{choice: "purpose"}))

    assert facts_of(use_case) == {"purpose": stands}
    assert response.url == f"{address(use_case)}#question-purpose"


def test_an_answer_that_was_overruled_stays_in_the_history(use_case, ben, ann_wrote):
    signed_in(ben).post(address(use_case), form(purpose="Ben's.", mine="purpose"))

    assert list(FactChange.objects.order_by("pk").values_list("value", flat=True)) == ["Ann's.", "Ben's."]


def test_without_javascript_the_page_comes_back_with_both(use_case, ben, ann_wrote):
    response = signed_in(ben).post(address(use_case), form(purpose="Ben's."))

    content = response.content.decode()
    assert response.status_code == 422
    assert "Ben&#x27;s.</textarea>" in content
    assert "“Ann&#x27;s.”" in content
    assert json.loads(response.context["page"].seen)["purpose"] is None


def test_the_same_answer_is_no_clash(use_case, ben, ann_wrote):
    response = signed_in(ben).post(address(use_case), form(purpose="Ann's."), headers=HTMX)

    assert "Yours is not saved yet." not in response.content.decode()


def test_an_answer_of_the_other_arrives_where_nobody_typed(use_case, ben, ann_wrote):
    response = signed_in(ben).post(address(use_case), form(outputs="A score."), headers=HTMX)

    content = response.content.decode()
    assert 'id="question-purpose" hx-swap-oob="true"' in content
    assert "Ann Ames answered this" in content
    assert facts_of(use_case) == {"purpose": "Ann's.", "outputs": "A score."}


def test_the_page_says_who_else_is_at_it(use_case, ann, ben, ann_wrote):
    page = signed_in(ben).get(address(use_case)).content.decode()
    own = signed_in(ann).get(address(use_case)).content.decode()

    assert "Ann Ames works on these answers too" in page
    assert "works on these answers too" not in own


@pytest.mark.parametrize("others", [1, 3])
def test_the_page_asks_once_for_all_who_are_at_it(use_case, unit, ann, others, django_assert_num_queries):
    for number in range(others):
        person = make_person(Role.OWNER, unit=unit)
        services.answer_questions(use_case.pk, {"purpose": f"{number}"}, by=person)
    client = signed_in(ann)
    client.get(address(use_case))

    with django_assert_num_queries(
        9
    ):  # session, user, roles, use case, people, version in force, others, remarks, notices
        client.get(address(use_case))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_saved_and_one_is_told(use_case, ann, ben):
    start = Barrier(2)

    def answer(person):
        start.wait()
        try:
            return services.answer_questions(
                use_case.pk, {"purpose": person.name}, by=person, seen={"purpose": None}
            ).clashes
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        clashes = [clash for found in pool.map(answer, [ann, ben]) for clash in found]

    [clash] = clashes
    assert clash.theirs == facts_of(use_case)["purpose"] == clash.by.name


ASKED = ["personal_data", "special_categories", "data_description"]


def data_page(use_case) -> str:
    return reverse("portfolio:intake_section", args=[use_case.ref, "data"])


def data_form(seen, **answers) -> dict:
    return {"asked": ASKED, "seen": json.dumps(seen), "data_description": "", **answers}


@pytest.fixture
def both_see_personal_data(use_case, ann):
    services.answer_questions(use_case.pk, {"personal_data": True}, by=ann)
    services.answer_questions(use_case.pk, {"special_categories": True}, by=ann)
    return {"personal_data": True, "special_categories": None, "data_description": None}


def test_an_answer_that_would_take_away_one_of_somebody_else_waits_and_the_others_are_kept(
    use_case, ben, both_see_personal_data
):
    sent = data_form(both_see_personal_data, personal_data="no", data_description="Letters.")
    first = signed_in(ben).post(data_page(use_case), sent, headers=HTMX)
    content = first.content.decode()

    assert facts_of(use_case) == {
        "personal_data": True, "special_categories": True, "data_description": "Letters."
    }  # fmt: skip
    assert "answered “Special categories of personal data” meanwhile, which this would take away." in content
    assert json.loads(first.context["page"].seen)["special_categories"] is None  # so it clashes until somebody chooses
    again = signed_in(ben).post(data_page(use_case), sent | {"seen": first.context["page"].seen}, headers=HTMX)
    assert "would take away" in again.content.decode()
    signed_in(ben).post(data_page(use_case), sent | {"seen": first.context["page"].seen, "mine": "personal_data"})
    assert facts_of(use_case)["personal_data"] is False
    assert FactChange.objects.filter(use_case=use_case, fact="special_categories", value=True).exists()


def test_kept_theirs_nothing_is_taken_away(use_case, ben, both_see_personal_data):
    sent = data_form(both_see_personal_data, personal_data="no", theirs="personal_data")

    signed_in(ben).post(data_page(use_case), sent)

    assert facts_of(use_case)["special_categories"] is True


@pytest.mark.parametrize("htmx", [False, True])
def test_an_answer_and_what_it_hides_in_one_save(use_case, ann, htmx):
    services.answer_questions(use_case.pk, {"personal_data": True}, by=ann)
    seen = {"personal_data": True, "special_categories": None, "data_description": None}
    sent = data_form(seen, personal_data="no", special_categories="yes", data_description="Letters.")

    saved = signed_in(ann).post(data_page(use_case), sent, headers=HTMX if htmx else {}, follow=True)

    facts = facts_of(use_case)
    assert (facts["personal_data"], facts["special_categories"], facts["data_description"]) == (
        False,
        False,
        "Letters.",
    )
    assert "No longer asked, so it does not count: Special categories of personal data" in saved.content.decode()
    assert FactChange.objects.filter(fact="special_categories", value=True).count() == 1


def test_a_question_that_is_asked_again_has_its_earlier_answer(use_case, ann, ben):
    services.answer_questions(use_case.pk, {"personal_data": True, "special_categories": True}, by=ann)
    services.answer_questions(use_case.pk, {"personal_data": False}, by=ben)

    answered = services.answer_questions(use_case.pk, {"personal_data": True}, by=ben)

    assert answered.restored == ("special_categories",)
    assert facts_of(use_case) == {"personal_data": True, "special_categories": True}
    changes = FactChange.objects.filter(fact="special_categories").order_by("pk")
    assert list(changes.values_list("value", "source", "by")) == [
        (True, "answer", ann.pk), (False, "system", None), (True, "system", ben.pk),
    ]  # fmt: skip


def test_an_answer_that_was_taken_back_does_not_return_with_its_question(use_case, ann):
    services.answer_questions(use_case.pk, {"personal_data": True, "data_description": "Letters."}, by=ann)
    services.answer_questions(use_case.pk, {"special_categories": True}, by=ann)
    services.answer_questions(use_case.pk, {"special_categories": None}, by=ann)
    services.answer_questions(use_case.pk, {"personal_data": False}, by=ann)

    answered = services.answer_questions(use_case.pk, {"personal_data": True}, by=ann)

    assert answered.restored == ()
    assert "special_categories" not in facts_of(use_case)


@pytest.mark.parametrize("htmx", [False, True])
def test_somebody_is_told_which_answers_have_returned(use_case, ann, htmx):
    services.answer_questions(use_case.pk, {"personal_data": True, "special_categories": True}, by=ann)
    services.answer_questions(use_case.pk, {"personal_data": False}, by=ann)
    sent = {"asked": ["personal_data"], "personal_data": "yes"}

    page = signed_in(ann).post(data_page(use_case), sent, headers=HTMX if htmx else {}, follow=True).content.decode()

    assert "Asked again, with the earlier answer filled in: Special categories of personal data." in page
    assert ("This was answered before." in page) is htmx
    facts = signed_in(ann).get(f"{use_case.get_absolute_url()}facts/").content.decode()
    assert "Ann Ames, asked again" in facts
