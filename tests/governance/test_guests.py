"""A guest's use case in review: they are told, by links that open without an account, and correct what comes back."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.services import notify
from caio_portal.common import clock, jobs
from governance.models import Review
from governance.services.reviews import return_review
from portfolio import services
from portfolio.guest_tokens import address_of, token_of
from portfolio.models import UseCase
from portfolio.stages import Stage
from tests.factories import make_use_case
from tests.governance.scene import BY_TIER, harmless
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(scene):
    """A guest has submitted a use case of tier 3."""
    link = services.invite_guest(scene.unit.pk, "gita@partner.example", "Gita Guest", by=scene.office, days=14)
    use_case = services.begin_as_guest(link.pk, "Chat for brokers", Stage.IDEA)
    facts = complete_facts() | harmless() | BY_TIER[3]
    UseCase.objects.filter(pk=use_case.pk).update(facts=facts)
    services.submit_as_guest(link.pk)
    link.refresh_from_db()
    return link


def returned(link, scene) -> Review:
    review = Review.objects.get(use_case=link.use_case)
    return return_review(review.pk, "One answer.", by=scene.office, remarks={"purpose": "Whose letters?"})


def links_of(link) -> set[str]:
    return set(Notice.objects.filter(user=link.guest).values_list("url", flat=True))


def test_a_guest_is_told_by_a_link_that_opens_without_an_account(scene, link):
    returned(link, scene)
    notice = Notice.objects.filter(user=link.guest).latest("pk")
    jobs.run_here(notice.job_id)

    assert links_of(link) == {address_of(link)}
    assert notice.text.startswith("Returned to you: ")
    assert address_of(link) in mail.outbox[-1].body
    assert Client().get(notice.url).status_code == 200


def test_what_no_link_of_theirs_opens_is_told_without_one(scene, link):
    [notice] = notify([link.guest], make_use_case(unit=scene.unit), "Something else.", "/use-cases/")
    jobs.run_here(notice.job_id)

    assert notice.url == ""
    assert "/use-cases/" not in mail.outbox[-1].body


def test_a_guest_corrects_what_was_returned_and_submits_again(scene, link):
    review = returned(link, scene)
    visitor, token = Client(), token_of(link)
    section = reverse("portfolio:guest_section", args=[token, "purpose"])
    check = reverse("portfolio:guest_check", args=[token])

    standing = visitor.get(address_of(link)).content.decode()
    answer = visitor.post(section, {"asked": ["purpose"], "purpose": "Letters of brokers.", "settle": remark_of(link)})
    again = visitor.post(check)

    review.refresh_from_db()
    link.use_case.refresh_from_db()
    assert f'<a href="{section}#question-purpose">Purpose</a> Whose letters?' in standing
    assert check in standing
    assert (answer.status_code, again.url) == (302, address_of(link))
    assert link.use_case.facts["purpose"] == "Letters of brokers."
    assert (review.returned_at, link.use_case.submissions.count()) == (None, 2)
    assert visitor.get(check).url == address_of(link)  # it is with those who examine it again


def remark_of(link) -> int:
    return link.use_case.remarks.get().pk


def test_what_was_submitted_can_be_followed_for_as_long_as_nobody_withdraws_the_link(scene, link):
    with clock.at(clock.now() + timedelta(days=90)):
        later = Client().get(address_of(link))
    services.revoke_guest_link(link.pk, by=scene.office)

    assert later.status_code == 200
    assert Client().get(address_of(link)).status_code == 410


def test_no_page_of_a_guest_leads_to_one_that_asks_to_sign_in(scene, link):
    returned(link, scene)
    pages = [address_of(link), reverse("portfolio:guest_check", args=[token_of(link)])]

    for address in pages:
        content = Client().get(address).content.decode()
        assert not [
            path for path in ("/reviews/", "/use-cases/", "/intake/", "/policies/") if f'href="{path}' in content
        ]
