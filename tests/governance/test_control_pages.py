from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.models import StoredFile
from governance.models import ControlState, Evidence, PolicyException, Risk, State
from governance.selectors.policies import policy_in_force
from governance.services import controls, risks
from governance.services.tiering import tier_use_cases
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF"
SCORES = {"likelihood": 4, "impact": 5, "residual_likelihood": 2, "residual_impact": 5}


@pytest.fixture
def use_case(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, requester=owner, facts={"high_impact": "yes"})
    tier_use_cases([use_case])
    return use_case


def tab(use_case):
    return f"{use_case.get_absolute_url()}controls/"


def control(use_case, name="C05"):
    return f"{tab(use_case)}{name}/"


def test_the_tab_explains_the_tier(use_case, owner):
    response = signed_in(owner).get(tab(use_case))

    found = response.context["found"]
    assert (found.tier, found.ceiling) == (3, 5)
    assert "It was determined to be high-impact." in response.content.decode()
    assert "Scrapes faces" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tab_asks_a_constant_number_of_queries(use_case, owner, django_assert_num_queries, rows):
    for number in range(rows):
        controls.record_evidence(use_case.pk, ["C05", "C08"], f"Report {number}", by=owner, attestation="Yes")
        risks.record_risk(use_case.pk, f"Risk {number}", by=owner, owner=owner, **SCORES)
    client = signed_in(owner)
    policy_in_force()
    client.get(tab(use_case))

    with django_assert_num_queries(18):
        client.get(tab(use_case))


def test_the_tab_of_a_foreign_use_case_does_not_exist(use_case):
    stranger = make_person(Role.OWNER, unit=make_unit())

    client = signed_in(stranger)

    assert client.get(tab(use_case)).status_code == 404
    assert client.get(control(use_case)).status_code == 404
    assert client.post(f"{control(use_case)}state/", {"state": "in_progress"}).status_code == 404


def test_evidence_that_acts_is_refused_and_what_was_typed_stays(use_case, owner):
    file = SimpleUploadedFile("report.pdf", PDF.replace(b"1.7", b"1.7 <</S/JavaScript/JS(app.alert(1))>>"))
    typed = {"title": "Assessment of 2026", "valid_until": "2026-12-31", "file": file}

    response = signed_in(owner).post(f"{control(use_case)}evidence/", typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert "The PDF runs a script or starts a program." in page
    assert 'value="Assessment of 2026"' in page
    assert 'value="2026-12-31"' in page
    assert Evidence.objects.count() == StoredFile.objects.count() == 0


def test_evidence_is_served_as_what_it_is(use_case, owner):
    client = signed_in(owner)
    file = SimpleUploadedFile("notes.txt", b"<script>alert(1)</script>", "text/html")

    client.post(f"{control(use_case)}evidence/", {"title": "Notes", "file": file})

    download = client.get(f"{use_case.get_absolute_url()}evidence/{Evidence.objects.get().pk}/file/")
    assert download.getvalue() == b"<script>alert(1)</script>"
    assert (download["Content-Type"], download["X-Content-Type-Options"]) == ("text/plain", "nosniff")


def test_evidence_is_uploaded_met_and_downloaded(use_case, owner):
    client = signed_in(owner)
    file = SimpleUploadedFile("report.pdf", PDF, "application/pdf")

    client.post(f"{control(use_case)}evidence/", {"title": "Assessment", "file": file})
    client.post(f"{control(use_case)}state/", {"state": "met"})

    evidence = Evidence.objects.get()
    download = client.get(f"{use_case.get_absolute_url()}evidence/{evidence.pk}/file/")
    assert download.getvalue() == PDF
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert ControlState.objects.get().state == State.MET


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x"}, "file"),
        ({"title": "x", "url": "https://example.org", "attestation": "Both"}, "file"),
        ({"title": "x", "url": "no link"}, "url"),
        ({"title": "x", "attestation": "Yes", "valid_until": "2020-01-01"}, "valid_until"),
    ],
)
def test_evidence_that_shows_nothing_is_refused_at_its_field(use_case, owner, given, field):
    response = signed_in(owner).post(f"{control(use_case)}evidence/", given)

    assert (response.status_code, list(response.context["evidence_form"].errors)) == (422, [field])
    assert Evidence.objects.count() == StoredFile.objects.count() == 0


