from datetime import UTC, date, datetime, timedelta

import pytest

from caio_portal.common.errors import Invalid
from governance.checks import check_frameworks, strangers
from governance.frameworks import catalogue, clocks_for
from governance.frameworks.catalogue import Frameworks, load
from governance.models import Category, Harm
from governance.policy import shipped
from governance.policy.files import parse

KNOWN_AT = datetime(2027, 12, 5, 9, tzinfo=UTC)


def test_the_shipped_frameworks_pass_the_check():
    assert check_frameworks() == []


@pytest.mark.parametrize(
    ("framework", "items"),
    [("nist-ai-rmf", 72), ("iso-42001", 38), ("eu-ai-act", 32), ("omb-m-25-21", 11)],
)
def test_frameworks_are_complete(framework, items):
    assert len(catalogue().by_id[framework].items) == items


@pytest.mark.parametrize(("function", "items"), [("GOVERN", 19), ("MAP", 18), ("MEASURE", 22), ("MANAGE", 13)])
def test_the_nist_functions_have_their_subcategories(function, items):
    refs = [item.ref for item in catalogue().by_id["nist-ai-rmf"].items]

    assert sum(ref.startswith(function) for ref in refs) == items


def test_every_control_of_the_policy_answers_some_framework():
    answered = {name for framework in catalogue().frameworks for name in framework.controls}

    assert {control.id for control in shipped().controls} <= answered


def test_uncertain_dates_say_so():
    days = {(day.ref, day.on): day for day in catalogue().by_id["eu-ai-act"].calendar}
    high_risk = days["Art. 6(2)", date(2027, 12, 2)]

    assert (high_risk.was, high_risk.confidence) == (date(2026, 8, 2), "unverified")


def test_calendar_lists_the_days_between_two():
    days = catalogue().calendar(date(2026, 11, 1), date(2027, 1, 31))

    assert [day.on for _, day in days] == sorted(day.on for _, day in days)
    assert {framework.id for framework, _ in days} == {
        "eu-ai-act", "colorado-sb-26-189", "california-cppa-admt", "ny-raise",
    }  # fmt: skip


def test_strangers_are_named():
    policy = shipped().model_dump(mode="json", by_alias=True, exclude_none=True)
    policy["rules"][0]["framework"] = "astrology"
    policy["controls"], policy["concerns"] = policy["controls"][1:], []
    known = Frameworks.model_validate(catalogue().model_dump(mode="json", by_alias=True, exclude_none=True))

    problems = strangers(parse(policy), known)

    assert "The rule art5-manipulation names the framework astrology." in problems
    assert "eu-ai-act names the control C01." in problems


def test_a_bad_framework_file_is_named(tmp_path):
    (tmp_path / "x.toml").write_text("[[frameworks]\n")

    with pytest.raises(Invalid, match=r"x\.toml cannot be read"):
        load(tmp_path)


def running(**incident):
    kind = {"severity": 2, "category": Category.SAFETY, "harm": Harm.HEALTH, "near_miss": False}
    found = clocks_for(catalogue().clocks, detected_at=KNOWN_AT, **(kind | incident))
    return {one.clock.id: one for one in found}


@pytest.mark.parametrize(
    ("incident", "clocks"),
    [
        ({}, {"eu-serious"}),
        ({"harm": Harm.DEATH, "severity": 1}, {"eu-death", "ca-sb-53", "ny-raise"}),
        ({"harm": Harm.INFRASTRUCTURE, "category": Category.QUALITY}, {"eu-infrastructure"}),
        ({"harm": Harm.HEALTH, "severity": 3}, set()),
        ({"harm": Harm.DATA, "category": Category.PRIVACY, "severity": 4}, {"gdpr-breach"}),
        ({"near_miss": True, "harm": Harm.NONE}, set()),
    ],
)
def test_clocks_run_for_what_they_are_made_for(incident, clocks):
    assert running(**incident).keys() == clocks


def test_a_clock_runs_from_the_moment_of_knowing():
    assert running()["eu-serious"].due_at == KNOWN_AT + timedelta(days=15)


def test_a_clock_of_a_law_to_come_is_not_in_force():
    early = datetime(2026, 11, 21, tzinfo=UTC)

    (found,) = clocks_for(
        catalogue().clocks, detected_at=early, severity=2, category="safety", harm="health", near_miss=False
    )

    assert found.in_force is False
