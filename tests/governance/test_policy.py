import random
import time

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from caio_portal.common.errors import Invalid
from governance.checks import check_policies
from governance.policy import SHIPPED, evaluate, load, shipped
from governance.policy.evaluation import Evaluator
from governance.policy.files import parse
from portfolio.conditions import fact_names
from portfolio.facts import CATALOGUE, parse_all
from tests.portfolio.fact_strategies import facts_of_all_kinds

POLICE = {
    "biometric_use": ["identification"],
    "biometric_in_public": True,
    "biometric_real_time": True,
    "law_enforcement_use": True,
}
EXEMPT = {"narrow_procedural_task": True, "profiles_people": False}
# Every answer that a thorough screen of a harmless use gives.
HARMLESS = {
    "technique": ["classical_ml"], "personal_data": False, "special_categories": False,
    "demographic_attributes": ["none"], "affected_people": ["none"], "decides_about": ["none"],
    "principal_basis": False, "human_involvement": "decides", "autonomy": "none", "biometric_use": ["none"],
    "biometric_in_public": False, "biometric_real_time": False, "law_enforcement_use": False,
    "art5_exception_authorised": False, "profiles_people": False, "narrow_procedural_task": True,
    "manipulative_technique": False, "exploits_vulnerability": False, "social_scoring": False,
    "predicts_crime_from_profile": False, "scrapes_faces": False, "safety_component": False,
    "critical_infrastructure": False, "presumed_use": ["none"], "intimate_imagery": False,
    "generates_content": False, "talks_to_people": False, "high_impact": "no",
    "spend_per_year": 2_000, "widens_data_access": False, "eu_role": "neither",
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "tier", "reference"),
    [
        (POLICE, 5, "EU AI Act, Art. 5(1)(h)"),
        (POLICE | {"art5_exception_authorised": False}, 5, "EU AI Act, Art. 5(1)(h)"),
        (POLICE | {"art5_exception_authorised": True}, 4, "EU AI Act, Annex III(1)(a) and Art. 26(10)"),
        (POLICE | {"biometric_real_time": False}, 4, "EU AI Act, Annex III(1)(a) and Art. 26(10)"),
        (POLICE | {"law_enforcement_use": False}, 3, "OMB M-25-21, appendix, section 6(l)"),
        ({"biometric_use": ["identification"]}, 3, "EU AI Act, Annex III(1)"),
        ({"biometric_use": ["verification"]}, 2, "EU AI Act, Annex III(1)(a), exception"),
        ({"manipulative_technique": True}, 5, "EU AI Act, Art. 5(1)(a)"),
        ({"exploits_vulnerability": True}, 5, "EU AI Act, Art. 5(1)(b)"),
        ({"social_scoring": True}, 5, "EU AI Act, Art. 5(1)(c)"),
        ({"predicts_crime_from_profile": True}, 5, "EU AI Act, Art. 5(1)(d)"),
        ({"scrapes_faces": True}, 5, "EU AI Act, Art. 5(1)(e)"),
        ({"biometric_use": ["emotion"], "affected_people": ["employees"]}, 5, "EU AI Act, Art. 5(1)(f)"),
        (
            {"biometric_use": ["emotion"], "affected_people": ["employees"], "safety_component": True},
            3,
            "EU AI Act, Art. 6(1) and Annex I",
        ),
        ({"biometric_use": ["emotion"], "affected_people": ["customers"]}, 3, "EU AI Act, Annex III(1)"),
        ({"biometric_use": ["categorisation"], "special_categories": True}, 5, "EU AI Act, Art. 5(1)(g)"),
        (
            {"decides_about": ["benefits"], "human_involvement": "none"},
            3,
            "OMB M-25-21, appendix, section 6(m)",
        ),
        ({"decides_about": ["justice"], "human_involvement": "none"}, 4, "EU AI Act, Annex III(6) to (8) and Art. 14"),
        ({"decides_about": ["credit"]}, 3, "EU AI Act, Annex III(5)(b) and Art. 6(3)"),
        ({"decides_about": ["housing"]}, 3, "OMB M-25-21, appendix, section 5(2)"),
        ({"decides_about": ["employment"]} | EXEMPT, 3, "OMB M-25-21, appendix, section 6(n)"),
        ({"decides_about": ["education"], "narrow_procedural_task": True, "profiles_people": True}, 3,
         "EU AI Act, Annex III(3) and Art. 6(3)"),
        ({"decides_about": ["education"], "principal_basis": True} | EXEMPT, 3,
         "OMB M-25-21, appendix, section 5(1) and (2)"),
        ({"safety_component": True, "principal_basis": True, "autonomy": "acts_alone"}, 4,
         "EU AI Act, Annex III(2) and Art. 14; OMB M-25-21, section 6(a)"),
        ({"critical_infrastructure": True, "safety_component": True}, 3, "OMB M-25-21, appendix, section 6(a)"),
        ({"autonomy": "acts_alone"}, 3, "NIST AI RMF, MANAGE 2.4"),
        ({"high_impact": "yes"}, 3, "OMB M-25-21, appendix, section 5"),
        ({"high_impact": "presumed_not"}, 2, "OMB M-25-21, appendix, section 6"),
        ({"high_impact": "presumed_not", "decides_about": ["benefits"]} | EXEMPT, 2,
         "OMB M-25-21, appendix, section 6"),
        ({"high_impact": "no"}, 1, "OMB M-25-21, appendix, section 5"),
        ({"talks_to_people": True}, 2, "EU AI Act, Art. 50(1)"),
        ({"generates_content": True}, 2, "EU AI Act, Art. 50(2) and (4)"),
        ({"technique": ["generative"]}, 2, "NIST AI 600-1"),
        ({"special_categories": True, "profiles_people": True}, 3,
         "EU AI Act, Art. 10(5) and 27; NIST AI RMF, MEASURE 2.10"),
        ({"personal_data": True}, 2, "NIST AI RMF, MEASURE 2.10"),
        ({"spend_per_year": 1_000_000}, 2, "ISO/IEC 42001, A.4.2"),
    ],
)  # fmt: skip
def test_evaluate_names_the_gravest_rule(facts, tier, reference):
    found = evaluate(shipped(), facts)

    assert (found.tier, found.trace.held[0].rule.reference) == (tier, reference)


