"""The page of all documents of a use case."""

from datetime import date

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import files
from governance.models import Evidence
from governance.services import controls
from governance.services.tiering import tier_use_cases
from portfolio import services
from portfolio.facts import CATALOGUE, Kind
from portfolio.models import AiModel, ModelUse
from tests.factories import make_person, make_use_case, signed_in
from tests.governance.test_gates import SERIOUS

pytestmark = pytest.mark.django_db


def of_kind(kind: Kind) -> str:
    return next(name for name, fact in CATALOGUE.items() if fact.kind is kind)


@pytest.fixture
def owner(unit):
    return make_person(Role.OWNER, unit=unit)


@pytest.fixture
def use_case(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, facts=SERIOUS)
    tier_use_cases([use_case])
    return use_case


def page(use_case, user):
    return signed_in(user).get(reverse("portfolio:use_case_tab", args=[use_case.ref, "documents"]))


def test_without_a_document_it_says_what_will_stand_there(use_case, owner):
    assert "No document yet" in page(use_case, owner).content.decode()


def test_all_documents_stand_on_one_page(use_case, owner, unit):
    stored = files.store("plan.pdf", b"%PDF-1.7 x", "application/pdf")
    file = {"file": str(stored.uuid), "name": "plan.pdf", "size": stored.size}
    link = {"url": "https://wiki.example/plan", "label": "The plan"}
    services.write_facts(use_case.pk, {of_kind(Kind.LINK): link, of_kind(Kind.FILE): file}, by=owner)
    card = files.store("README.md", b"# m", "text/plain")
    ModelUse.objects.create(use_case=use_case, ai_model=AiModel.objects.create(name="resnet", unit=unit, card=card))
    evidence = controls.record_evidence(use_case.pk, ["C05"], "Test report", by=owner, attestation="Done.")
    Evidence.objects.filter(pk=evidence.pk).update(valid_until=date(2020, 1, 1))

    response = page(use_case, owner)

    found = {document.title: document for document in response.context["documents"]}
    assert set(found) == {"The plan", "plan.pdf", "README.md", "Test report"}
    assert found["Test report"].is_old
    assert str(stored.uuid) in found["plan.pdf"].url
    assert all(title in response.content.decode() for title in found)


@pytest.mark.parametrize("rows", [1, 3])
def test_documents_query_count(use_case, owner, unit, rows, django_assert_max_num_queries):
    for number in range(rows):
        card = files.store("README.md", b"# m", "text/plain")
        model = AiModel.objects.create(name=f"m{number}", unit=unit, card=card)
        ModelUse.objects.create(use_case=use_case, ai_model=model)
    page(use_case, owner)

    with django_assert_max_num_queries(32):
        response = page(use_case, owner)

    assert len(response.context["documents"]) == rows
