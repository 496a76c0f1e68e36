import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from governance.policy import SHIPPED
from governance.services.tiering import tier_use_cases
from tests.factories import make_use_case
from tests.governance.test_policy import HARMLESS

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def written(tmp_path, content):
    path = tmp_path / "facts.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


@pytest.mark.parametrize("wrap", [lambda facts: facts, lambda facts: {"facts": facts}])
def test_facts_have_a_tier_with_its_reasons(tmp_path, wrap):
    found = run("tier", written(tmp_path, wrap(HARMLESS | {"talks_to_people": True})))

    assert (found["tier"], found["ceiling"], found["provisional"]) == (2, 2, False)
    assert {reason["tier"] for reason in found["reasons"]} <= {1, 2}
    assert len(found["references"]) > 0
    assert found["references"] == list(dict.fromkeys(reason["reference"] for reason in found["reasons"]))
    assert found["route"]["days"] == sum(step["days"] for step in found["route"]["steps"])
    assert {control["certain"] for control in found["controls"]} == {True, False}  # some wait for the vendor


def test_unknown_facts_make_no_tier(tmp_path):
    found = run("tier", written(tmp_path, {"purpose": "", "talks_to_people": None}), "--policy", str(SHIPPED))

    assert (found["tier"], found["ceiling_name"], found["provisional"]) == (None, "Prohibited", True)
    assert "talks_to_people" in found["unknown_facts"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"tier: 3", "This is not JSON"),
        (b"[" * 100_000, "This is not JSON"),
        (b'"text"', "A JSON object is expected"),
        (b"\xff\xfe{}", "is not UTF-8"),
        ({"colour": "red", "talks_to_people": "perhaps"}, "colour is not the name of a fact"),
    ],
)
def test_a_file_of_no_facts_is_refused_plainly(tmp_path, content, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("tier", written(tmp_path, content))


def test_a_missing_file_and_a_broken_policy_are_named(tmp_path):
    facts = written(tmp_path, {})

    with pytest.raises(CommandError, match="cannot be read"):
        run("tier", str(tmp_path / "none.json"))
    with pytest.raises(CommandError, match=r"facts\.json cannot be read"):
        run("tier", facts, "--policy", facts)


def test_a_use_case_is_explained():
    use_case = make_use_case("Letters", facts=HARMLESS | {"talks_to_people": True})
    tier_use_cases([use_case])

    found = run("explain", use_case.ref.lower())

    assert (found["use_case"], found["tier"], found["approval"]) == (use_case.ref, 2, None)
    assert found["facts"]["talks_to_people"] is True
    with pytest.raises(CommandError, match="No use case is called UC-1"):
        run("explain", "UC-1")
