from datetime import date, timedelta

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, files
from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import ControlState, Evidence, ExceptionKind, Grade, State
from governance.selectors.controls import ControlSheet
from governance.selectors.policies import policy_in_force
from governance.services import controls, exceptions
from governance.services.tiering import tier_use_cases
from portfolio.stages import Stage
from tests.factories import make_person, make_use_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def use_case(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, facts={"high_impact": "yes"})
    tier_use_cases([use_case])
    return use_case


def sheet(use_case):
    return ControlSheet.of(use_case, policy_in_force())


def line(use_case, control):
    return next(line for line in sheet(use_case).lines if line.control.id == control)


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_record_evidence_starts_the_control_and_is_told(use_case, owner):
    file = files.store("report.pdf", b"%PDF", "application/pdf")

    evidence = controls.record_evidence(use_case.pk, ["C05", "C08"], "Impact report", by=owner, file=file)

    assert (evidence.sha256, evidence.by) == (file.sha256, owner)
    assert evidence.valid_until == clock.today() + timedelta(days=365)
    assert line(use_case, "C05").state == State.IN_PROGRESS
    assert [piece.title for piece in line(use_case, "C08").evidence] == ["Impact report"]
    assert actions()[-3:] == ["control.set", "control.set", "evidence.recorded"]


@pytest.mark.parametrize(
    ("thing", "digest"),
    [
        ({"url": "https://example.org/card"}, sha256("https://example.org/card")),
        ({"attestation": "I saw it work."}, sha256("I saw it work.")),
    ],
)
def test_record_evidence_hashes_what_it_is(use_case, owner, thing, digest):
    evidence = controls.record_evidence(use_case.pk, ["C04"], "Seen", by=owner, **thing)

    assert (evidence.sha256, evidence.valid_until) == (digest, None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"controls": []}, "control"),
        ({"controls": ["C99"]}, "control"),
        ({"attestation": ""}, "file"),
        ({"url": "https://example.org"}, "file"),
        ({"url": "javascript:alert(1)", "attestation": ""}, "url"),
        ({"valid_until": date(2020, 1, 1)}, "valid_until"),
    ],
)
def test_record_evidence_refuses_what_shows_nothing(use_case, owner, wrong, field):
    given = {"controls": ["C05"], "title": "Seen", "attestation": "I saw it."} | wrong

    with pytest.raises(Invalid) as refusal:
        controls.record_evidence(use_case.pk, by=owner, **given)

    assert refusal.value.field == field
    assert Evidence.objects.count() == ControlState.objects.count() == 0


def test_evidence_is_not_valid_for_longer_than_the_policy_says(use_case, owner):
    far = clock.today() + timedelta(days=3_000)

    evidence = controls.record_evidence(use_case.pk, ["C05"], "Seen", by=owner, attestation="Yes", valid_until=far)

    assert evidence.valid_until == clock.today() + timedelta(days=365)


def test_a_control_is_met_with_valid_evidence_only(use_case, owner):
    with pytest.raises(NotAllowed, match="Record evidence first"):
        controls.set_control_state(use_case.pk, "C05", State.MET, by=owner)
    controls.record_evidence(use_case.pk, ["C05"], "Seen", by=owner, attestation="Yes")

    controls.set_control_state(use_case.pk, "C05", State.MET, by=owner)

    assert line(use_case, "C05").is_met
    assert actions()[-1] == "control.set"


def test_a_met_control_fails_when_its_evidence_expires(use_case, owner):
    controls.record_evidence(use_case.pk, ["C05"], "Seen", by=owner, attestation="Yes")
    controls.set_control_state(use_case.pk, "C05", State.MET, by=owner)

    with clock.at(clock.now() + timedelta(days=366)):
        found = line(use_case, "C05")

    assert (found.passes, found.words, found.tone) == (False, "Met, evidence expired", "bad")