# What a keyword scorer reads, beside the facts that were answered: the words must move nothing.
SENTENCES = [
    ("Helps officers find missing people.", POLICE, 5),  # public, in real time, by police: harmless words
    ("Helps officers find missing people.", POLICE | {"art5_exception_authorised": True}, 4),
    ("Speeds up the paperwork of the office.", {"decides_about": ["benefits"], "human_involvement": "none"}, 3),
    ("It does not use biometrics, and no face recognition by police.", HARMLESS, 1),
]


@pytest.mark.parametrize(("words", "facts", "tier"), SENTENCES)
def test_sentences_that_fool_keyword_scorers_are_tiered_from_their_facts(words, facts, tier):
    found = evaluate(shipped(), facts | {"purpose": words, "outputs": words, "expected_benefit": words})

    assert found.tier >= tier if tier == 3 else found.tier == tier


def test_evaluate_without_facts_is_not_yet_known():
    found = evaluate(shipped(), {})

    assert (found.shown_tier, found.ceiling, found.provisional) == (None, 5, True)


def test_evaluate_without_a_determination_is_provisional_and_never_minimal():
    found = evaluate(shipped(), {"purpose": "Answer questions", "personal_data": False})

    assert found.provisional
    assert found.shown_tier != 1


def test_evaluate_of_a_full_screen_is_final():
    found = evaluate(shipped(), HARMLESS)

    assert (found.shown_tier, found.ceiling, found.provisional, found.days) == (1, 1, False, 0)


