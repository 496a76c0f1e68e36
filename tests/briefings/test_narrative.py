import pytest

from caio_portal.briefings import narrative
from tests.briefings.factories import make_snapshot
from tests.briefings.sample import make_sample


@pytest.mark.parametrize("snapshot", [make_snapshot(), make_sample()], ids=["empty", "full"])
def test_there_is_a_first_text_for_every_place(snapshot):
    texts = narrative.suggest(snapshot)

    assert texts.keys() == narrative.FIELDS.keys()
    assert all(text and len(text) <= narrative.FIELDS[key].limit for key, text in texts.items())


def test_the_headline_says_what_matters():
    assert narrative.suggest(make_sample())["headline"] == (
        "3 use cases lie outside risk appetite, and 2 decisions are requested."
    )


def test_texts_are_tidied():
    assert narrative.clean("summary", " One  two \r\n\r\n\r\n\r\nthree ") == "One two\n\nthree"
