"""Each act: the change, the trail, and what the apps above are told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import Invalid, NotAllowed
from portfolio import ports, services
from portfolio.intake.questionnaire import load
from portfolio.models import Benefit, BenefitState, FactChange, MoveKind, Part, Period, Source, StageMove, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def use_case(unit, requester):
    return make_use_case(unit=unit, requester=requester)


@pytest.fixture
def told(monkeypatch):
    """What the ports were told, by name, instead of the apps above."""
    heard: list[tuple] = []
    for port in (ports.facts_changed, ports.submitted):
        monkeypatch.setattr(port, "providers", [lambda *args, name=port.name: heard.append((name, *args))])
    return heard


def actions() -> list[str]:
    return list(
        AuditEvent.objects.filter(subject_type="portfolio.usecase").order_by("pk").values_list("action", flat=True)
    )


def complete_facts() -> dict:
    """The shortest complete answer to the shipped questionnaire."""
    facts = {"purpose": "x", "outputs": "x", "expected_benefit": "x", "technique": ["rules"], "approach": "build"}
    facts |= {
        "affected_people": ["none"],
        "decides_about": ["none"],
        "human_involvement": "decides",
        "autonomy": "none",
    }
    facts |= {"spend_per_year": 1000}
    for section in load().sections:
        facts |= {name: value for name, value in section.rest_of(facts).items() if name not in facts}
    return facts | load().implied({}, facts)


def test_register_use_case(unit, requester, told):
    with clock.at(clock.now().replace(year=2031)):
        use_case = services.register_use_case("  Chat  for claims ", unit.pk, by=requester, facts={"purpose": "x"})

    assert (use_case.ref, use_case.title, use_case.stage) == ("UC-2031-0001", "Chat for claims", Stage.IDEA)
    assert (use_case.source, use_case.requester, use_case.stage_since.year) == (Source.INTAKE, requester, 2031)
    assert actions() == ["use_case.registered"]
    assert list(use_case.moves.values_list("before", "after", "kind")) == [(None, "idea", "recorded")]
    assert list(use_case.fact_changes.values_list("fact", "value", "source", "by")) == [
        ("purpose", "x", "answer", requester.pk)
    ]
    assert told == [("facts_changed", [use_case], requester)]


def test_register_what_runs_already_is_a_declaration(unit, requester):
    use_case = services.register_use_case("Runs since May", unit.pk, by=requester, stage=Stage.PRODUCTION)

    assert (use_case.stage, use_case.source, use_case.moves.get().kind) == ("production", "declaration", "recorded")


@pytest.mark.parametrize(("title", "stage"), [("  ", Stage.IDEA), ("Over", Stage.RETIRED)])
def test_register_refuses_bad_input(unit, requester, title, stage):
    with pytest.raises(Invalid):
        services.register_use_case(title, unit.pk, by=requester, stage=stage)

    assert not UseCase.objects.exists()


def test_register_in_a_unit_of_others_is_refused(requester):
    with pytest.raises(NotAllowed, match="You hold no role that registers"):
        services.register_use_case("Mine", make_unit().pk, by=requester)


def test_write_facts(use_case, requester, told):
    services.write_facts(use_case.pk, {"purpose": "a", "personal_data": True}, by=requester)
    after = services.write_facts(use_case.pk, {"purpose": "b", "personal_data": True}, by=requester)

    assert (after.facts, after.revision) == ({"purpose": "b", "personal_data": True}, 3)
    assert list(FactChange.objects.order_by("pk").values_list("fact", "value")) == [
        ("purpose", "a"), ("personal_data", True), ("purpose", "b"),
    ]  # fmt: skip
    assert actions() == ["use_case.facts_written"] * 2
    assert [name for name, *_ in told] == ["facts_changed"] * 2


def test_write_facts_none_makes_a_fact_unknown_again(use_case, requester):
    services.write_facts(use_case.pk, {"purpose": "a"}, by=requester)

    after = services.write_facts(use_case.pk, {"purpose": None}, by=requester)

    assert after.facts == {}
    assert FactChange.objects.last().value is None


def test_write_facts_that_are_the_same_leaves_no_trace(use_case, requester, told):
    services.write_facts(use_case.pk, {"purpose": None}, by=requester)

    assert (FactChange.objects.count(), actions(), told) == (0, [], [])


def test_write_facts_over_what_somebody_else_wrote_is_refused(use_case, requester):
    services.write_facts(use_case.pk, {"purpose": "theirs"}, by=requester)

    with pytest.raises(Invalid, match="Somebody else changed this"):
        services.write_facts(use_case.pk, {"purpose": "mine"}, by=requester, seen={"purpose": None, "outputs": None})
    beside = services.write_facts(
        use_case.pk, {"outputs": "mine"}, by=requester, seen={"purpose": None, "outputs": None}
    )

    assert beside.facts == {"purpose": "theirs", "outputs": "mine"}


@pytest.mark.parametrize("changes", [{"stage": Stage.RETIRED}, {"voided_at": clock.now()}])
def test_write_facts_of_what_has_ended_is_refused(use_case, requester, changes):
    UseCase.objects.filter(pk=use_case.pk).update(**changes)

    with pytest.raises(NotAllowed):
        services.write_facts(use_case.pk, {"purpose": "a"}, by=requester)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EXECUTIVE, Role.REVIEWER, Role.COUNCIL_MEMBER])
def test_others_do_not_write_facts(use_case, unit, role):
    with pytest.raises(NotAllowed, match="Only its requester, owner, sponsor"):
        services.write_facts(use_case.pk, {"purpose": "a"}, by=make_person(role, unit=unit))


@pytest.mark.parametrize("role", [Role.CAIO, Role.CAIO_OFFICE, Role.OWNER])
def test_the_office_and_owners_of_the_unit_write_facts(use_case, unit, role):
    after = services.write_facts(use_case.pk, {"purpose": "a"}, by=make_person(role, unit=unit))

    assert after.facts == {"purpose": "a"}


def test_answer_questions_takes_back_pointless_answers(use_case, requester):
    services.answer_questions(use_case.pk, {"personal_data": True, "special_categories": True}, by=requester)

    after = services.answer_questions(use_case.pk, {"personal_data": False}, by=requester).use_case

    assert after.facts == {
        "personal_data": False, "special_categories": False, "demographic_attributes": ["none"],
        "profiles_people": False,
    }  # fmt: skip
    assert set(FactChange.objects.filter(source="system").values_list("fact", "by")) == {
        ("special_categories", None), ("demographic_attributes", None), ("profiles_people", None)
    }  # fmt: skip


def test_answer_questions_asks_again_what_an_earlier_answer_implied(use_case, requester):
    services.answer_questions(use_case.pk, {"personal_data": False}, by=requester)

    after = services.answer_questions(use_case.pk, {"personal_data": True}, by=requester).use_case

    assert after.facts == {"personal_data": True}


def test_the_shortest_complete_answer_leaves_no_doubt_about_the_tier(use_case, requester):
    after = services.answer_questions(use_case.pk, complete_facts(), by=requester).use_case

    assert (after.tier, after.tier_provisional) == (1, False)


def test_edit_use_case(use_case, requester, unit):
    owner = make_person()

    after = services.edit_use_case(use_case.pk, by=requester, revision=1, title="New", owner=owner, unit=unit)

    assert (after.title, after.owner, after.revision, actions()) == ("New", owner, 2, ["use_case.edited"])
    with pytest.raises(Invalid, match="Somebody else changed this"):
        services.edit_use_case(use_case.pk, by=requester, revision=1, title="Newer")


def test_edit_use_case_into_a_unit_of_others_is_refused(use_case, requester):
    with pytest.raises(NotAllowed, match="You hold no role"):
        services.edit_use_case(use_case.pk, by=requester, unit=make_unit())


def test_submit_use_case(use_case, requester, told):
    UseCase.objects.filter(pk=use_case.pk).update(facts=complete_facts())

    first = services.submit_use_case(use_case.pk, by=requester)
    second = services.submit_use_case(use_case.pk, by=requester)

    assert (first.number, second.number, first.questionnaire.number) == (1, 2, "2026-11")
    assert (first.facts, first.facts_hash) == (complete_facts(), sha256(canonical_json(complete_facts())))
    assert actions() == ["use_case.submitted"] * 2
    assert told == [("submitted", first, requester), ("submitted", second, requester)]


def test_submit_an_unfinished_use_case_is_refused(use_case, requester):
    UseCase.objects.filter(pk=use_case.pk).update(facts={**complete_facts(), "purpose": None})

    with pytest.raises(NotAllowed, match="1 needed question is not answered"):
        services.submit_use_case(use_case.pk, by=requester)


def test_record_move(use_case, requester):
    then = clock.now() - timedelta(days=40)

    move = services.record_move(use_case.pk, Stage.PILOT, by=requester, kind=MoveKind.RECORDED, moved_at=then)

    use_case.refresh_from_db()
    assert (use_case.stage, use_case.stage_since, move.before, move.after) == ("pilot", then, "idea", "pilot")
    assert AuditEvent.objects.get(action="use_case.moved").occurred_at == then
    with pytest.raises(Invalid, match="in pilot already"):
        services.record_move(use_case.pk, Stage.PILOT, by=requester, kind=MoveKind.RECORDED)


def test_pause_and_resume(use_case, requester):
    paused = services.pause_use_case(use_case.pk, by=requester, reason="No data yet")

    assert paused.paused_at
    with pytest.raises(NotAllowed, match="paused already"):
        services.pause_use_case(use_case.pk, by=requester)

    assert services.resume_use_case(use_case.pk, by=requester).paused_at is None
    assert actions() == ["use_case.paused", "use_case.resumed"]


def test_retire_use_case_is_final(use_case, requester):
    retired = services.retire_use_case(use_case.pk, by=requester, reason="Replaced")

    assert (retired.stage, StageMove.objects.get().kind, actions()) == ("retired", "recorded", ["use_case.retired"])
    with pytest.raises(NotAllowed, match="not changed any more"):
        services.retire_use_case(use_case.pk, by=requester, reason="Again")


def test_retire_without_a_reason_is_refused(use_case, requester):
    with pytest.raises(Invalid, match="why"):
        services.retire_use_case(use_case.pk, by=requester, reason=" ")


def test_discard_use_case(use_case, requester):
    services.discard_use_case(use_case.pk, by=requester)

    assert not UseCase.objects.active().exists()
    assert actions() == ["use_case.discarded"]


def test_discard_what_was_submitted_is_refused(use_case, requester):
    UseCase.objects.filter(pk=use_case.pk).update(facts=complete_facts())
    services.submit_use_case(use_case.pk, by=requester)

    with pytest.raises(NotAllowed, match="retire it instead"):
        services.discard_use_case(use_case.pk, by=requester)


def test_name_person_lets_them_see_a_confidential_use_case(use_case, requester):
    UseCase.objects.filter(pk=use_case.pk).update(confidential=True)
    reader = make_person()

    named = services.name_person(use_case.pk, reader, Part.READER, by=requester)
    services.name_person(use_case.pk, reader, Part.READER, by=requester)

    assert list(UseCase.objects.visible_to(reader)) == [use_case]
    services.remove_person(named.pk, by=requester)
    assert not UseCase.objects.visible_to(reader).exists()
    assert actions() == ["use_case.person_named", "use_case.person_removed"]


def test_contributors_write_facts_readers_do_not(use_case, requester):
    contributor, reader = make_person(), make_person()
    services.name_person(use_case.pk, contributor, Part.CONTRIBUTOR, by=requester)
    services.name_person(use_case.pk, reader, Part.READER, by=requester)

    assert services.write_facts(use_case.pk, {"purpose": "a"}, by=contributor).facts == {"purpose": "a"}
    with pytest.raises(NotAllowed):
        services.write_facts(use_case.pk, {"purpose": "b"}, by=reader)


def test_record_and_remove_cost(use_case, requester):
    line = services.record_cost(
        use_case.pk,
        by=requester,
        month=date(2026, 3, 17),
        category="models",
        kind="actual",
        amount=Decimal(9),
        currency="EUR",
    )

    assert line.month == date(2026, 3, 1)
    assert services.remove_cost(line.pk, by=requester).voided_at
    assert actions() == ["use_case.cost_recorded", "use_case.cost_removed"]


def benefit(**fields) -> Benefit:
    return Benefit(**{"metric": "Minutes a case", "uom": "minutes", "period": Period.MONTH, **fields})


def test_state_benefit_up_to_verified(use_case, requester, unit):
    claimed = services.state_benefit(use_case.pk, benefit(target=20), by=requester)
    claimed.state, claimed.baseline, claimed.value = BenefitState.MEASURED, Decimal(30), Decimal(21)
    claimed.sample, claimed.method = 120, "All cases of May."
    services.state_benefit(use_case.pk, claimed, by=requester)
    claimed.state = BenefitState.VERIFIED

    with pytest.raises(NotAllowed, match="somebody else verifies"):
        services.state_benefit(use_case.pk, claimed, by=requester)
    finance = make_person(Role.REVIEWER, unit=unit, function="finance")
    assert services.state_benefit(use_case.pk, claimed, by=finance).verified_by == finance
    assert actions() == ["use_case.benefit_stated"] * 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"state": "baselined"}, "baseline"), ({"state": "measured", "baseline": 1}, "value"), ({"worth": 1}, "currency")],
)
def test_state_benefit_without_its_figures_is_refused(use_case, requester, fields, field):
    with pytest.raises(Invalid) as refusal:
        services.state_benefit(use_case.pk, benefit(**fields), by=requester)

    assert refusal.value.field == field