def test_a_party_does_not_say_that_a_control_does_not_apply(use_case, owner):
    with pytest.raises(NotAllowed, match="somebody else"):
        controls.set_control_state(use_case.pk, "C05", State.NOT_APPLICABLE, by=owner, reason="No people")

    assert ControlState.objects.count() == 0


def test_a_reviewer_says_that_a_control_does_not_apply_and_why(use_case, unit):
    reviewer = make_person(Role.REVIEWER, unit=unit)
    with pytest.raises(NotAllowed, match="Say why"):
        controls.set_control_state(use_case.pk, "C05", State.NOT_APPLICABLE, by=reviewer)

    controls.set_control_state(use_case.pk, "C05", State.NOT_APPLICABLE, by=reviewer, reason="Nobody is affected")

    assert line(use_case, "C05").is_excused


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REQUESTER, Role.EXECUTIVE, Role.VENDOR_MANAGER])
def test_others_do_not_work_on_controls(use_case, unit, role):
    person = make_person(role, unit=unit)

    with pytest.raises(NotAllowed):
        controls.set_control_state(use_case.pk, "C05", State.IN_PROGRESS, by=person)
    with pytest.raises(NotAllowed):
        controls.record_evidence(use_case.pk, ["C05"], "Seen", by=person, attestation="Yes")


def test_setting_the_same_state_again_writes_nothing(use_case, owner):
    controls.set_control_state(use_case.pk, "C05", State.IN_PROGRESS, by=owner)
    before = len(actions())

    controls.set_control_state(use_case.pk, "C05", State.IN_PROGRESS, by=owner)

    assert len(actions()) == before


def test_evidence_is_graded_by_somebody_else(use_case, owner, unit):
    reviewer = make_person(Role.REVIEWER, unit=unit)
    evidence = controls.record_evidence(use_case.pk, ["C05"], "Seen", by=owner, attestation="Yes")
    with pytest.raises(NotAllowed, match="Somebody else grades"):
        controls.grade_evidence(use_case.pk, evidence.pk, Grade.STRONG, by=owner)

    controls.grade_evidence(use_case.pk, evidence.pk, Grade.STRONG, by=reviewer)

    evidence.refresh_from_db()
    assert (evidence.grade, evidence.graded_by, actions()[-1]) == (Grade.STRONG, reviewer, "evidence.graded")


def test_withdrawn_evidence_counts_no_more(use_case, owner):
    evidence = controls.record_evidence(use_case.pk, ["C05"], "Seen", by=owner, attestation="Yes")
    controls.set_control_state(use_case.pk, "C05", State.MET, by=owner)

    controls.withdraw_evidence(use_case.pk, evidence.pk, by=owner)

    found = line(use_case, "C05")
    assert (found.passes, found.words, actions()[-1]) == (False, "Met, no evidence", "evidence.withdrawn")


def test_the_sheet_sorts_controls_by_the_stage_that_asks_for_them(use_case):
    found = sheet(use_case)

    assert [line.control.id for line in found.required[:4]] == ["C01", "C02", "C03", "C04"]
    assert {line.control.id for line in found.possible} == {"C09", "C20", "C26", "C27", "C28"}
    assert "C05" in {line.control.id for line in found.due_by(Stage.PILOT)}
    assert "C08" not in {line.control.id for line in found.due_by(Stage.PILOT)}
    assert (found.met, found.others) == (0, ())


def test_the_sheet_asks_a_constant_number_of_queries(use_case, owner, django_assert_num_queries):
    for number in range(3):
        controls.record_evidence(use_case.pk, ["C05", "C08"], f"Seen {number}", by=owner, attestation="Yes")
    policy = policy_in_force()

    with django_assert_num_queries(3):
        ControlSheet.of(use_case, policy)


# --- exceptions ------------------------------------------------------------------------------------------------------

WORDS = {"reason": "The tool comes in May.", "compensating": "Samples are checked by hand."}


def soon():
    return clock.today() + timedelta(days=90)


