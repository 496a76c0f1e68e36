"""Waivers under OMB M-25-21: by the Chief AI Officer, for a year, reported and summarised."""

from datetime import timedelta

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import ExceptionKind, PolicyException
from governance.rules.waivers import minimum_practices
from governance.selectors.work import my_work
from governance.services import exceptions
from governance.services.tiering import tier_use_cases
from governance.services.waivers import report_waiver
from governance.waiver_clock import due_on, is_revoked
from portfolio.services import write_facts
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
WORDS = {
    "reason": "Training operators before the flood season would leave the warnings without anybody to send them.",
    "compensating": "Two trained people check every warning.",
    "public_summary": "Operators of the flood warnings are trained after the season and watched until then.",
}


@pytest.fixture
def caio(unit):
    return make_person(Role.CAIO, unit=unit)


@pytest.fixture
def use_case(unit):
    use_case = make_use_case(unit=unit, facts={"high_impact": "yes"})
    tier_use_cases([use_case])
    return use_case


def waive(use_case, by, **changed):
    given = {"control": "C14", "expires_on": clock.today() + timedelta(days=300)} | WORDS | changed
    return exceptions.grant_exception(use_case.pk, by=by, kind=ExceptionKind.WAIVER, **given)


def test_the_seven_practices_can_be_waived():
    assert minimum_practices() == {"C05", "C06", "C07", "C08", "C09", "C13", "C14", "C16", "C17", "C18"}


def test_a_waiver_keeps_what_it_was_granted_on(use_case, caio):
    waiver = waive(use_case, caio)

    use_case.refresh_from_db()
    assert (waiver.public_summary, waiver.material_hash) == (WORDS["public_summary"], use_case.material_hash)
    assert due_on(waiver) == waiver.granted_at.date() + timedelta(days=30)
    assert not waiver.needs_reassessment


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"control": "C12"}, "one of the minimum practices"),
        ({"expires_on": clock.today() + timedelta(days=400)}, "within a year"),
    ],
)
def test_a_waiver_that_is_none_is_refused(use_case, caio, changed, sentence):
    with pytest.raises(NotAllowed, match=sentence):
        waive(use_case, caio, **changed)


@pytest.mark.parametrize(("field", "words"), [("reason", "Too slow."), ("public_summary", " ")])
def test_a_waiver_without_its_words_is_refused_at_the_field(use_case, caio, field, words):
    with pytest.raises(Invalid) as refusal:
        waive(use_case, caio, **{field: words})

    assert refusal.value.field == field


def test_the_office_neither_grants_nor_revokes_a_waiver(use_case, caio, unit):
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    with pytest.raises(NotAllowed, match="Only the Chief AI Officer"):
        waive(use_case, office)
    waiver = waive(use_case, caio)

    with pytest.raises(NotAllowed, match="revokes a waiver"):
        exceptions.end_exception(waiver.pk, by=office)


def test_only_high_impact_use_cases_are_waived(unit, caio):
    harmless = make_use_case(unit=unit, facts={"high_impact": "no", "personal_data": True})
    tier_use_cases([harmless])

    with pytest.raises(NotAllowed, match="determined to be high-impact"):
        waive(harmless, caio)


def test_a_waiver_is_assessed_again_when_the_facts_change(use_case, caio, unit):
    waiver = waive(use_case, caio)
    write_facts(use_case.pk, {"spend_per_year": 5}, by=make_person(Role.CAIO_OFFICE, unit=unit))

    assert PolicyException.objects.select_related("use_case").get(pk=waiver.pk).needs_reassessment


def test_grant_and_revocation_are_reported(use_case, caio):
    waiver = waive(use_case, caio)
    today = clock.today()

    report_waiver(waiver.pk, today, "OMB-1", by=caio)
    exceptions.end_exception(waiver.pk, by=caio)
    waiver.refresh_from_db()
    assert (is_revoked(waiver), due_on(waiver)) == (True, today + timedelta(days=30))
    waiver = report_waiver(waiver.pk, today, "OMB-2", by=caio)

    assert (waiver.report_reference, due_on(waiver)) == ("OMB-1; OMB-2", None)
    assert AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[0] == "waiver.reported"
    with pytest.raises(NotAllowed, match="It is reported"):
        report_waiver(waiver.pk, today, "OMB-3", by=caio)


def test_certifying_again_is_no_revocation(use_case, caio):
    waiver = waive(use_case, caio)
    waive(use_case, caio)

    waiver.refresh_from_db()
    assert waiver.ended_at
    assert not is_revoked(waiver)


@pytest.mark.parametrize("days", [-3, 1])
def test_a_report_of_another_time_is_refused(use_case, caio, days):
    waiver = waive(use_case, caio)

    with pytest.raises(NotAllowed, match="between"):
        report_waiver(waiver.pk, clock.today() + timedelta(days=days), "OMB-1", by=caio)


def test_a_report_says_where_it_is(use_case, caio):
    with pytest.raises(Invalid, match="where the report"):
        report_waiver(waive(use_case, caio).pk, clock.today(), " ", by=caio)


def test_what_is_to_be_reported_is_the_work_of_the_caio(use_case, caio):
    waiver = waive(use_case, caio)

    (entry,) = [entry for entry in my_work(caio) if entry.kind == "Report to OMB"]

    assert (entry.url, entry.due_on) == (f"/waivers/{waiver.pk}/", due_on(waiver))


@pytest.mark.parametrize("rows", [1, 3])
def test_waiver_list_takes_a_constant_number_of_queries(unit, caio, django_assert_max_num_queries, rows):
    for _ in range(rows):
        use_case = make_use_case(unit=unit, facts={"high_impact": "yes"})
        tier_use_cases([use_case])
        waive(use_case, caio)
    client = signed_in(caio)

    with django_assert_max_num_queries(8):
        response = client.get("/waivers/")

    assert len(response.context["rows"]) == rows


def test_waivers_on_their_pages(use_case, caio):
    client = signed_in(caio)
    control = f"/use-cases/{use_case.ref}/controls/C14/"
    day = clock.today() + timedelta(days=300)
    client.post(f"{control}exception/", {"kind": "waiver", "expires_on": day, **WORDS})
    waiver = PolicyException.objects.get()

    page = client.get(f"/waivers/{waiver.pk}/").content.decode()
    refused = client.post(f"/waivers/{waiver.pk}/report/", {"on": clock.today(), "reference": ""})
    client.post(f"/waivers/{waiver.pk}/report/", {"on": clock.today(), "reference": "OMB-1"})

    waiver.refresh_from_db()
    assert WORDS["public_summary"] in page
    assert refused.status_code == 422
    assert waiver.reported_at == clock.today()


def test_waivers_of_others_do_not_exist(use_case, caio):
    waiver = waive(use_case, caio)
    stranger = signed_in(make_person(Role.EXECUTIVE, unit=make_unit()))

    assert stranger.get(f"/waivers/{waiver.pk}/").status_code == 404
