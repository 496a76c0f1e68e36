"""What another policy would change, counted over real rows."""

import json

import pytest
from django.core.management import CommandError, call_command

from governance.decisions import Outcome
from governance.models import Cause
from governance.policy import Policy, shipped
from governance.policy.writing import to_toml
from governance.selectors.trials import try_policy
from governance.services.approvals import decide_single
from portfolio.stages import Stage
from tests.factories import make_unit, make_use_case
from tests.governance.scene import harmless, make_scene

pytestmark = pytest.mark.django_db


def with_rule(tier=3, fact="talks_to_people", **changes):
    """The shipped policy with one more rule."""
    document = shipped().model_dump(mode="json", by_alias=True, exclude_none=True)
    rule = {
        "id": "house-chat", "tier": tier, "when": {"fact": fact, "is": True}, "because": "It talks to people.",
        "reference": "House rule 1", "framework": "house",
    }  # fmt: skip
    return Policy.model_validate(document | {"number": "2027-01", "rules": [*document["rules"], rule]} | changes)


def test_try_policy_says_who_moves_and_why():
    unit = make_unit()
    talks = make_use_case(unit=unit, facts=harmless() | {"talks_to_people": True}, stage=Stage.PRODUCTION)
    make_use_case(unit=unit, facts=harmless())
    make_use_case(unit=unit, facts={})

    trial, moves = try_policy(shipped(), with_rule())

    assert (trial.use_cases, trial.moved, trial.raised, trial.lowered) == (3, 1, 1, 0)
    assert trial.moves_by_tier == {"2": {"3": 1}}
    assert [(move.use_case, move.pair.reasons, move.opens_review) for move in moves] == [
        (talks.pk, ("house-chat",), False)
    ]
    (rule,) = trial.rules
    assert (rule.key, rule.before, rule.after, rule.moves) == ("house-chat", None, 1, 1)


def test_try_policy_names_the_rule_that_held_a_use_case_up():
    make_use_case(facts=harmless() | {"talks_to_people": True})

    trial, (move,) = try_policy(with_rule(), shipped())

    assert (trial.lowered, move.pair.reasons) == (1, ("house-chat",))
    (rule,) = trial.rules
    assert (rule.before, rule.after, rule.tier_before, rule.tier_after, rule.moves) == (1, None, 3, None, 1)


def test_try_policy_counts_controls_and_the_work_of_the_council():
    unit = make_unit()
    make_use_case(unit=unit, facts=harmless() | {"talks_to_people": True}, stage=Stage.PRODUCTION)
    make_use_case(unit=unit, facts=harmless() | {"talks_to_people": True}, stage=Stage.RETIRED)

    trial, _ = try_policy(shipped(), with_rule())

    routes = {route.key: (route.before, route.after) for route in trial.routes}
    assert (routes["single"], routes["council"]) == ((1, 0), (0, 1))
    assert (trial.votes_a_year_before, trial.votes_a_year_after) == (0, 1)
    assert all(control.after > control.before for control in trial.controls)
    assert len(trial.controls) > 0


def test_try_policy_opens_a_review_only_where_an_approval_was_given_on_a_lighter_route():
    scene = make_scene()
    approved = scene.review(2)
    decide_single(approved.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    scene.use_case(2)

    trial, moves = try_policy(shipped(), with_rule())

    assert (trial.moved, trial.reviews_opened) == (2, 1)
    assert {route.key: route.after for route in trial.reviews}["council"] == 1
    assert [move.use_case for move in moves if move.opens_review] == [approved.use_case_id]
    assert sum(trial.examinations.values()) > 0


def test_try_policy_opens_no_second_review_beside_an_open_one():
    scene = make_scene()
    scene.review(2)

    trial, _ = try_policy(shipped(), with_rule())

    assert (trial.moved, trial.reviews_opened) == (1, 0)


def test_try_policy_against_itself_changes_nothing():
    make_use_case(facts=harmless())
    make_use_case(facts={"high_impact": "yes"})

    trial, moves = try_policy(shipped(), shipped())

    assert (trial.use_cases, trial.moved, moves, trial.rules, trial.controls) == (2, 0, [], (), ())


@pytest.mark.parametrize("rows", [1, 3])
def test_try_policy_asks_a_constant_number_of_questions(django_assert_num_queries, rows):
    unit = make_unit()
    for number in range(rows):
        make_use_case(unit=unit, facts={"spend_per_year": number})

    with django_assert_num_queries(3):  # approvals, open reviews, use cases
        try_policy(shipped(), with_rule())


def test_command_prints_one_json_object_last(tmp_path, capsys):
    make_use_case(facts=harmless() | {"talks_to_people": True})
    file = tmp_path / "draft.toml"
    file.write_text(to_toml(with_rule()))

    call_command("try_policy", file)

    lines = capsys.readouterr().out.strip().splitlines()
    found = json.loads(lines[-1])
    assert (found["use_cases"], found["moved"], found["moves"]) == (1, 1, {"2": {"3": 1}})
    assert found["seconds"] < 5
    assert "Rule house-chat, It talks to people.: not there to 1" in lines


def test_command_with_json_prints_nothing_else(tmp_path, capsys):
    file = tmp_path / "draft.toml"
    file.write_text(to_toml(with_rule()))

    call_command("try_policy", file, "--json")

    assert json.loads(capsys.readouterr().out)["use_cases"] == 0


def test_the_federal_inventory_is_tried_within_a_second_and_a_half(shared_data, tmp_path, capsys):
    call_command("import_inventory", shared_data / "omb_2025_use_cases.csv.gz", "--json")
    file = tmp_path / "draft.toml"
    file.write_text(to_toml(with_rule(fact="law_enforcement_use")))
    capsys.readouterr()

    call_command("try_policy", file, "--json")

    found = json.loads(capsys.readouterr().out)
    assert found["use_cases"] == 3611
    assert found["seconds"] <= 1.5


def test_command_refuses_a_policy_that_is_none(tmp_path, capsys):
    file = tmp_path / "draft.toml"
    file.write_text("number = 7")

    with pytest.raises(CommandError, match="not a valid policy"):
        call_command("try_policy", file, "--json")
    assert "error" in json.loads(capsys.readouterr().out)


def test_cause_knows_policy_changes():
    assert Cause.POLICY_CHANGE.label == "Policy changed"
