import socket
from datetime import date

import pytest

from caio_portal.local import web


def test_free_port_takes_the_one_that_is_wanted():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]

    assert web.free_port(str(taken)) == taken


def test_free_port_says_what_to_type_if_the_wanted_one_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]

        with pytest.raises(SystemExit, match=f"Port {taken} is taken: choose another, as in `make run PORT=9000`."):
            web.free_port(str(taken))


def test_free_port_passes_over_taken_ones(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        monkeypatch.setattr(web, "PORTS", [taken])

        assert web.free_port(None) not in {0, taken}


def test_nobody_answers_at_a_port_where_nobody_listens():
    assert not web.answers(f"http://127.0.0.1:{web.free_port(None)}/")


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 11, 21), "2026Q3"),
        (date(2026, 1, 1), "2025Q4"),
        (date(2026, 4, 1), "2026Q1"),
        (date(2026, 12, 31), "2026Q3"),
    ],
)
def test_last_quarter(today, quarter):
    assert web.last_quarter(today) == quarter


def test_sign_ins_name_everybody_and_the_password():
    text = " ".join(web.sign_ins("secret"))

    assert all(name in text for name in web.SIGN_INS)
    assert text.endswith("Password: secret")
