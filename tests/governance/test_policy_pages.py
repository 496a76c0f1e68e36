from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.models import PolicyException, PolicyState, PolicyVersion, State
from governance.policy import shipped
from governance.policy.evaluation import evaluator
from governance.selectors.policies import policy_in_force
from governance.services import controls
from portfolio.stages import Stage, rank
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db

HIGH_IMPACT = {"high_impact": "yes"}
DETAIL = f"/policies/{shipped().number}/"


def test_policy_list_shows_versions_and_the_calendar(owner, django_assert_num_queries):
    client = signed_in(owner)

    with django_assert_num_queries(5):  # session, user, roles, notices, versions
        response = client.get("/policies/")

    assert [version.number for version in response.context["versions"]] == [shipped().number]
    assert {day.title for _, day in response.context["calendar"]} >= {"High-risk uses of Annex III: all duties apply"}


def test_drafts_are_for_the_office(unit, owner):
    PolicyVersion.objects.create(number="2027-01", document={}, sha256="0", state=PolicyState.DRAFT)
    office = make_person(Role.CAIO_OFFICE, unit=unit)

    assert signed_in(owner).get("/policies/2027-01/").status_code == 404
    assert len(signed_in(owner).get("/policies/").context["versions"]) == 1
    assert len(signed_in(office).get("/policies/").context["versions"]) == 2


def test_an_unknown_policy_does_not_exist(owner):
    assert signed_in(owner).get("/policies/1999-01/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_policy_detail_counts_what_each_rule_catches(unit, owner, django_assert_num_queries, rows):
    for _ in range(rows):
        make_use_case(unit=unit, owner=owner, facts={"high_impact": "yes"})
    make_use_case(unit=make_unit(), facts={"high_impact": "yes"})
    policy_in_force()
    client = signed_in(owner)

    with django_assert_num_queries(6):  # session, user, roles, notices, version, facts
        response = client.get(DETAIL)

    page = response.context["page"]
    lines = {line.rule.id: line for _, group in page.rules for line in group}
    assert (lines["omb-high-impact"].held, lines["art5-social-scoring"].undecided) == (rows, rows)
    assert page.use_cases == rows
    assert page.rules[0][0].number == 5


def test_policy_detail_says_rules_in_words(owner):
    page = signed_in(owner).get(DETAIL).content.decode()

    assert "Scrapes faces: yes" in page
    assert "EU AI Act, Art. 5(1)(h)" in page
    assert "Exception of Art. 5 authorised: yes" in page


def met(use_case, by, *wanted):
    for control in wanted:
        controls.record_evidence(use_case.pk, [control], "Seen", by=by, attestation="Yes")
        controls.set_control_state(use_case.pk, control, State.MET, by=by)


@pytest.mark.parametrize("rows", [1, 3])
def test_readiness_counts_controls_that_are_met_with_valid_evidence(unit, owner, django_assert_num_queries, rows):
    for _ in range(rows):
        met(make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION), owner, "C05", "C18")
        make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT)
    client = signed_in(owner)

    with django_assert_num_queries(9):  # session, user, roles, notices, units, policy, use cases, exceptions, states
        response = client.get(reverse("governance:readiness"))

    found = response.context["found"]
    assert (found.by_control["C05"].met, found.by_control["C05"].required) == (rows, rows)
    assert (found.by_control["C06"].met, found.by_control["C06"].required) == (0, rows)
    assert "C24" not in found.by_control


def test_readiness_leaves_out_what_does_not_apply(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION)
    reviewer = make_person(Role.REVIEWER, unit=unit)
    controls.set_control_state(use_case.pk, "C17", State.NOT_APPLICABLE, by=reviewer, reason="No public")

    found = signed_in(owner).get("/readiness/").context["found"]

    assert "C17" not in found.by_control
    assert "C05" in found.by_control


def test_readiness_counts_what_is_excepted_as_met(unit, owner):
    use_case = make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION)
    PolicyException.objects.create(
        use_case=use_case, control="C05", reason="x", compensating="y", approved_by=owner, expires_on=clock.today()
    )

    found = signed_in(owner).get("/readiness/").context["found"]
    with clock.at(clock.now() + timedelta(days=1)):
        after = signed_in(owner).get("/readiness/").context["found"]

    assert [found.by_control[name].met for name in ("C05", "C06")] == [1, 0]
    assert after.by_control["C05"].met == 0


@pytest.mark.parametrize(("stage", "counts"), [(Stage.PILOT, True), (Stage.EXPERIMENT, False), (Stage.RETIRED, False)])
def test_readiness_asks_what_is_due_by_the_stage_reached(unit, owner, stage, counts):
    make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=stage)

    found = signed_in(owner).get("/readiness/").context["found"]

    due = {
        control for control, by in evaluator(policy_in_force()).certain_controls(HIGH_IMPACT) if rank(by) <= rank(stage)
    }
    assert set(found.by_control) == (due if counts else set())


def test_readiness_is_narrowed_to_a_unit(unit, owner):
    team = make_unit("Team", parent=unit)
    make_use_case(unit=team, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION)
    make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION)

    client = signed_in(owner)

    assert client.get(f"/readiness/?unit={team.pk}").context["found"].use_cases == 1
    assert client.get(f"/readiness/?unit={unit.pk}").context["found"].use_cases == 2
    assert client.get("/readiness/?unit=nonsense").context["found"].use_cases == 2


def test_framework_detail_shows_items_with_their_controls(unit, owner):
    met(make_use_case(unit=unit, owner=owner, facts=HIGH_IMPACT, stage=Stage.PRODUCTION), owner, "C05")

    response = signed_in(owner).get("/readiness/omb-m-25-21/")

    lines = {line.item.ref: line for line in response.context["lines"]}
    assert (lines["Section 4(b)(ii)"].share.met, lines["Section 4(b)(ii)"].share.required) == (1, 3)


def test_an_unknown_framework_does_not_exist(owner):
    assert signed_in(owner).get("/readiness/astrology/").status_code == 404


@pytest.mark.parametrize("framework", ["eu-ai-act", "colorado-sb-24-205", "nist-ai-rmf", "owasp"])
def test_every_kind_of_framework_has_its_page(owner, framework):
    assert signed_in(owner).get(f"/readiness/{framework}/").status_code == 200