def test_evaluate_does_not_read_free_text():
    words = "It does not use biometrics, no face recognition, no social scoring, no law enforcement."

    found = evaluate(shipped(), HARMLESS | {"purpose": words, "outputs": words})

    assert found.shown_tier == 1


def test_evaluate_tells_what_is_missing():
    found = evaluate(shipped(), {"biometric_use": ["identification"], "biometric_in_public": True})
    entry = next(entry for entry in found.trace.undecided if entry.rule.id == "art5-remote-identification")

    assert entry.missing == ("biometric_real_time", "law_enforcement_use")


def test_evaluate_tells_which_exceptions_apply():
    found = evaluate(shipped(), {"decides_about": ["credit"]} | EXEMPT)

    assert [entry.rule.id for entry in found.trace.not_held if entry.exempted] == ["annex3-credit"]


@pytest.mark.parametrize(
    ("facts", "control", "by"),
    [
        ({"high_impact": "presumed_not"}, "C25", "pilot"),
        ({"high_impact": "yes"}, "C05", "pilot"),
        ({"high_impact": "yes"}, "C08", "production"),
        ({"talks_to_people": True}, "C15", "pilot"),
        ({"decides_about": ["credit"]} | EXEMPT, "C27", "pilot"),
    ],
)
def test_evaluate_requires_controls_by_a_stage(facts, control, by):
    required = {one.control.id: one for one in evaluate(shipped(), facts).controls}

    assert (required[control].by, required[control].certain) == (by, True)


def test_evaluate_marks_controls_that_depend_on_an_unknown_fact():
    required = {one.control.id: one for one in evaluate(shipped(), {"high_impact": "yes"}).controls}

    assert required["C26"].certain is False
    assert required["C24"].by == "retired"


@pytest.mark.parametrize(
    ("facts", "decision", "steps", "days"),
    [
        ({"high_impact": "no"}, "standing", [("clear", "caio_office")], 0),
        ({"high_impact": "presumed_not"}, "single", [("approve", "caio_office")], 3),
        ({"high_impact": "yes"}, "council", [("examine", "legal ciso privacy"), ("vote", "")], 10),
        (
            {"high_impact": "yes", "widens_data_access": True},
            "council",
            [("examine", "legal ciso privacy data"), ("vote", "")],
            10,
        ),
        (
            POLICE | {"art5_exception_authorised": True},
            "executive",
            [("examine", "legal ciso privacy data architecture"), ("vote", ""), ("accept_risk", "executive")],
            20,
        ),
        (
            {"spend_per_year": 3_000_000},
            "executive",
            [("examine", "finance"), ("approve", "caio_office"), ("accept_risk", "executive")],
            13,
        ),
        (POLICE, "refused", [], 0),
    ],
)
def test_evaluate_finds_the_route(facts, decision, steps, days):
    found = evaluate(shipped(), facts)

    assert (found.route.decision, found.days) == (decision, days)
    assert [(step.kind, " ".join(step.functions)) for step in found.route.steps] == steps


def test_the_council_of_high_risk_has_its_mandatory_seats():
    council = evaluate(shipped(), {"high_impact": "yes"}).route.council

    assert (council.quorum, council.mandatory) == (3, ("legal", "ciso"))


def test_prohibited_asks_for_no_controls():
    assert evaluate(shipped(), POLICE).controls == ()


EXCEPTIONS = {name for rule in shipped().rules if rule.unless for name in fact_names(rule.unless)}


@given(facts_of_all_kinds(), st.data())
def test_learning_a_fact_stays_between_tier_and_ceiling(facts, data):
    kept = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    # An exception counts only once it is stated, so stating one may lower the tier; it never raises the ceiling.
    known = {name: facts[name] for name in facts if name in kept or name in EXCEPTIONS}

    before, after = evaluate(shipped(), known), evaluate(shipped(), facts)

    assert before.tier <= after.tier <= after.ceiling <= before.ceiling


@given(facts_of_all_kinds(), st.data())
def test_learning_any_fact_never_raises_the_ceiling(facts, data):
    known = {name: facts[name] for name in facts if data.draw(st.booleans())}

    assert evaluate(shipped(), facts).ceiling <= evaluate(shipped(), known).ceiling


