"""The pages on which a policy is written, tried and published."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caio_portal.accounts.roles import Role
from caio_portal.common import clock, jobs
from governance.models import PolicyState, PolicyTrial, PolicyVersion
from governance.policy import SHIPPED, shipped
from governance.policy.writing import to_toml
from governance.services import policies
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.governance.scene import harmless
from tests.governance.test_trials import with_rule

pytestmark = pytest.mark.django_db
TEXT = to_toml(with_rule())


@pytest.fixture
def office(scene):
    return signed_in(scene.office)


@pytest.fixture
def draft(scene):
    return policies.propose_policy(TEXT, by=scene.office)


def test_a_new_draft_begins_with_the_text_in_force_under_a_free_number(office):
    page = office.get("/policies/new/")

    source = page.context["form"]["source"].value()
    assert source.splitlines()[0] == SHIPPED.read_text().splitlines()[0]
    assert f'number = "{clock.today():%Y-%m}' in source or 'number = "2026-11.' in source
    assert 'number = "2026-11"\n' not in source


def test_propose_policy_leads_to_the_draft(office):
    response = office.post("/policies/new/", {"source": TEXT})

    assert response.url == "/policies/2027-01/"
    assert PolicyVersion.objects.get(number="2027-01").state == PolicyState.DRAFT


def test_propose_policy_takes_a_file(office):
    file = SimpleUploadedFile("policy.toml", TEXT.encode())

    response = office.post("/policies/new/", {"source": "", "file": file})

    assert response.url == "/policies/2027-01/"


def test_mistakes_come_back_with_their_lines_and_the_text(office):
    text = TEXT.replace("appetite = 9", "appetite = 99", 1)

    response = office.post("/policies/new/", {"source": text})

    page = response.content.decode()
    assert response.status_code == 422
    assert f'data-line="{text[: text.index("appetite = 99")].count(chr(10)) + 1}"' in page
    assert "appetite = 99" in page


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"number = '1'\x00"])
def test_a_file_that_is_no_text_is_refused(office, content):
    response = office.post("/policies/new/", {"file": SimpleUploadedFile("policy.toml", content)})

    assert response.status_code == 422
    assert "This file is not text" in response.content.decode()


def test_check_policy_shows_what_each_new_rule_catches(scene, office):
    talks = scene.use_case(2)
    scene.use_case(1)

    response = office.post("/policies/check/", {"source": TEXT})

    (line,) = response.context["check"].caught
    assert (line.rule.id, line.kind, line.held) == ("house-chat", "new", 1)
    assert [each.ref for each in line.examples] == [talks.ref]
    assert talks.ref in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_check_policy_takes_a_constant_number_of_queries(scene, office, django_assert_num_queries, rows):
    for _ in range(rows):
        scene.use_case(2)
    office.get("/policies/new/")

    with django_assert_num_queries(7):  # session, user, roles, tier words, policy in force, facts, examples
        office.post("/policies/check/", {"source": TEXT})


def test_edit_policy_changes_the_draft(scene, draft):
    caio = signed_in(scene.caio)

    page = caio.get(f"/policies/{draft.number}/edit/")
    response = caio.post(f"/policies/{draft.number}/edit/", {"source": to_toml(with_rule(tier=4))})

    draft.refresh_from_db()
    assert page.context["form"]["source"].value() == TEXT
    assert response.url == f"/policies/{draft.number}/"
    assert draft.proposed_by == scene.caio


def test_a_published_policy_has_no_editor(office):
    assert office.get(f"/policies/{shipped().number}/edit/").status_code == 403


def test_download_policy_gives_the_text_that_was_typed(office, draft):
    response = office.get(f"/policies/{draft.number}/file/")

    assert response.content.decode() == TEXT
    assert response["Content-Disposition"] == f'attachment; filename="policy-{draft.number}.toml"'


def test_drafts_are_not_downloaded_by_others(scene, draft):
    owner = signed_in(scene.owner)

    assert owner.get(f"/policies/{draft.number}/file/").status_code == 404
    assert owner.get(f"/policies/{draft.number}/changes/").status_code == 404
    assert owner.get(f"/policies/{shipped().number}/file/").content.decode() == SHIPPED.read_text()


def test_policy_changes_says_them_in_words(office, draft):
    page = office.get(f"/policies/{draft.number}/changes/").content.decode()

    assert "It talks to people." in page
    assert "When: Talks to people: yes" in page


def test_policy_changes_of_the_first_version_compares_nothing(office):
    page = office.get(f"/policies/{shipped().number}/changes/").content.decode()

    assert "This is the first version of the policy." in page


def test_a_trial_is_asked_for_and_shown(scene, office, draft):
    scene.use_case(2)

    response = office.post(f"/policies/{draft.number}/try/")
    waiting = office.get(response.url)
    jobs.run_here(waiting.context["job"].pk)
    page = office.get(response.url)

    assert (waiting.context["is_running"], waiting.context["trial"]) == (True, None)
    assert page.context["found"].moved == 1
    assert "1 use case would move: 1 up, 0 down." in page.content.decode()
    assert [reasons for _, reasons in page.context["rows"]] == [["It talks to people."]]


def test_a_trial_of_another_text_is_called_old(scene, office, draft):
    policies.keep_trial(draft.pk)
    policies.edit_policy(draft.pk, to_toml(with_rule(tier=4)), by=scene.office)

    assert "This trial is old" in office.get(f"/policies/{draft.number}/trial/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_policy_trial_takes_a_constant_number_of_queries(scene, office, draft, django_assert_num_queries, rows):
    for _ in range(rows):
        scene.use_case(2)
    policies.keep_trial(draft.pk)
    office.get(f"/policies/{draft.number}/trial/")

    with django_assert_num_queries(12):
        page = office.get(f"/policies/{draft.number}/trial/")

    assert len(page.context["rows"]) == rows


def test_the_list_of_a_trial_can_be_exported_and_found_in(scene, office, draft):
    scene.use_case(2, title="Talking door")
    scene.use_case(2, title="Silent door")
    policies.keep_trial(draft.pk)

    exported = office.get(f"/policies/{draft.number}/trial/?format=csv")
    found = office.get(
        f"/policies/{draft.number}/trial/?q=talking", headers={"HX-Request": "true", "HX-Target": "moves"}
    )

    assert b"house-chat" in b"".join(exported.streaming_content if exported.streaming else [exported.content])
    assert [row.use_case.title for row, _ in found.context["rows"]] == ["Talking door"]


def test_an_auditor_reads_a_trial_and_starts_none(scene, draft):
    auditor = signed_in(make_person(Role.AUDITOR, unit=scene.unit))

    assert auditor.get(f"/policies/{draft.number}/trial/").status_code == 200
    assert auditor.post(f"/policies/{draft.number}/try/").status_code == 403


def test_confidential_use_cases_of_others_stay_hidden_in_a_trial(scene, draft):
    make_use_case(unit=make_unit("Elsewhere"), facts=harmless() | {"talks_to_people": True}, confidential=True)
    policies.keep_trial(draft.pk)

    page = signed_in(scene.office).get(f"/policies/{draft.number}/trial/")

    assert (page.context["found"].moved, page.context["rows"]) == (1, [])
    assert PolicyTrial.objects.count() == 1


def test_publish_policy_by_another(scene, draft):
    caio = signed_in(scene.caio)
    day = clock.today() + timedelta(days=30)

    detail = caio.get(f"/policies/{draft.number}/").content.decode()
    response = caio.post(f"/policies/{draft.number}/publish/", {"valid_from": day})

    draft.refresh_from_db()
    assert "Publish it" in detail
    assert (response.url, draft.state, draft.valid_from) == (
        f"/policies/{draft.number}/", PolicyState.PUBLISHED, day,
    )  # fmt: skip


def test_publish_policy_backwards_comes_back(scene, draft):
    response = signed_in(scene.caio).post(f"/policies/{draft.number}/publish/", {"valid_from": "2020-01-01"})

    assert response.status_code == 422
    assert "today or later" in response.content.decode()


def test_the_writer_cannot_publish(office, draft):
    detail = office.get(f"/policies/{draft.number}/").content.decode()

    assert "Publish it" not in detail
    assert "Somebody else publishes it" in detail
    assert office.post(f"/policies/{draft.number}/publish/", {"valid_from": clock.today()}).status_code == 403


def test_discard_policy_leads_back(office, draft):
    assert office.post(f"/policies/{draft.number}/discard/").url == "/policies/"
    assert not PolicyVersion.objects.filter(number=draft.number).exists()
