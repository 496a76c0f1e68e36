"""The examples of docs/feeds.md are mappings that the portal takes."""

import json
import re

import pytest
from django.conf import settings

from kpis.feeds.mapping import FeedMapping, Judge
from kpis.models import FeedKind

GUIDE = (settings.BASE_DIR / "docs" / "feeds.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))
def test_every_example_is_a_mapping(example):
    mapping = FeedMapping.model_validate(json.loads(example))

    assert mapping != FeedMapping()


def test_the_guide_names_every_kind():
    assert [kind for kind in FeedKind.values if f"`{kind}`" not in GUIDE] == []


@pytest.mark.parametrize(("wrong", "expected"), [(20, 15 / 85 * 100), (5, 0), (95, 100)])
def test_what_a_judge_called_wrong_is_corrected(wrong, expected):
    judge = Judge(sensitivity=0.9, specificity=0.95)

    assert judge.corrected(wrong, 100) == pytest.approx(expected)


def test_a_judge_no_better_than_chance_is_refused():
    with pytest.raises(ValueError, match="no better than chance"):
        Judge(sensitivity=0.5, specificity=0.5)