@given(facts_of_all_kinds())
def test_the_trace_is_whole_and_agrees_with_the_tier(facts):
    found = evaluate(shipped(), facts)
    trace = found.trace

    assert len(trace.held) + len(trace.undecided) + len(trace.not_held) == len(shipped().rules)
    assert found.tier == max([entry.rule.tier for entry in trace.held], default=1)
    assert all(entry.missing for entry in trace.undecided)


def test_a_whole_inventory_is_judged_at_once():
    rng = random.Random(1)
    rows = [
        {
            "high_impact": rng.choice(["yes", "presumed_not", "no"]),
            "personal_data": rng.random() < 0.5,
            "demographic_attributes": rng.sample(["race_ethnicity", "sex", "age", "income"], 2),
            "technique": [rng.choice(list(CATALOGUE["technique"].choices))],
        }
        for _ in range(3_611)
    ]
    judge = Evaluator(shipped())

    start = time.process_time()
    verdicts = [judge.verdict(row) for row in rows]

    assert time.process_time() - start < 0.5
    assert len(verdicts) == 3_611


# --- the document ----------------------------------------------------------------------------------------------------


def test_the_shipped_policy_passes_the_check():
    assert check_policies() == []
    call_command("check", "--tag", "models", verbosity=0)


def test_every_rule_gives_a_reason_and_a_reference():
    for rule in shipped().rules:
        assert rule.because.endswith(".")
        assert rule.reference


def test_harmless_answers_are_readable_facts():
    spend = {"spend_per_year": {"amount": "2000", "currency": "USD"}}

    assert parse_all(HARMLESS) == HARMLESS | spend


def document():
    return shipped().model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.django_db  # what a document does not know may have been declared meanwhile
@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda d: d["rules"][0].update(tier=9), "less than or equal to 5"),
        (lambda d: d["rules"].append(d["rules"][0]), "the rule art5-manipulation is there twice"),
        (lambda d: d["rules"][0].update(when={"fact": "colour", "is": True}), "colour is not the name of a fact"),
        (lambda d: d["routes"].pop(), "every tier has exactly one route"),
        (lambda d: d["tiers"].pop(), "every tier has exactly one route"),
        (lambda d: d["routes"][2]["steps"][0].update(functions=["astrology"]), "no such functions: astrology"),
        (lambda d: d["routes"][2]["council"].update(mandatory=["astrology"]), "no such functions: astrology"),
        (lambda d: d["routes"][2].pop("council"), "needs a council exactly if it has a vote"),
        (lambda d: d["material_facts"].remove("biometric_use"), "not material: biometric_use"),
        (lambda d: d["material_facts"].append("colour"), "no such facts: colour"),
        (lambda d: d["controls"][0].update(id="X"), "controls.X.id"),
        (lambda d: d.update(colour="red"), "colour: Extra inputs"),
        (lambda d: d.pop("title"), "title: Field required"),
    ],
)
def test_a_broken_policy_is_refused_in_words(break_it, complaint):
    broken = document()
    break_it(broken)

    with pytest.raises(Invalid) as refusal:
        parse(broken)

    assert complaint in str(refusal.value)


def test_a_policy_survives_being_written_and_read():
    assert parse(document()) == shipped()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"number = ", b"title = 'x'"])
def test_an_unreadable_policy_file_is_refused(tmp_path, content):
    path = tmp_path / "policy.toml"
    path.write_bytes(content)

    with pytest.raises(Invalid, match=r"policy\.toml"):
        load(path)


def test_the_check_reports_a_bad_file(tmp_path, monkeypatch):
    (tmp_path / "bad.toml").write_text("number = 1")
    monkeypatch.setattr("governance.checks.SHIPPED", tmp_path / SHIPPED.name)

    problems = check_policies()

    assert [problem.id for problem in problems] == ["governance.E001"]