def test_an_exception_excuses_until_its_day(use_case, unit):
    caio = make_person(Role.CAIO, unit=unit)

    exceptions.grant_exception(use_case.pk, control="C08", expires_on=soon(), by=caio, **WORDS)

    assert line(use_case, "C08").is_excused
    with clock.at(clock.now() + timedelta(days=91)):
        late = line(use_case, "C08")
    assert (late.passes, late.words) == (False, "Exception ended")
    assert actions()[-2:] == ["control.set", "exception.granted"]


def test_a_second_exception_renews_the_first(use_case, unit):
    caio = make_person(Role.CAIO, unit=unit)
    first = exceptions.grant_exception(use_case.pk, control="C08", expires_on=soon(), by=caio, **WORDS)

    second = exceptions.grant_exception(use_case.pk, control="C08", expires_on=soon(), by=caio, **WORDS)

    first.refresh_from_db()
    assert (second.renewed_from, bool(first.ended_at)) == (first, True)


def test_ending_an_exception_makes_its_control_due_again(use_case, unit):
    caio = make_person(Role.CAIO, unit=unit)
    exception = exceptions.grant_exception(use_case.pk, control="C08", expires_on=soon(), by=caio, **WORDS)

    exceptions.end_exception(exception.pk, by=caio)

    assert line(use_case, "C08").state == State.IN_PROGRESS
    assert actions()[-1] == "exception.ended"
    with pytest.raises(NotAllowed, match="has ended"):
        exceptions.end_exception(exception.pk, by=caio)


@pytest.mark.parametrize(
    ("role", "facts", "kind", "sentence"),
    [
        (Role.CAIO_OFFICE, {"high_impact": "yes"}, ExceptionKind.ORDINARY, "of this tier"),
        (Role.CAIO_OFFICE, {"personal_data": True}, ExceptionKind.WAIVER, "Waiver|waiver"),
        (Role.OWNER, {"personal_data": True}, ExceptionKind.ORDINARY, "Only the Chief AI Officer"),
        (Role.CAIO, {"social_scoring": True}, ExceptionKind.ORDINARY, "prohibited"),
    ],
)
def test_exceptions_are_granted_by_who_may(unit, role, facts, kind, sentence):
    person = make_person(role, unit=unit)
    use_case = make_use_case(unit=unit, facts=facts)
    tier_use_cases([use_case])

    with pytest.raises(NotAllowed, match=sentence):
        exceptions.grant_exception(use_case.pk, control="C14", expires_on=soon(), kind=kind, by=person, **WORDS)


def test_the_office_excepts_where_it_approves(unit):
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    use_case = make_use_case(unit=unit, facts={"personal_data": True})
    tier_use_cases([use_case])

    exception = exceptions.grant_exception(use_case.pk, control="C14", expires_on=soon(), by=office, **WORDS)

    assert exception.approved_by == office


def test_a_party_grants_itself_nothing(unit):
    caio = make_person(Role.CAIO, unit=unit)
    use_case = make_use_case(unit=unit, owner=caio, facts={"personal_data": True})

    with pytest.raises(NotAllowed, match="party"):
        exceptions.grant_exception(use_case.pk, control="C14", expires_on=soon(), by=caio, **WORDS)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"compensating": " "}, "compensating"),
        ({"control": ""}, "control"),
        ({"requirement": "owner"}, "control"),
        ({"control": "C99"}, "control"),
    ],
)
def test_an_exception_is_from_one_thing_for_a_reason(use_case, unit, wrong, field):
    caio = make_person(Role.CAIO, unit=unit)
    given = {"control": "C08", "expires_on": soon()} | WORDS | wrong

    with pytest.raises(Invalid) as refusal:
        exceptions.grant_exception(use_case.pk, by=caio, **given)

    assert refusal.value.field == field


def test_an_exception_ends_within_a_year(use_case, unit):
    caio = make_person(Role.CAIO, unit=unit)
    late = clock.today() + timedelta(days=366)

    with pytest.raises(NotAllowed, match="within a year"):
        exceptions.grant_exception(use_case.pk, control="C08", expires_on=late, by=caio, **WORDS)
