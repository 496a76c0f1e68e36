"""Line by line, what the laws name and the facts by which the shipped policy knows it."""

from datetime import date

import pytest

from governance.frameworks import catalogue
from governance.policy import evaluate, shipped
from portfolio.conditions import compiled
from tests.governance.test_policy import HARMLESS, POLICE

PLAIN = HARMLESS | {"narrow_procedural_task": False}
EXEMPT = {"narrow_procedural_task": True, "profiles_people": False}
WORKERS = {"biometric_use": ["emotion"], "affected_people": ["employees"]}
SAFE_INFRASTRUCTURE = {"critical_infrastructure": True, "safety_component": True}


def about(what):
    return {"decides_about": [what]}


# What the law names, the rule, the facts that trigger it.
ITEMS = [
    ("Art. 5(1)(a) manipulation", "art5-manipulation", {"manipulative_technique": True}),
    ("Art. 5(1)(b) vulnerability", "art5-vulnerability", {"exploits_vulnerability": True}),
    ("Art. 5(1)(c) social scoring", "art5-social-scoring", {"social_scoring": True}),
    ("Art. 5(1)(d) crime prediction", "art5-crime-prediction", {"predicts_crime_from_profile": True}),
    ("Art. 5(1)(e) face scraping", "art5-face-scraping", {"scrapes_faces": True}),
    ("Art. 5(1)(f) emotion at work", "art5-emotion-at-work", WORKERS),
    (
        "Art. 5(1)(g) categorisation", "art5-biometric-categorisation",
        {"biometric_use": ["categorisation"], "special_categories": True},
    ),
    ("Art. 5(1)(h) real-time identification", "art5-remote-identification", POLICE),
    ("Art. 5(1) new points", "art5-intimate-imagery", {"intimate_imagery": True}),
    ("Art. 6(1) safety component", "art6-safety-component", {"safety_component": True}),
    ("Annex III 1 biometrics", "annex3-biometrics", {"biometric_use": ["identification"]}),
    ("Annex III 2 infrastructure", "annex3-infrastructure", SAFE_INFRASTRUCTURE),
    ("Annex III 3 education", "annex3-education", about("education")),
    ("Annex III 4 employment", "annex3-employment", about("employment")),
    ("Annex III 5(a) benefits", "annex3-benefits", about("benefits")),
    ("Annex III 5(b) credit", "annex3-credit", about("credit")),
    ("Annex III 5(c) insurance", "annex3-insurance", about("insurance")),
    ("Annex III 5(d) emergencies and care", "annex3-health", about("health")),
    ("Annex III 6 law enforcement", "annex3-law-enforcement", about("law_enforcement")),
    ("Annex III 7 migration", "annex3-migration", about("migration")),
    ("Annex III 8 justice", "annex3-justice", about("justice")),
    ("Art. 50(1) interaction", "art50-talks", {"talks_to_people": True}),
    ("Art. 50(2) and (4) content", "art50-generates", {"generates_content": True}),
    ("M-25-21 section 5, determined", "omb-high-impact", {"high_impact": "yes"}),
    ("M-25-21 section 5, principal basis", "omb-principal-basis", about("housing") | {"principal_basis": True}),
    ("M-25-21 presumed (a)", "omb-presumed-infrastructure", SAFE_INFRASTRUCTURE),
    ("M-25-21 presumed (b)", "omb-presumed-moves-machines", {"presumed_use": ["moves_machines"]}),
    ("M-25-21 presumed (c)", "omb-presumed-measures-of-force", {"presumed_use": ["measures_of_force"]}),
    ("M-25-21 presumed (d)", "omb-presumed-hazardous-agents", {"presumed_use": ["hazardous_agents"]}),
    ("M-25-21 presumed (e)", "omb-presumed-safety-design", {"presumed_use": ["safety_design"]}),
    ("M-25-21 presumed (f)", "omb-presumed-health", about("health")),
    ("M-25-21 presumed (g)", "omb-presumed-facility-access", {"presumed_use": ["facility_access"]}),
    ("M-25-21 presumed (h)", "omb-presumed-sanctions", {"presumed_use": ["sanctions"]}),
    ("M-25-21 presumed (i)", "omb-presumed-limits-speech", {"presumed_use": ["limits_speech"]}),
    ("M-25-21 presumed (j)", "omb-presumed-law-enforcement", about("law_enforcement")),
    ("M-25-21 presumed (k)", "omb-presumed-migration", about("migration")),
    (
        "M-25-21 presumed (l)", "omb-presumed-public-biometrics",
        {"biometric_use": ["identification"], "biometric_in_public": True},
    ),
    ("M-25-21 presumed (m)", "omb-presumed-benefits", about("benefits")),
    ("M-25-21 presumed (n)", "omb-presumed-employment", about("employment")),
    ("M-25-21 presumed (o)", "omb-presumed-binding-translation", {"presumed_use": ["binding_translation"]}),
]  # fmt: skip
PRESUMED = [item for item in ITEMS if "presumed (" in item[0]]
OF_ANNEX_3 = [item for item in ITEMS if item[0].startswith("Annex III") and item[0][10] not in "12"]


def held(facts):
    return {entry.rule.id for entry in evaluate(shipped(), facts).trace.held}


@pytest.mark.parametrize(("rule", "facts"), [item[1:] for item in ITEMS], ids=[item[0] for item in ITEMS])
def test_what_the_law_names_is_found_by_its_facts_and_only_by_them(rule, facts):
    found = evaluate(shipped(), PLAIN | facts)

    assert rule in held(PLAIN | facts)
    assert rule not in held(PLAIN)
    assert found.tier >= shipped().rule(rule).tier
    for name in facts:  # each fact is needed: without any one of them the rule is silent
        assert rule not in held(PLAIN | {other: value for other, value in facts.items() if other != name})


