"""Mistakes in the text of a policy, each at its line."""

import pytest

from governance.policy import SHIPPED, shipped
from governance.policy.mistakes import Mistaken, line_numbers, read
from governance.policy.writing import to_toml

TEXT = SHIPPED.read_text(encoding="utf-8")
LINES = TEXT.splitlines()


def mistakes(text):
    with pytest.raises(Mistaken) as caught:
        read(text)
    return caught.value.mistakes


def line_with(words, after=0):
    return next(n for n, line in enumerate(LINES, 1) if n > after and words in line)


def test_read_takes_the_shipped_policy():
    assert read(TEXT) == shipped()


def test_to_toml_can_be_read_again():
    assert read(to_toml(shipped())) == shipped()


def test_what_is_no_toml_is_told_with_its_line():
    (mistake,) = mistakes("number = 2026\ntitle = \n")

    assert mistake.line == 2
    assert mistake.message.startswith("This is not TOML: ")


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("appetite = 9", "appetite = 99", "less than or equal to 25"),
        ('approval_from = "pilot"', 'approval_from = "moon"', "should be"),
        ("review_months = 24", "review_month = 24", "not permitted"),
    ],
)
def test_a_wrong_value_is_told_at_its_line(was, now, says):
    found = mistakes(TEXT.replace(was, now, 1))

    assert line_with(was) in [mistake.line for mistake in found]
    assert any(says in mistake.message for mistake in found)


@pytest.mark.django_db  # a fact that is not known may have been declared meanwhile
def test_a_wrong_condition_is_told_at_its_rule():
    rule = line_with('id = "omb-high-impact"')
    when = line_with("when =", after=rule)
    lines = [*LINES]
    lines[when - 1] = 'when = { fact = "no_such_fact", is = true }'

    (mistake,) = mistakes("\n".join(lines))

    assert mistake.line == when
    assert "omb-high-impact" in mistake.place
    assert mistake.message == "No_such_fact is not the name of a fact."


def test_line_numbers_count_lists_of_tables_and_skip_what_is_inside_values():
    found = line_numbers('a = [\n  "b = 1",\n]\n[[rules]]\nid = "x"\n[[rules]]\n# note\nid = "y"\n[c.d]\ne = 1\n')

    assert found == {
        ("a",): 1, ("rules", 0): 4, ("rules", 0, "id"): 5, ("rules", 1): 6, ("rules", 1, "id"): 8, ("c", "d"): 9,
        ("c", "d", "e"): 10,
    }  # fmt: skip
