import pytest

from caio_portal.local.services import ROOT
from tests.order import COMPUTING, WAITING, spread


@pytest.mark.parametrize("path", [*WAITING, *COMPUTING])
def test_what_takes_long_is_where_the_order_says(path):
    assert (ROOT / path).exists()


def test_every_worker_begins_with_what_takes_long():
    tests = [f"tests/test_light.py::test_{n}" for n in range(8)]
    tests[3:3] = ["tests/test_links.py::test_a", "tests/e2e/test_sign_in.py::test_b"]

    order = spread(tests, 2)

    assert sorted(order) == list(range(10))
    assert (tests[order[0]], tests[order[5]]) == ("tests/e2e/test_sign_in.py::test_b", "tests/test_links.py::test_a")
    assert [n for n in order if "light" in tests[n]] == [0, 1, 2, 5, 6, 7, 8, 9]
