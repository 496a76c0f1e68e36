"""Whom a review asks again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.asking import Look, Occasion, asked, owners_of
from governance.models import Cause
from governance.policy import shipped
from governance.policy.schema import CAUSES
from governance.snapshots import FrozenControl, FrozenEvidence, FrozenPerson, FrozenRisk, FrozenRule, differing
from portfolio.facts import CATALOGUE
from tests.governance.test_snapshots import snapshot

TODAY = date(2026, 11, 20)
FUNCTIONS = ("legal", "ciso", "privacy")
BEFORE = snapshot(facts={}, up_to_stage="production")
KINDS = sorted({*CATALOGUE, *(control.id for control in shipped().controls), "parties", "risks", "title", "unit"})


def with_news(names):
    """The snapshot in which just these things differ."""
    changed = {"facts": {name: "new" for name in names if name in CATALOGUE}}
    wanted = [control for control in shipped().controls if control.id in names]
    frozen = [FrozenControl(id=c.id, title=c.title, by="pilot", certain=True, state="met") for c in wanted]
    changed["controls"] = (*BEFORE.controls, *frozen)
    if "parties" in names:
        changed["parties"] = (FrozenPerson(part="owner", name="Another One", user=9),)
    if "risks" in names:
        changed["risks"] = (FrozenRisk(title="Leak", likelihood=3, impact=3, residual_likelihood=2, residual_impact=2),)
    changed |= {name: "Another" for name in ("title", "unit") if name in names}
    return BEFORE.model_copy(update=changed)


def owners(name):
    return {c.function for c in shipped().concerns if name in (*c.facts, *c.controls, *c.about)}


def ask(after, cause="material_change", *, policy=None, looks=None, functions=FUNCTIONS, **occasion):
    known = {name: Look(7, BEFORE, TODAY - timedelta(days=60)) for name in functions} if looks is None else looks
    occasion = {"approved": True} | occasion
    found = asked(policy or shipped(), functions, known, Occasion(cause, after, TODAY, **occasion))
    return {name for name, each in found.items() if each.nothing_new_since is None}


def without_concerns():
    return shipped().model_copy(update={"concerns": ()})


def test_the_causes_of_a_policy_are_those_of_reviews():
    assert set(CAUSES) == set(Cause.values)


def test_everything_is_in_somebodys_field():
    policy = shipped()

    assert all(owners(name) for name in KINDS)
    assert {c.function for c in policy.concerns} <= policy.functions.keys()


@given(st.sets(st.sampled_from(KINDS), min_size=1))
def test_whoever_answers_for_what_is_new_is_asked_and_nobody_else(names):
    expected = set().union(*(owners(name) for name in names)) & set(FUNCTIONS)
    orphans = any(not owners(name) & set(FUNCTIONS) for name in names)

    assert ask(with_news(names)) == (set(FUNCTIONS) if orphans or not expected else expected)


@given(st.sets(st.sampled_from(KINDS)), st.sampled_from(KINDS), st.sampled_from(CAUSES))
def test_more_news_never_asks_fewer_and_somebody_is_always_asked(names, more, cause):
    fewer, wider = ask(with_news(names), cause), ask(with_news({*names, more}), cause)

    assert fewer
    assert wider
    assert not names or fewer <= wider


@given(st.sets(st.sampled_from(KINDS), min_size=1), st.sampled_from(CAUSES))
def test_where_nothing_says_whose_field_it_is_all_are_asked(names, cause):
    assert ask(with_news(names), cause, policy=without_concerns()) == set(FUNCTIONS)


@pytest.mark.parametrize("cause", sorted(set(CAUSES) - shipped().rereview.asks.keys()))
def test_after_an_incident_or_an_interval_all_look_at_the_whole(cause):
    assert ask(with_news({"personal_data"}), cause) == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("changed", "occasion"),
    [
        ({"tier": 4, "ceiling": 4}, {}),
        ({"ceiling": 4}, {}),
        ({}, {"approved": False}),
        ({}, {"grave_incident": True}),
    ],
)
def test_what_weighs_for_all_asks_all(changed, occasion):
    after = with_news({"personal_data"}).model_copy(update=changed)

    assert ask(with_news({"personal_data"})) == {"privacy"}
    assert ask(after, **occasion) == set(FUNCTIONS)


def test_leave_to_go_further_asks_all():
    earlier = BEFORE.model_copy(update={"up_to_stage": "pilot"})
    looks = {name: Look(7, earlier, TODAY) for name in FUNCTIONS}

    assert ask(BEFORE, looks=looks) == set(FUNCTIONS)


@pytest.mark.parametrize(
    "legal", [None, Look(7, BEFORE, TODAY, minded=True), Look(7, BEFORE, TODAY - timedelta(days=361))]
)
def test_who_has_not_looked_lately_or_had_minded_looks_again(legal):
    recent = Look(7, BEFORE, TODAY)
    looks = {"ciso": recent, "privacy": recent} | ({"legal": legal} if legal else {})

    assert ask(with_news({"personal_data"}), looks=looks) == {"legal", "privacy"}


def test_a_vendor_that_changed_is_the_business_of_legal_and_security():
    assert ask(BEFORE, "vendor") == {"legal", "ciso"}
    assert ask(BEFORE, "submission") == set(FUNCTIONS)


def test_expired_evidence_is_news_in_the_field_of_its_control():
    ended = FrozenEvidence(id=1, sha256="a", name="Test", valid_until=TODAY - timedelta(days=8))
    control = FrozenControl(id="C26", title="DPIA", by="pilot", certain=True, state="met", evidence=(ended,))
    same = BEFORE.model_copy(update={"controls": (control,)})
    looks = {name: Look(7, same, TODAY - timedelta(days=60)) for name in FUNCTIONS}

    assert ask(same, "evidence", looks=looks) == {"privacy"}


def test_a_reason_for_the_tier_belongs_to_whoever_answers_for_its_facts():
    rule = next(rule for rule in shipped().rules if rule.id == "wider-data-access")
    frozen = FrozenRule(rule=rule.id, tier=2, because=rule.because, reference="x", framework="y")
    (change,) = differing(BEFORE, BEFORE.model_copy(update={"held": (frozen,)}))

    assert owners_of(shipped(), change) == {"ciso", "privacy", "data"}
    assert owners_of(shipped(), change._replace(key="gone")) == set()


def test_each_is_told_why():
    looks = {name: Look(7, BEFORE, TODAY) for name in FUNCTIONS}
    occasion = Occasion("material_change", with_news({"personal_data"}), TODAY, approved=True)
    found = asked(shipped(), FUNCTIONS, looks, occasion)

    assert found["privacy"].because == f"New: {CATALOGUE['personal_data'].label}."
    assert (found["legal"].because, found["legal"].nothing_new_since) == ("", 7)
    assert asked(shipped(), FUNCTIONS, {}, replace(occasion, approved=False))["legal"].because == ""
