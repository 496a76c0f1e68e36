import hashlib

import pytest
from pydantic import ValidationError

from governance.snapshots import FrozenControl, FrozenRisk, FrozenRule, Snapshot, changes, freeze, thaw


def snapshot(**changed):
    control = FrozenControl(id="C01", title="Human oversight", by="pilot", certain=True, state="met")
    values = {
        "use_case": "UC-2026-0042", "title": "Triage of claims", "unit": "Claims", "stage": "experiment",
        "up_to_stage": "production", "parties": (), "policy": "2026-11", "policy_sha256": "0" * 64,
        "submission": 1, "facts": {"b": True, "a": ["x", "ü"]}, "material_hash": "1" * 64, "tier": 3, "ceiling": 3,
        "held": (), "undecided": (), "controls": (control,),
    }  # fmt: skip
    return Snapshot.model_validate(values | changed)


def test_freeze_names_the_text_by_its_hash():
    text, name = freeze(snapshot())

    assert name == hashlib.sha256(text.encode()).hexdigest()
    assert thaw(text) == snapshot()
    assert freeze(thaw(text)) == (text, name)


def test_freeze_does_not_depend_on_the_order_of_facts():
    assert freeze(snapshot(facts={"a": ["x", "ü"], "b": True})) == freeze(snapshot())


def test_thaw_refuses_a_text_with_an_unknown_key():
    text, _ = freeze(snapshot())

    with pytest.raises(ValidationError):
        thaw(text.replace('"facts"', '"guesses"'))


def test_only_facts_of_graver_rules_could_raise_the_tier():
    lighter = FrozenRule(
        rule="a", tier=2, because="x", reference="y", framework="z", missing=("talks_to_people", "social_scoring")
    )
    equal = lighter.model_copy(update={"tier": 3, "missing": ("high_impact",)})
    graver = lighter.model_copy(update={"tier": 5, "missing": ("social_scoring", "scrapes_faces")})

    assert snapshot(undecided=(lighter, equal, graver)).could_raise_it == ("scrapes_faces", "social_scoring")
    assert snapshot(undecided=(lighter, equal)).could_raise_it == ()


def test_residual_risk_is_the_greatest():
    small = FrozenRisk(title="a", likelihood=5, impact=5, residual_likelihood=2, residual_impact=2)
    large = FrozenRisk(title="b", likelihood=3, impact=5, residual_likelihood=3, residual_impact=4)

    assert snapshot(risks=(small, large)).residual_risk == 12
    assert snapshot().residual_risk is None


def test_changes_tells_facts_controls_and_tier():
    before = snapshot()
    control = before.controls[0].model_copy(update={"state": "in_progress"})
    new = FrozenControl(id="C02", title="Monitoring", by="production", certain=True, state="not_started")
    after = snapshot(facts={"a": ["x", "ü"], "c": 1}, tier=4, ceiling=4, controls=(control, new))

    assert changes(before, after) == [
        ("tier", 3, 4),
        ("b", True, None),
        ("c", None, 1),
        ("C01 Human oversight", "met", "in_progress"),
        ("C02 Monitoring", None, "not_started"),
    ]
    assert changes(before, before) == []


def test_changes_tells_a_control_that_is_no_longer_required():
    assert changes(snapshot(), snapshot(controls=())) == [("C01 Human oversight", "met", None)]
