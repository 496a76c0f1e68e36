"""Remarks and answers to findings: in threads, and told to whom they name."""

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import Comment, Finding, Severity
from governance.policy.writing import to_toml
from governance.selectors.threads import mentionable, mentioned
from governance.services import policies
from governance.services.comments import comment, comment_on_policy
from governance.services.reviews import report_finding
from tests.factories import make_person, signed_in
from tests.governance.scene import make_scene
from tests.governance.test_trials import with_rule

pytestmark = pytest.mark.django_db


def test_who_wrote_a_policy_is_told_of_comments_on_it(db):
    scene = make_scene()
    version = policies.propose_policy(to_toml(with_rule()), by=scene.office)
    client = signed_in(scene.caio)
    client.post(f"{version.get_absolute_url()}comments/", {"text": "Why tier 3?"})
    page = client.get(version.get_absolute_url()).content.decode()

    [notice] = Notice.objects.filter(user=scene.office)
    assert (notice.text, notice.url) == (
        f"{scene.caio} on {version}: Why tier 3?", f"{version.get_absolute_url()}#remarks",
    )  # fmt: skip
    assert "Why tier 3?" in page
    assert AuditEvent.objects.filter(action="policy.commented").count() == 1
    with pytest.raises(NotAllowed, match="Only the CAIO"):
        comment_on_policy(version.pk, "Mine.", by=scene.owner)


@pytest.fixture
def finding(scene):
    review = scene.review()
    return report_finding(
        review.pk, "legal", Severity.MAJOR, "Who is affected?", by=scene.reviewer("legal"), finish=False
    )


def told(user, word):
    return Notice.objects.filter(user=user, text__contains=f" {word} ").count()


def test_mentioned_finds_whole_names_in_any_case():
    ann, anna = make_person(name="Ann Lee"), make_person(name="Ann Leeds")

    assert mentioned("Please, @ann lee: see @Ann Leeds' note.", [ann, anna]) == [ann, anna]
    assert mentioned("@Ann Leeds only", [ann, anna]) == [anna]
    assert mentioned("Ann Lee without the sign", [ann, anna]) == []


def test_a_named_person_is_told_once(scene, finding):
    comment(finding.review_id, f"@{scene.office.name} and @{scene.office.name}: look.", by=scene.owner)

    notice = Notice.objects.get(user=scene.office, text__contains="names you in")
    assert notice.url == f"{finding.review.get_absolute_url()}#comments"


def test_who_has_no_part_in_a_review_is_not_told(scene, finding):
    stranger = make_person(name="A Stranger")

    comment(finding.review_id, "@A Stranger should not know.", by=scene.owner)

    assert (told(stranger, "names"), stranger in mentionable(finding.review)) == (0, False)


def test_an_answer_stands_with_its_finding_and_is_told_to_its_thread(scene, finding):
    first = comment(finding.review_id, "All customers.", by=scene.owner, finding=finding.pk)
    comment(finding.review_id, "In which country?", by=scene.reviewer("legal"), finding=finding.pk)

    assert first.anchor == f"finding-{finding.pk}"
    assert (told(scene.reviewer("legal"), "answers"), told(scene.owner, "answers")) == (1, 1)


def test_who_is_named_in_a_thread_is_told_once(scene, finding):
    reviewer = scene.reviewer("legal")

    comment(finding.review_id, f"@{reviewer.name} all customers.", by=scene.owner, finding=finding.pk)

    assert (told(reviewer, "names"), told(reviewer, "answers")) == (1, 0)


def test_comment_refuses_nothing_and_the_finding_of_another_review(scene, finding):
    with pytest.raises(Invalid, match="Write something first"):
        comment(finding.review_id, " ", by=scene.owner)
    with pytest.raises(Invalid, match="no such finding"):
        comment(scene.review().pk, "x", by=scene.owner, finding=finding.pk)


def test_the_page_shows_threads_apart_from_remarks(scene, finding):
    client, address = signed_in(scene.owner), reverse("governance:comment", args=[finding.review.ref])

    client.post(address, {"text": "All customers of the unit.", "finding": finding.pk})
    client.post(address, {"text": "When will it be decided?"})
    page = client.get(finding.review.get_absolute_url()).content.decode()

    thread = page[page.index('class="thread"') : page.index("</ul>", page.index('class="thread"'))]
    remarks = page[page.index('id="comments"') :]
    assert ("All customers of the unit." in thread, "When will it be decided?" in thread) == (True, False)
    assert "When will it be decided?" in remarks


def test_an_answer_to_a_finding_that_is_none_comes_back(scene, finding):
    response = signed_in(scene.owner).post(
        reverse("governance:comment", args=[finding.review.ref]), {"text": "All customers.", "finding": 0}
    )

    assert response.status_code == 302
    assert Comment.objects.get().anchor == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_threads_take_a_constant_number_of_queries(scene, finding, django_assert_max_num_queries, rows):
    for _ in range(rows):
        comment(finding.review_id, "All customers.", by=scene.owner, finding=finding.pk)
        report_finding(finding.review_id, "legal", Severity.MINOR, "More.", by=scene.reviewer("legal"), finish=False)
    client = signed_in(scene.owner)
    client.get(finding.review.get_absolute_url())

    with django_assert_max_num_queries(40):
        page = client.get(finding.review.get_absolute_url()).content.decode()

    assert page.count("All customers.") >= rows
    assert Finding.objects.count() == rows + 1