def test_a_refused_upload_leaves_no_file(use_case, owner):
    file = SimpleUploadedFile("report.pdf", PDF, "application/pdf")

    signed_in(owner).post(f"{control(use_case)}evidence/", {"title": "x", "file": file, "valid_until": "2020-01-01"})

    assert StoredFile.objects.count() == 0


def test_a_state_without_its_ground_is_refused(use_case, owner):
    response = signed_in(owner).post(f"{control(use_case)}state/", {"state": "met"})

    assert (response.status_code, "Record evidence first" in response.content.decode()) == (403, True)


def test_an_auditor_reads_and_changes_nothing(use_case, unit):
    client = signed_in(make_person(Role.AUDITOR, unit=unit))

    page = client.get(control(use_case)).content.decode()

    assert "Record evidence" not in page
    assert client.post(f"{control(use_case)}evidence/", {"title": "x", "attestation": "y"}).status_code == 403


def test_evidence_is_graded_and_withdrawn(use_case, owner, unit):
    evidence = controls.record_evidence(use_case.pk, ["C05"], "Report", by=owner, attestation="Yes")
    base = f"{use_case.get_absolute_url()}evidence/{evidence.pk}/"
    reviewer = signed_in(make_person(Role.REVIEWER, unit=unit))

    graded = reviewer.post(f"{base}grade/", {"grade": "strong", "control": "C05"})
    signed_in(owner).post(f"{base}withdraw/")

    evidence.refresh_from_db()
    assert graded.headers["Location"] == control(use_case)
    assert (evidence.grade, bool(evidence.withdrawn_at)) == ("strong", True)


def test_evidence_of_another_use_case_is_not_found(use_case, owner):
    other = make_use_case(unit=use_case.unit, owner=owner, requester=owner)
    evidence = controls.record_evidence(other.pk, ["C05"], "Report", by=owner, attestation="Yes")

    response = signed_in(owner).post(f"{use_case.get_absolute_url()}evidence/{evidence.pk}/withdraw/")

    assert response.status_code == 404


def test_an_exception_is_granted_and_ended(use_case, unit):
    client = signed_in(make_person(Role.CAIO, unit=unit))
    until = clock.today() + timedelta(days=30)
    given = {"kind": "pilot", "reason": "x", "compensating": "y", "expires_on": until}

    client.post(f"{control(use_case)}exception/", given)
    granted = PolicyException.objects.get()
    client.post(f"{use_case.get_absolute_url()}exceptions/{granted.pk}/end/", {"control": "C05"})

    granted.refresh_from_db()
    assert (granted.kind, granted.expires_on, bool(granted.ended_at)) == ("pilot", until, True)


def test_a_control_that_the_policy_does_not_know_is_not_found(use_case, owner):
    assert signed_in(owner).get(control(use_case, "C99")).status_code == 404


def test_a_risk_is_recorded_assessed_accepted_and_closed(use_case, owner, unit):
    client, base = signed_in(owner), f"{use_case.get_absolute_url()}risks/"
    given = SCORES | {"title": "It denies wrongly", "owner": owner.pk, "treatment": "reduce"}

    client.post(f"{base}new/", given)
    risk = Risk.objects.get()
    client.post(f"{base}{risk.pk}/assess/", {"residual_likelihood": 3, "residual_impact": 4, "treatment": "accept"})
    signed_in(make_person(Role.CAIO, unit=unit)).post(
        f"{base}{risk.pk}/accept/", {"until": clock.today() + timedelta(days=9), "reason": "Worth it"}
    )
    client.post(f"{base}{risk.pk}/close/")

    risk.refresh_from_db()
    assert (risk.residual, risk.treatment, bool(risk.accepted_at), bool(risk.closed_at)) == (12, "accept", True, True)


def test_a_risk_whose_scores_make_no_sense_is_refused(use_case, owner):
    given = SCORES | {"title": "x", "owner": owner.pk, "treatment": "reduce", "residual_likelihood": 5}

    response = signed_in(owner).post(f"{use_case.get_absolute_url()}risks/new/", given)

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["residual_likelihood"])
