import pytest

from caio_portal.audit.events import record
from tests.factories import make_person, make_use_case, signed_in


@pytest.fixture
def told(db):
    use_case = make_use_case("Letters")
    record("use_case.paused", use_case, by=None, unit=use_case.unit_id, reason="No budget")
    return use_case


def test_actions_are_offered_by_subject_in_words(told):
    page = signed_in(make_person("auditor", unit=told.unit)).get("/audit/", {"action": "use_case.paused"})

    assert '<optgroup label="Use case">' in page.text
    assert '<option value="use_case.paused" selected>Use case paused</option>' in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"action": "use_case.paused"}, 1),
        ({"action": "use_case.moved"}, 0),
        ({"q": "no BUDGET"}, 1),
        ({"q": "no mention"}, 0),
        ({"since": "2999-01-01"}, 0),
        ({"since": "nonsense"}, 1),
    ],
)
def test_trail_is_filtered(told, query, found):
    page = signed_in(make_person("auditor", unit=told.unit)).get("/audit/", {"q": "budget"} | query)

    assert page.text.count('<span class="ref">') == found
