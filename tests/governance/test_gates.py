from datetime import timedelta

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from governance.checks import check_gates
from governance.gates import gate
from governance.models import State
from governance.services import controls, exceptions, risks
from governance.services.tiering import tier_use_cases
from portfolio.stages import Stage
from tests.factories import make_person, make_use_case, signed_in
from tests.governance.test_policy import HARMLESS

pytestmark = pytest.mark.django_db

SERIOUS = HARMLESS | {"high_impact": "yes", "personal_data": True, "approach": "build"}


def tiered(unit, owner, facts):
    use_case = make_use_case(unit=unit, owner=owner, facts=facts)
    tier_use_cases([use_case])
    return use_case


def lines(use_case, to):
    return {line.key: line for line in gate(use_case, to).requirements}


def test_the_gate_to_an_experiment_wants_an_owner_and_a_tier(unit):
    use_case = tiered(unit, None, {})

    found = lines(use_case, Stage.EXPERIMENT)

    assert {key: line.why for key, line in found.items()} == {
        "owner": "It has no owner.",
        "tier": "Its tier is not yet known.",
    }


def test_the_gate_to_an_experiment_of_a_small_thing_is_open(unit, owner):
    use_case = tiered(unit, owner, HARMLESS)

    assert gate(use_case, Stage.EXPERIMENT).passed


def test_the_gate_to_a_pilot_wants_a_final_tier(unit, owner):
    use_case = tiered(unit, owner, {"high_impact": "no"})

    assert lines(use_case, Stage.EXPERIMENT)["tier"].met
    assert lines(use_case, Stage.PILOT)["tier"].why == "Unknown facts could still raise its tier."


def test_the_gate_of_what_is_prohibited_never_opens(unit, owner):
    use_case = tiered(unit, owner, {"social_scoring": True})

    found = gate(use_case, Stage.EXPERIMENT)

    assert (found.passed, found.requirements[-1].why) == (False, "Its tier is prohibited.")


def test_the_gate_to_a_pilot_lists_approval_and_controls(unit, owner):
    use_case = tiered(unit, owner, SERIOUS)

    found = lines(use_case, Stage.PILOT)

    assert found["approval"].why == "Nobody has approved it yet."
    assert found["control-C05"].why == "C05 Impact assessment: not started."
    assert "control-C08" not in found
    assert "risk" not in found


def test_the_gate_to_production_asks_for_what_earlier_gates_asked(unit, owner):
    use_case = tiered(unit, owner, SERIOUS)

    found = lines(use_case, Stage.PRODUCTION)

    assert {"control-C05", "control-C08", "risk", "approval"} <= found.keys()
    assert "control-C24" not in found


def test_a_met_control_opens_its_line(unit, owner):
    use_case = tiered(unit, owner, SERIOUS)
    controls.record_evidence(use_case.pk, ["C05"], "Assessment", by=owner, attestation="Done")
    controls.set_control_state(use_case.pk, "C05", State.MET, by=owner)

    assert lines(use_case, Stage.PILOT)["control-C05"].met


def test_an_exception_from_a_requirement_opens_its_line_and_says_until_when(unit, owner):
    use_case = tiered(unit, owner, SERIOUS)
    caio, until = make_person(Role.CAIO, unit=unit), clock.today() + timedelta(days=30)
    exceptions.grant_exception(
        use_case.pk, requirement="tier", expires_on=until, reason="x", compensating="y", by=caio
    )  # fmt: skip
    exceptions.grant_exception(
        use_case.pk, requirement="approval", expires_on=until, reason="x", compensating="y", by=caio
    )

    found = lines(use_case, Stage.PILOT)["approval"]

    assert (found.met, found.why) == (True, f"Excepted until {until:%-d %B %Y}.")


def test_a_risk_above_the_appetite_closes_production_until_it_is_accepted(unit, owner):
    use_case = tiered(unit, owner, SERIOUS)
    scores = {"likelihood": 3, "impact": 4, "residual_likelihood": 3, "residual_impact": 4}
    risk = risks.record_risk(use_case.pk, "It fails", by=owner, owner=owner, **scores)
    before = lines(use_case, Stage.PRODUCTION)["risk"]

    caio = make_person(Role.CAIO, unit=unit)
    risks.accept_risk(risk.pk, by=caio, until=clock.today() + timedelta(days=30), reason="Worth it")

    assert (before.met, before.why) == (False, "1 above 8 and not accepted.")
    assert lines(use_case, Stage.PRODUCTION)["risk"].met


def test_the_gate_asks_a_constant_number_of_queries(unit, owner, django_assert_num_queries):
    use_case = tiered(unit, owner, SERIOUS)
    controls.record_evidence(use_case.pk, ["C05", "C08"], "Assessment", by=owner, attestation="Done")

    with django_assert_num_queries(8):  # policy, excuses, approval, open review, states, evidence, exceptions, risks
        gate(use_case, Stage.PRODUCTION)


def test_every_blocker_leads_to_where_it_is_put_right(unit, owner):
    unknown, serious = tiered(unit, None, {}), tiered(unit, owner, SERIOUS)
    risks.record_risk(serious.pk, "Wrong figures", by=owner, owner=owner, likelihood=5, impact=5,
                      residual_likelihood=5, residual_impact=5)  # fmt: skip

    blockers = [line for each in (unknown, serious) for line in lines(each, Stage.PRODUCTION).values() if not line.met]

    assert {line.key for line in blockers} >= {"owner", "tier", "approval", "risk"}
    assert [line.key for line in blockers if not line.url] == []
    assert [line.key for line in blockers if not line.exception_url] == []


