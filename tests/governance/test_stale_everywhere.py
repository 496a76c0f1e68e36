"""An approval whose use case has moved on is shown as stale wherever the use case stands, and opens no gate."""

import json

import pytest

from caio_portal.common.errors import NotAllowed
from governance.decisions import Outcome
from governance.selectors.work import my_work
from governance.services.approvals import decide_single
from governance.services.moves import move_use_case
from portfolio.home import search
from portfolio.models import AiSystem, SystemProduct, SystemUse
from portfolio.services import write_facts
from portfolio.stages import Stage
from portfolio.vendor_panels import use_cases_relying
from tests.factories import signed_in
from tests.vendors.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(scene):
    """Approved, and still in force."""
    review = scene.review(2, title="Letters to parents", facts={"affected_people": ["children"]})
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    return review.use_case


def become_stale(scene, case):
    write_facts(case.pk, {"spend_per_year": 77}, by=scene.office)


def dossier(scene, case):
    return signed_in(scene.office).get(case.get_absolute_url()).content.decode()


def register(scene, case):
    return signed_in(scene.office).get("/use-cases/").content.decode()


def exported(scene, case):
    answer = signed_in(scene.office).get("/use-cases/?format=json")
    rows = json.loads(b"".join(answer) if answer.streaming else answer.content)
    return json.dumps(rows)


def precedents(scene, case):
    return signed_in(scene.office).get("/precedents/").content.decode()


def precedents_exported(scene, case):
    answer = signed_in(scene.office).get("/precedents/?format=csv")
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def reviews(scene, case):
    return signed_in(scene.office).get("/reviews/").content.decode()


def reviews_exported(scene, case):
    answer = signed_in(scene.office).get("/reviews/?format=csv")
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def alike(scene, case):
    review = scene.review(2, facts={"affected_people": ["children"]})
    return signed_in(scene.office).get(review.get_absolute_url()).content.decode()


def found(scene, case):
    return " ".join(hit.detail for hit in search("Letters to parents", scene.office))


def work(scene, case):
    return " ".join(entry.kind for entry in my_work(scene.owner))


def vendor_panel(scene, case):
    system = AiSystem.objects.create(name="Engine", unit=case.unit)
    SystemUse.objects.create(ai_system=system, use_case=case)
    product = ProductFactory()
    SystemProduct.objects.create(ai_system=system, product=product)
    (panel,) = use_cases_relying(product.vendor, scene.office)
    return " ".join(cell.text for row in panel.rows for cell in row)


PLACES = (
    dossier, register, exported, precedents, precedents_exported, reviews, reviews_exported, alike, found, work,
    vendor_panel,
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_stale_approval_says_so(scene, case, place):
    become_stale(scene, case)

    assert "stale" in place(scene, case).lower()


@pytest.mark.parametrize("place", [found, work, vendor_panel, precedents, reviews], ids=lambda place: place.__name__)
def test_one_that_is_in_force_is_not_called_stale(scene, case, place):
    assert "stale" not in place(scene, case).lower()


def test_it_opens_no_gate(scene, case):
    become_stale(scene, case)

    with pytest.raises(NotAllowed):
        move_use_case(case.pk, Stage.PRODUCTION, by=scene.office)
