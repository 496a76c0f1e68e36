"""The examples of docs/feeds.md are mappings that the portal takes."""

import json
import re

import pytest
from django.conf import settings

from kpis.feeds.mapping import FeedMapping
from kpis.models import FeedKind

GUIDE = (settings.BASE_DIR / "docs" / "feeds.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))
def test_every_example_is_a_mapping(example):
    mapping = FeedMapping.model_validate(json.loads(example))

    assert mapping != FeedMapping()


def test_the_guide_names_every_kind():
    assert [kind for kind in FeedKind.values if f"`{kind}`" not in GUIDE] == []
