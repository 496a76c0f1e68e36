"""What differs between two policies, in words."""

from governance.policy import Policy, shipped
from governance.policy.differences import differences

DOCUMENT = shipped().model_dump(mode="json", by_alias=True, exclude_none=True)


def changed(**parts):
    return Policy.model_validate(DOCUMENT | parts)


def edited(name, position, **fields):
    entries = [*DOCUMENT[name]]
    entries[position] = entries[position] | fields
    return changed(**{name: entries})


def test_equal_policies_do_not_differ():
    assert differences(shipped(), shipped()) == ()


def test_a_changed_tier_says_what_it_was():
    (found,) = differences(shipped(), edited("tiers", 0, appetite=9))

    assert (found.group, found.kind, found.title) == ("Tiers", "changed", "Tier 1, Minimal")
    assert found.details == ("Highest residual risk: 9 of 25; it was 10 of 25",)


def test_a_new_rule_is_told_in_words():
    rule = {
        "id": "x", "tier": 3, "when": {"fact": "talks_to_people", "is": True}, "because": "It talks.",
        "reference": "House 1", "framework": "house",
    }  # fmt: skip

    (found,) = differences(shipped(), changed(rules=[*DOCUMENT["rules"], rule]))

    assert (found.kind, found.title) == ("added", "It talks.")
    assert found.details[:2] == ("At least tier: 3, High", "When: Talks to people: yes")


def test_a_rule_that_is_gone_is_told():
    (found,) = differences(shipped(), changed(rules=DOCUMENT["rules"][1:]))

    assert (found.group, found.kind, found.title) == ("Rules", "removed", shipped().rules[0].because)


def test_lists_say_what_came_and_what_went():
    evidence = DOCUMENT["controls"][0]["evidence"]

    (found,) = differences(shipped(), edited("controls", 0, evidence=[*evidence[1:], "photograph"]))

    assert found.details == (
        "Evidence that counts: now also photograph",
        f"Evidence that counts: no longer {evidence[0]}",
    )


def test_the_order_of_entries_is_no_difference():
    control = DOCUMENT["controls"][0]
    turned = dict(reversed(list(control["frameworks"].items())))

    assert differences(shipped(), edited("controls", 0, frameworks=turned)) == ()
    assert differences(shipped(), changed(functions=dict(reversed(list(DOCUMENT["functions"].items()))))) == ()
