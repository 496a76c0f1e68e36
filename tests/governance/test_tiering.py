import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from governance.models import Tiering
from governance.policy import shipped
from governance.selectors.policies import policy_in_force, version_in_force
from governance.selectors.previews import preview
from governance.services.tiering import tier_everything, tier_use_cases
from portfolio.facts import material_hash
from portfolio.models import UseCase
from portfolio.services import write_facts
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db


def test_writing_a_fact_tiers_the_use_case():
    unit = make_unit()
    owner = make_person(Role.OWNER, unit=unit)
    use_case = make_use_case(unit=unit, owner=owner)

    write_facts(use_case.pk, {"high_impact": "yes"}, by=owner)

    use_case.refresh_from_db()
    tiering = Tiering.objects.get(use_case=use_case)
    assert (use_case.tier, use_case.tier_provisional) == (3, True)
    assert use_case.material_hash == material_hash({"high_impact": "yes"}, shipped().material_facts)
    assert (tiering.tier, tiering.ceiling, tiering.trace["held"]) == (3, 5, ["omb-high-impact"])
    assert (tiering.policy, tiering.provisional, tiering.known) == (version_in_force(), True, True)
    assert AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[0] == "use_case.tiered"


def test_tier_use_cases_without_a_decided_rule_stays_not_yet_known():
    use_case = make_use_case(facts={"purpose": "Something"})

    tier_use_cases([use_case])

    use_case.refresh_from_db()
    tiering = Tiering.objects.get(use_case=use_case)
    assert (use_case.tier, use_case.tier_provisional) == (None, True)
    assert (tiering.tier, tiering.ceiling, tiering.known) == (1, 5, False)


def test_tier_use_cases_again_adds_nothing():
    use_case = make_use_case(facts={"high_impact": "no"})
    tier_use_cases([use_case])
    use_case.refresh_from_db()
    events = AuditEvent.objects.count()

    changed = tier_use_cases([use_case])

    assert changed == 0
    assert (Tiering.objects.count(), AuditEvent.objects.count()) == (1, events)


@pytest.mark.parametrize("rows", [1, 3])
def test_tier_use_cases_takes_a_constant_number_of_statements(django_assert_num_queries, rows):
    unit, requester = make_unit(), make_person()
    use_cases = [make_use_case(unit=unit, requester=requester, facts={"high_impact": "yes"}) for _ in range(rows)]
    policy_in_force()

    with django_assert_num_queries(6 + rows):  # savepoint, release, version, latest, copy, update; an event each
        tier_use_cases(use_cases)


def test_tier_everything_tells_the_trail_once():
    unit, requester = make_unit(), make_person()
    for number in range(51):
        facts = {"high_impact": "yes" if number else "no"}
        make_use_case(unit=unit, requester=requester, stage=Stage.PILOT, facts=facts)

    changed = tier_everything(by=requester)

    event = AuditEvent.objects.get(action="policy.applied")
    assert changed == 51
    assert '"by_tier":{"1":1,"3":50}' in event.payload
    assert UseCase.objects.filter(tier=3).count() == 50


def test_preview_explains_before_anything_is_saved():
    found = preview({"decides_about": ["benefits"], "human_involvement": "none"}, None)

    assert (found.tier, found.ceiling, found.days) == (3, 5, 10)
    assert found.reasons[0].reference == "OMB M-25-21, appendix, section 6(m)"
    assert [step.label for step in found.route] == [
        "Examination: Legal, Security (CISO), Privacy",
        "Council vote",
    ]
    assert "social_scoring" in found.unknown
    assert "C05" in [control.key for control in found.controls]
    assert Tiering.objects.count() == 0


def test_preview_of_what_is_prohibited_has_no_way_to_a_decision():
    found = preview({"social_scoring": True}, None)

    assert (found.tier, found.route, found.days) == (5, (), None)
