from pathlib import Path

import pytest
from django.conf import settings

from caio_portal.common import tokens


def test_the_committed_stylesheet_is_the_table():
    committed = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()

    assert committed == tokens.css()


def test_both_schemes_have_the_same_roles():
    assert tokens.LIGHT.keys() == tokens.DARK.keys()


@pytest.mark.parametrize("scheme", [tokens.LIGHT, tokens.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), tokens.PAIRS)
def test_every_pair_has_contrast(scheme, ink, ground, least):
    assert tokens.contrast(scheme[ink], scheme[ground]) >= least


def test_contrast_is_that_of_wcag():
    assert tokens.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert tokens.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_role_that_the_stylesheets_use_exists():
    import re

    folder = Path(settings.BASE_DIR) / "static/css"
    sheets = "".join(path.read_text() for path in folder.glob("*.css"))
    known = set(re.findall(r"(--[\w-]+):", sheets))

    assert set(re.findall(r"var\((--[\w-]+)", sheets)) - known == set()
