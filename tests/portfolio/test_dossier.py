"""The dossier: overview, tabs, edit form, moves, value, people."""

from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from portfolio import ports, services
from portfolio.models import Benefit, CostLine, MoveKind, Part, UseCase
from portfolio.ports import Checklist, Requirement, Standing, UseCaseTab
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(unit):
    return make_person(Role.REQUESTER, unit=unit, name="Olga Owner")


@pytest.fixture
def use_case(unit, owner):
    return make_use_case("Chat for claims", unit=unit, requester=owner, facts={"purpose": "Answers customers."})


@pytest.fixture
def client(owner):
    return signed_in(owner)


@pytest.fixture
def auditor(unit):
    return signed_in(make_person(Role.AUDITOR, unit=unit))


def address(name: str, use_case: UseCase, *args) -> str:
    return reverse(f"portfolio:{name}", args=[use_case.ref, *args])


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_query_count(client, use_case, unit, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_use_case(f"Chat for claims {number}", unit=unit)
        services.name_person(use_case.pk, make_person(), Part.READER, by=use_case.requester)
    client.get(use_case.get_absolute_url())

    with django_assert_max_num_queries(20):
        assert client.get(use_case.get_absolute_url()).status_code == 200


def test_similar_use_cases_come_when_the_dossier_is_read_that_far(client, use_case, unit):
    make_use_case("Chat assistant for claims", unit=unit)
    address_of = address("similar_to_use_case", use_case)

    partial = client.get(address_of, headers={"hx-request": "true", "hx-target": "similar-ones"}).content.decode()

    assert "Chat assistant for claims" in partial
    assert "<html" not in partial
    assert "<html" in client.get(address_of).content.decode()


def test_overview_says_what_it_is_and_where_it_stands(client, use_case):
    response = client.get(use_case.get_absolute_url())

    page, content = response.context["page"], response.content.decode()
    assert [(step.label, step.state) for step in page.steps] == [
        ("Idea", "current"), ("Experiment", "todo"), ("Pilot", "todo"), ("Production", "todo"), ("Retired", "todo"),
    ]  # fmt: skip
    assert page.gate.to == Stage.EXPERIMENT
    assert "Answers customers." in content
    assert response.context["primary"] == ("Finish and submit", address("intake_resume", use_case))


def test_overview_of_what_nobody_knows_anything_of(client, use_case):
    UseCase.objects.filter(pk=use_case.pk).update(facts={})

    content = client.get(use_case.get_absolute_url()).content.decode()

    assert "Nobody has said yet what it is for." in content
    assert "Nothing is known yet" in content


def test_overview_of_an_imported_use_case_without_a_stage(client, unit):
    use_case = make_use_case("Row", unit=unit, source="import", stage=None)

    page = client.get(use_case.get_absolute_url()).context["page"]

    assert ({step.state for step in page.steps}, page.gate.to, page.stuck_for) == ({"todo"}, Stage.IDEA, None)


@pytest.mark.parametrize(("days", "paused", "expected"), [(89, False, None), (100, False, 10), (100, True, None)])
def test_a_use_case_stuck_in_its_stage_is_flagged(client, use_case, days, paused, expected):
    since = clock.now() - timedelta(days=days, hours=1)
    UseCase.objects.filter(pk=use_case.pk).update(stage_since=since, paused_at=clock.now() if paused else None)

    assert client.get(use_case.get_absolute_url()).context["page"].stuck_for == expected


def test_what_a_person_may_not_see_does_not_exist(use_case):
    stranger = signed_in(make_person(Role.OWNER, unit=make_unit()))

    assert {
        stranger.get(address(name, use_case)).status_code
        for name in ("use_case_detail", "edit_use_case", "move_use_case", "intake_resume", "intake_check")
    } == {404}


def test_facts_tell_who_said_what_and_what_was_before(client, use_case, owner):
    services.write_facts(use_case.pk, {"purpose": "Answers staff."}, by=owner)
    services.write_facts(use_case.pk, {"purpose": "Answers all."}, by=owner)

    sections = client.get(address("use_case_tab", use_case, "facts")).context["sections"]

    line = sections[0][2][0]
    assert (line.label, line.value, line.by, [old.value for old in line.earlier]) == (
        "Purpose", "Answers all.", "Olga Owner", ["Answers staff."],
    )  # fmt: skip
    assert "Outputs" in sections[0][3]


def test_history_shows_before_and_after(client, use_case, owner):
    services.write_facts(use_case.pk, {"personal_data": True, "purpose": None}, by=owner)
    services.edit_use_case(use_case.pk, by=owner, title="New title", confidential=True)

    entries = client.get(address("use_case_tab", use_case, "history")).context["page"].entries

    changes = {what: (before, after) for _, _, _, rows in entries for what, before, after in rows}
    assert changes == {
        "Personal data": ("–", "Yes"), "Purpose": ("Answers customers.", "–"),
        "Title": ("Chat for claims", "New title"), "Confidential": ("No", "Yes"),
    }  # fmt: skip


def test_an_empty_history_says_so(client, use_case):
    assert "Nothing has happened yet" in client.get(address("use_case_tab", use_case, "history")).content.decode()


def test_a_tab_of_an_app_above(client, use_case, monkeypatch):
    def tabs(use_case, user):
        return [
            UseCaseTab("extra", "Extra", "components/notice.html", lambda: {"content": "From above", "tone": "info"}, 2)
        ]

    monkeypatch.setattr(ports.use_case_tabs, "providers", [tabs])

    response = client.get(address("use_case_tab", use_case, "extra"))

    assert [(tab.label, tab.count) for tab in response.context["tabs"] if tab.is_current] == [("Extra", 2)]
    assert "From above" in response.content.decode()
    assert client.get(address("use_case_tab", use_case, "colour")).status_code == 404


def test_where_it_stands_is_shown(client, use_case, monkeypatch):
    monkeypatch.setattr(
        ports.standing, "providers", [lambda use_case, user: [Standing("In review", "Day 3 of 10", "info")]]
    )

    assert "Day 3 of 10" in client.get(use_case.get_absolute_url()).content.decode()


def test_edit(client, use_case, unit):
    sponsor = make_person()
    typed = {"title": "New", "unit": unit.pk, "owner": "", "sponsor": sponsor.pk, "confidential": "on", "revision": 1}

    response = client.post(address("edit_use_case", use_case), typed)
    again = client.post(address("edit_use_case", use_case), {**typed, "title": "Newer"})

    use_case.refresh_from_db()
    assert (response.url, use_case.title, use_case.sponsor, use_case.confidential) == (
        use_case.get_absolute_url(), "New", sponsor, True,
    )  # fmt: skip
    assert again.status_code == 422
    assert "Somebody else changed this" in again.content.decode()


def test_edit_with_bad_input_keeps_what_was_typed(client, use_case, unit):
    response = client.post(address("edit_use_case", use_case), {"title": "", "unit": unit.pk, "revision": 1})

    assert (response.status_code, UseCase.objects.get(pk=use_case.pk).title) == (422, "Chat for claims")


def test_others_read_the_form_and_are_refused(auditor, use_case, unit):
    page = auditor.get(address("edit_use_case", use_case))
    refused = auditor.post(address("edit_use_case", use_case), {"title": "Mine", "unit": unit.pk, "revision": 1})

    assert "You can read this, not change it." in page.content.decode()
    assert refused.status_code == 403


def test_people_are_named_and_removed(client, use_case):
    person = make_person()

    client.post(address("name_person", use_case), {"person": person.pk, "part": "reader"})
    named = use_case.people.get()
    client.post(address("remove_person", use_case, named.pk))

    named.refresh_from_db()
    assert (named.user, named.ended_at is not None) == (person, True)


def test_nobody_is_named_without_a_name(client, use_case):
    client.post(address("name_person", use_case), {"person": "", "part": "reader"})

    assert not use_case.people.exists()


def gate_of(met: bool):
    return lambda use_case, to: Checklist(to, (Requirement("tier", "The tier is known", met, "Answer the questions."),))


def moving(use_case_id, to, by, reason):
    services.record_move(use_case_id, to, by=by, kind=MoveKind.RECORDED, reason=reason)


def test_move(client, use_case, monkeypatch):
    monkeypatch.setattr(ports.gate, "providers", [gate_of(True)])
    monkeypatch.setattr(ports.move, "providers", [moving])

    page = client.get(f"{address('move_use_case', use_case)}?to=pilot")
    response = client.post(address("move_use_case", use_case), {"to": "pilot", "reason": "Ready."})

    use_case.refresh_from_db()
    assert "The tier is known" in page.content.decode()
    assert (response.url, use_case.stage) == (use_case.get_absolute_url(), Stage.PILOT)


def test_a_gate_that_is_closed_says_why(client, use_case, monkeypatch):
    def closed(*args):
        raise NotAllowed("The tier is not known yet.")

    monkeypatch.setattr(ports.move, "providers", [closed])

    response = client.post(address("move_use_case", use_case), {"to": "pilot", "reason": "Ready."})

    assert (response.status_code, UseCase.objects.get().stage) == (422, Stage.IDEA)
    assert "The tier is not known yet." in response.content.decode()


@pytest.mark.parametrize(
    "typed", [{"to": "retired", "reason": "x"}, {"to": "pilot", "reason": ""}, {"to": "x", "reason": "x"}]
)
def test_a_move_that_does_not_exist_is_refused(client, use_case, typed, monkeypatch):
    monkeypatch.setattr(ports.move, "providers", [moving])

    assert client.post(address("move_use_case", use_case), typed).status_code == 422


def test_others_do_not_move_it(auditor, use_case, monkeypatch):
    monkeypatch.setattr(ports.move, "providers", [moving])

    assert auditor.post(address("move_use_case", use_case), {"to": "pilot", "reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "typed", "field", "expected"),
    [
        ("pause_use_case", {}, "paused_at", True),
        ("retire_use_case", {"reason": "Replaced."}, "stage", True),
        ("discard_use_case", {}, "voided_at", True),
    ],
)
def test_pause_retire_discard(client, use_case, name, typed, field, expected):
    before = getattr(use_case, field)

    response = client.post(address(name, use_case), typed)

    use_case.refresh_from_db()
    assert response.status_code == 302
    assert (getattr(use_case, field) != before) is expected


def test_resume(client, use_case):
    client.post(address("pause_use_case", use_case))
    client.post(address("resume_use_case", use_case))

    use_case.refresh_from_db()
    assert use_case.paused_at is None


def test_withdraw_asks_governance(client, use_case, monkeypatch):
    asked = []
    monkeypatch.setattr(ports.withdraw, "providers", [lambda *args: asked.append(args) or True])

    client.post(address("withdraw_use_case", use_case), {"reason": "Not needed any more."})

    assert [(args[0], args[2]) for args in asked] == [(use_case.pk, "Not needed any more.")]


@pytest.mark.parametrize("name", ["retire_use_case", "withdraw_use_case"])
@pytest.mark.parametrize("reason", ["", "Too long. " * 201])
def test_an_end_that_is_refused_keeps_what_was_typed(client, use_case, name, reason):
    response = client.post(address(name, use_case), {"reason": reason})

    form = response.context["retire_form" if name == "retire_use_case" else "withdraw_form"]
    assert (response.status_code, form["reason"].value()) == (422, reason)
    assert UseCase.objects.get().stage == Stage.IDEA


@pytest.mark.parametrize("answer", [None, NotAllowed("The council has voted.")])
def test_what_cannot_be_withdrawn_keeps_the_reason(client, use_case, monkeypatch, answer):
    def withdraw(*args):
        if answer:
            raise answer

    monkeypatch.setattr(ports.withdraw, "providers", [withdraw])

    response = client.post(address("withdraw_use_case", use_case), {"reason": "Not needed any more."})

    content = response.content.decode()
    assert response.status_code == 422
    assert str(answer or "Nobody reviews this use case.") in content
    assert "Not needed any more.</textarea>" in content


@pytest.mark.parametrize("page", ["value", "move", "edit"])
def test_readers_get_every_page(auditor, use_case, page):
    names = {"value": ("use_case_tab", "value"), "move": ("move_use_case",), "edit": ("edit_use_case",)}
    name, *args = names[page]

    assert auditor.get(address(name, use_case, *args)).status_code == 200


def test_a_benefit_counts_as_far_as_its_state_allows(client, use_case):
    use_case.cost_lines.create(month="2026-01-01", category="people", kind="actual", amount=1000, currency="EUR")
    for state, figures in [
        ("claimed", {"target": 100}),
        ("baselined", {"baseline": 0, "target": 100}),
        ("measured", {"baseline": 0, "target": 100, "value": 50}),
        ("verified", {"baseline": 0, "target": 100, "value": 70}),
    ]:
        use_case.benefits.create(
            metric=state, uom="EUR", worth=10, currency="EUR", period="once", starts_on="2026-02-01", state=state,
            **figures,
        )  # fmt: skip

    [each] = client.get(address("use_case_tab", use_case, "value")).context["value"].worths

    counted = [(row.number, row.worth.gain, row.worth.cost, float(row.worth.roi)) for row in each.counted]
    assert counted == [(4, 3200, 1000, 2.2), (3, 2200, 1000, 1.2), (2, 1200, 1000, 0.2), (1, 700, 1000, -0.3)]


COST = {"month": "2026-03", "category": "models", "kind": "actual", "amount": "1200.50", "currency": "EUR"}


def test_costs_are_recorded_and_removed(client, use_case):
    client.post(address("record_cost", use_case), COST)
    page = client.get(address("use_case_tab", use_case, "value"))
    [line] = CostLine.objects.all()
    client.post(address("remove_cost", use_case, line.pk))

    assert [each.currency for each in page.context["value"].worths] == ["EUR"]
    assert client.get(address("use_case_tab", use_case, "value")).context["value"].costs == ()


@pytest.mark.parametrize("bad", [{"month": "March"}, {"amount": "-1"}, {"amount": "much"}, {"currency": "XXX"}])
def test_a_bad_cost_comes_back_as_it_was_typed(client, use_case, bad):
    response = client.post(address("record_cost", use_case), {**COST, **bad})

    assert (response.status_code, CostLine.objects.count()) == (422, 0)


BENEFIT = {"metric": "Minutes a case", "uom": "minutes", "period": "month", "state": "claimed", "target": "20"}


def test_benefits_are_stated_changed_and_removed(client, use_case):
    client.post(address("state_benefit", use_case), BENEFIT)
    [benefit] = Benefit.objects.all()
    changed = {
        **BENEFIT,
        "baseline": "30",
        "lower_is_better": "on",
        "worth": "5",
        "currency": "USD",
        "state": "baselined",
    }
    client.post(address("edit_benefit", use_case, benefit.pk), changed)
    [line] = client.get(address("use_case_tab", use_case, "value")).context["value"].benefits
    client.post(address("remove_benefit", use_case, benefit.pk))

    assert (line.improvement, line.money, line.benefit.state) == (10, 50, "baselined")
    assert client.get(address("use_case_tab", use_case, "value")).context["value"].benefits == ()


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"metric": ""}, "metric"),
        ({"state": "measured"}, "baseline"),
        ({"worth": "5"}, "currency"),
        ({"state": "verified"}, "state"),
    ],
)
def test_a_bad_benefit_is_told_at_its_field(client, use_case, bad, field):
    response = client.post(address("state_benefit", use_case), {**BENEFIT, **bad})

    assert (response.status_code, Benefit.objects.count(), list(response.context["form"].errors)) == (422, 0, [field])


