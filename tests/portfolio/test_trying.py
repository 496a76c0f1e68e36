"""A version of the questionnaire is tried out: what it asks follows the answers, and nothing is kept."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from portfolio import services
from portfolio.intake.questionnaire import load
from portfolio.intake.trying import Trial
from portfolio.intake.versions import current, source_of
from portfolio.models import FactChange, UseCase
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
ASKED = ["purpose", "personal_data"]


def shown(trial):
    return {asked.question.fact for tried in trial.sections for asked in tried.asked if asked.is_shown}


def sent(**answers):
    data = QueryDict(mutable=True)
    data.setlist("asked", [*ASKED, "special_categories"])
    data.update(answers)
    return data


def test_questions_follow_the_answers():
    blank, yes, no = Trial(load()), Trial(load(), sent(personal_data="yes")), Trial(load(), sent(personal_data="no"))

    assert "special_categories" not in shown(blank) | shown(no)
    assert "special_categories" in shown(yes)
    assert (yes.facts["personal_data"], no.facts["special_categories"]) == (True, False)


def test_an_answer_to_what_is_no_longer_asked_is_none():
    trial = Trial(load(), sent(personal_data="no", special_categories="yes"))

    assert trial.facts["special_categories"] is False
    assert "special_categories" in [asked.question.fact for asked in trial.changed]


def test_tier_and_controls_follow_and_nothing_is_kept(office):
    version, _ = current()
    client, address = signed_in(office), reverse("portfolio:try_questionnaire", args=[version.pk])
    events = AuditEvent.objects.count()

    first = client.get(address).content.decode()
    page = client.post(address, {"asked": ["decides_about"], "decides_about": "employment"})
    part = client.post(address, {"asked": ASKED, "personal_data": "yes"}, headers=HTMX).content.decode()

    assert "It shows as soon as your answers decide a rule." in first
    assert page.context["trial"].outlook.preview.tier >= 3
    assert "Way to a decision" in page.content.decode()
    assert 'id="question-special_categories" hx-swap-oob="true"' in part
    assert "<html" not in part
    assert (UseCase.objects.count(), FactChange.objects.count(), AuditEvent.objects.count()) == (0, 0, events)


def test_a_draft_is_tried_with_the_facts_it_declares(office):
    draft = services.draft_questionnaire(by=office)
    head, first, rest = source_of(draft).partition("[[sections]]")
    declared = '[facts.union_asked]\nkind = "yes_no"\nlabel = "Union asked"\n'
    asked = '\n[[sections.questions]]\nfact = "union_asked"\nask = "Was the union asked?"\nwhy = "It must be."\n'
    draft = services.write_questionnaire(draft.pk, f"{head}{declared}{first}{rest.rstrip()}\n{asked}", by=office)
    address = reverse("portfolio:try_questionnaire", args=[draft.pk])

    page = signed_in(office).post(address, {"asked": ["union_asked"], "union_asked": "yes"})

    assert page.context["trial"].facts == {"union_asked": True}
    assert "Was the union asked?" in page.content.decode()


def test_what_cannot_be_read_is_said_at_its_question(office):
    version, _ = current()
    address = reverse("portfolio:try_questionnaire", args=[version.pk])

    page = signed_in(office).post(address, {"asked": ["users_expected"], "users_expected": "many"})

    assert "is a number from 0 upwards" in page.content.decode()


def test_requesters_do_not_try_versions(unit):
    version, _ = current()
    person = make_person(Role.REQUESTER, unit=unit)

    assert signed_in(person).get(reverse("portfolio:try_questionnaire", args=[version.pk])).status_code == 403