def test_all_fifteen_presumptions_are_there_and_named_by_their_letters():
    letters = {shipped().rule(rule).reference[-2] for _, rule, _ in PRESUMED}

    assert letters == set("abcdefghijklmno")


@pytest.mark.parametrize(("rule", "facts"), [item[1:] for item in PRESUMED], ids=[item[0] for item in PRESUMED])
def test_a_written_determination_overrides_a_presumption_and_nothing_else_does(rule, facts):
    overridden = PLAIN | facts | {"high_impact": "presumed_not"}

    assert rule not in held(overridden)
    assert "omb-presumption-overridden" in held(overridden)
    assert "C25" in {required.control.id for required in evaluate(shipped(), overridden).controls}
    assert rule in held(PLAIN | facts | {"high_impact": "no"})


@pytest.mark.parametrize(("rule", "facts"), [item[1:] for item in OF_ANNEX_3], ids=[item[0] for item in OF_ANNEX_3])
@pytest.mark.parametrize(
    ("stated", "high"),
    [(EXEMPT, False), (EXEMPT | {"profiles_people": True}, True), ({"profiles_people": False}, True)],
)
def test_the_exemption_of_article_6_3_never_covers_profiling(rule, facts, stated, high):
    found = evaluate(shipped(), PLAIN | facts | stated)

    assert (rule in held(PLAIN | facts | stated)) == high
    assert high or "C27" in {required.control.id for required in found.controls}


def controls(**facts):
    return {each.control.id: each.by.value for each in evaluate(shipped(), PLAIN | facts).controls if each.certain}


@pytest.mark.parametrize(("role", "provides"), [("provider", True), ("both", True), ("deployer", False)])
def test_the_roles_of_articles_25_and_26_lead_to_their_duties(role, provides):
    high = controls(high_impact="yes", eu_role=role)

    assert ("C28" in high) == provides
    assert ("C04" in controls(talks_to_people=True, eu_role=role)) == provides
    assert {"C04", "C12", "C13", "C14", "C18", "C19"} <= high.keys()  # of whoever uses it


@pytest.mark.parametrize("fact", ["talks_to_people", "generates_content"])
def test_article_50_asks_for_a_notice_by_the_pilot(fact):
    assert controls(**{fact: True})["C15"] == "pilot"


def test_the_seven_minimum_practices_are_controls_of_what_is_high_impact():
    practices = {item.ref: item.controls for item in catalogue().by_id["omb-m-25-21"].items if "4(b)" in item.ref}

    assert len(practices) == 7
    required = controls(high_impact="yes", personal_data=True)
    assert all(set(wanted) <= required.keys() for wanted in practices.values())


@pytest.mark.parametrize(
    ("framework", "ref", "applies", "silent"),
    [
        ("colorado-sb-26-189", "Notice", about("employment"), about("justice")),
        ("nyc-ll-144", "Bias audit", about("employment"), about("credit")),
        ("nyc-ll-144", "Notice", about("employment"), about("credit")),
        ("eu-ai-act", "Art. 26(7)", {"affected_people": ["employees"]}, {"affected_people": ["customers"]}),
        ("eu-ai-act", "Art. 50(1)", {"talks_to_people": True}, {"talks_to_people": False}),
        ("omb-m-25-21", "Section 4(b)(i)", {"high_impact": "yes"}, {"high_impact": "no"}),
    ],
)
def test_a_duty_knows_whom_it_concerns(framework, ref, applies, silent):
    item = next(item for item in catalogue().by_id[framework].items if item.ref == ref)
    test = compiled(item.trigger)

    assert (test(PLAIN | applies), test(PLAIN | silent)) == (True, False)
    assert set(item.controls) <= controls(**applies, personal_data=True).keys() | {"C15", "C13"}


def test_hiring_tools_are_audited_for_bias_whatever_their_data():
    assert "C09" in controls(decides_about=["employment"], personal_data=False)


@pytest.mark.parametrize(
    ("framework", "ref", "day", "applies"),
    [
        ("eu-ai-act", "Art. 5", date(2025, 2, 1), False),
        ("eu-ai-act", "Art. 5", date(2025, 2, 2), True),
        ("eu-ai-act", "Art. 5(1)(ba), (bb)", date(2026, 12, 1), False),
        ("eu-ai-act", "Art. 5(1)(ba), (bb)", date(2026, 12, 2), True),
        ("eu-ai-act", "Art. 50(1)", date(2026, 8, 2), True),
        ("eu-ai-act", "Art. 26(5)", date(2027, 12, 1), False),
        ("eu-ai-act", "Art. 26(5)", date(2027, 12, 2), True),
        ("omb-m-25-21", "Section 4(b)(i)", date(2026, 4, 2), False),
        ("omb-m-25-21", "Section 4(b)(i)", date(2026, 4, 3), True),
        ("colorado-sb-26-189", "Notice", date(2026, 12, 31), False),
        ("colorado-sb-26-189", "Notice", date(2027, 1, 1), True),
        ("nyc-ll-144", "Bias audit", date(2023, 7, 5), True),
    ],
)
def test_what_applies_on_a_day(framework, ref, day, applies):
    assert (ref in {item.ref for item in catalogue().by_id[framework].applying(day)}) == applies


def test_what_was_superseded_applies_no_more():
    assert catalogue().by_id["colorado-sb-24-205"].applying(date(2030, 1, 1)) == ()