def test_the_office_excuses_from_a_requirement_until_a_day(unit, owner):
    caio = make_person(Role.CAIO, unit=unit)
    use_case = tiered(unit, None, HARMLESS)
    url, client = lines(use_case, Stage.EXPERIMENT)["owner"].exception_url, signed_in(caio)
    given = {"kind": "ordinary", "reason": "She left.", "compensating": "Her manager answers.",
             "expires_on": clock.today() + timedelta(days=30)}  # fmt: skip

    page = client.get(url)
    refused = client.post(url, given | {"expires_on": clock.today() + timedelta(days=3000)})
    granted = client.post(url, given)

    line = lines(use_case, Stage.EXPERIMENT)["owner"]
    assert (page.status_code, refused.status_code, granted.status_code) == (200, 403, 302)
    assert (line.met, line.why.startswith("Excepted until")) == (True, True)
    assert client.get(url.replace("owner", "allowed")).status_code == 404


# --- requirements of the office's own ---------------------------------------------------------------------------

OWN = """
[[requirements]]
key = "sponsor"
check = "person"
part = "sponsor"
text = "Somebody pays for the {stage}"
from = "pilot"
of_tier = 3

[[requirements]]
key = "purpose"
check = "fact"
fact = "purpose"
text = "It says what it is for"
from = "experiment"
excusable = true

[[requirements]]
key = "named_vendor"
check = "fact"
fact = "vendor_product"
text = "Whoever buys says what"
from = "experiment"
if = { fact = "approach", is = "buy" }

[[requirements]]
key = "humans"
check = "condition"
holds = { fact = "personal_data", is = false }
text = "It works without personal data"
from = "production"

[[requirements]]
key = "worth_it"
check = "benefit"
state = "baselined"
text = "Somebody took a baseline"
from = "production"

[[requirements]]
key = "priced"
check = "cost"
text = "It is known what it costs"
from = "production"
"""


@pytest.fixture
def own_gates(settings, tmp_path):
    def ask(text):
        file = tmp_path / f"{abs(hash(text))}.toml"
        file.write_text(text)
        settings.GATES_FILE = str(file)

    return ask


@pytest.mark.parametrize(
    ("facts", "to", "unmet"),
    [
        ({}, Stage.EXPERIMENT, {"purpose", "named_vendor"}),  # how it is made is not known: it may be bought
        ({"approach": "build"}, Stage.EXPERIMENT, {"purpose"}),
        (HARMLESS | {"purpose": "Letters", "approach": "build"}, Stage.PILOT, set()),
        (SERIOUS | {"purpose": "Letters"}, Stage.PILOT, {"sponsor"}),
        (SERIOUS | {"purpose": "Letters"}, Stage.PRODUCTION, {"sponsor", "humans", "worth_it", "priced"}),
    ],
)
def test_an_office_asks_for_what_it_wants(unit, owner, own_gates, facts, to, unmet):
    own_gates(OWN)
    use_case = tiered(unit, owner, facts)

    assert {key for key, line in lines(use_case, to).items() if not line.met} == unmet


def test_an_own_line_is_worded_for_its_stage_and_leads_to_its_place(unit, owner, own_gates):
    own_gates(OWN)
    use_case = tiered(unit, owner, SERIOUS | {"purpose": "Letters"})

    found = lines(use_case, Stage.PRODUCTION)

    assert found["sponsor"].text == "Somebody pays for the production"
    assert found["humans"].why.startswith("Not so: ")
    assert (found["priced"].why, found["priced"].url) == ("No cost is stated.", f"/use-cases/{use_case.ref}/value/")


def test_an_exception_is_from_a_line_that_allows_it(unit, owner, own_gates):
    own_gates(OWN)
    caio = make_person(Role.CAIO, unit=unit)
    use_case, given = tiered(unit, owner, {"approach": "build"}), {"reason": "r", "compensating": "c"}
    until = clock.today() + timedelta(days=30)

    exception = exceptions.grant_exception(use_case.pk, requirement="purpose", by=caio, expires_on=until, **given)
    with pytest.raises(Invalid, match="Nothing excuses from that"):
        exceptions.grant_exception(use_case.pk, requirement="sponsor", by=caio, expires_on=until, **given)

    assert lines(use_case, Stage.EXPERIMENT)["purpose"].met
    own_gates("requirements = []")
    assert gate(use_case, Stage.PRODUCTION).requirements == ()
    assert exceptions.end_exception(exception.pk, by=caio).ended_at  # though nothing asks for it any more


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ('key = "humans"', 'key = "purpose"', "more than one line is called purpose"),
        ('from = "experiment"', 'from = "idea"', "no gate leads to idea"),
        ('fact = "purpose"', 'fact = "colour"', "colour is not the name of a fact"),
        ('check = "cost"', 'check = "luck"', "luck"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_the_portal_starts(own_gates, before, after, mistake):
    own_gates(OWN.replace(before, after, 1))

    [error] = check_gates()

    assert mistake in error.msg