def test_what_belongs_to_another_use_case_does_not_exist(client, use_case, unit):
    other = make_use_case(unit=unit)
    benefit = Benefit.objects.create(use_case=other, metric="x", uom="x", period="once")

    assert client.get(address("edit_benefit", use_case, benefit.pk)).status_code == 404


def test_a_copy_begins_with_the_same_answers(unit):
    requester = make_person(Role.REQUESTER, unit=unit)
    facts = {"purpose": "Reads letters.", "personal_data": True, "spend_per_year": 5, "operational_on": "2026-01-01"}
    original = make_use_case("Letters", unit=unit, confidential=False, facts=facts, stage=Stage.PRODUCTION)

    response = signed_in(requester).post(reverse("portfolio:copy_use_case", args=[original.ref]))

    copy = UseCase.objects.get(title="Copy of Letters")
    assert response.url == reverse("portfolio:edit_use_case", args=[copy.ref])
    assert (copy.stage, copy.requester, copy.owner, copy.source) == (Stage.IDEA, requester, None, "intake")
    assert copy.facts == {"purpose": "Reads letters.", "personal_data": True}


def test_only_those_who_register_in_its_unit_copy(unit):
    stranger = make_person(Role.REQUESTER)
    original = make_use_case("Letters", unit=unit)
    UseCase.objects.filter(pk=original.pk).update(owner=stranger)
    client = signed_in(stranger)

    response = client.post(reverse("portfolio:copy_use_case", args=[original.ref]))

    assert (response.status_code, UseCase.objects.count()) == (403, 1)
    assert "Begin a new one like it" not in client.get(original.get_absolute_url()).content.decode()


def test_the_value_page_shows_its_formulas(unit):
    owner = make_person(Role.OWNER, unit=unit)
    use_case = make_use_case(unit=unit, owner=owner)
    CostLine.objects.create(
        use_case=use_case, month="2026-01-01", category="people", kind="actual", amount=1000, currency="USD"
    )
    Benefit.objects.create(
        use_case=use_case, metric="Hours", uom="h", target=3, worth=1000, currency="USD", period="once",
        starts_on="2026-02-01",
    )  # fmt: skip

    page = signed_in(owner).get(reverse("portfolio:use_case_tab", args=[use_case.ref, "value"])).content.decode()

    assert "= ($3,000 − $1,000) ÷ $1,000 = 200%." in page
    assert "never again below zero, February 2026." in page
    assert "counted from January 2026." in page
