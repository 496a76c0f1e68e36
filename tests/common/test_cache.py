import socket

import pytest

from caio_portal.common import cache as module
from caio_portal.common.cache import ForgivingCache


@pytest.fixture
def away(monkeypatch):
    """A cache at an address where nobody listens."""
    monkeypatch.setattr(module, "_ask_again_at", 0.0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return ForgivingCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": {"socket_connect_timeout": 1}})


def test_a_cache_that_is_away_is_empty_and_takes_everything(away):
    away.set("key", 1)

    assert away.get("key", "nothing") == "nothing"
    assert away.get_many(["key"]) == {}
    assert (away.add("lock", True), away.delete("lock"), "key" in away) == (True, False, False)


def test_a_cache_that_is_away_is_asked_once_in_a_while(away, monkeypatch):
    asked = []
    monkeypatch.setattr(module.RedisCache, "get", lambda *_: asked.append(1) or (_ for _ in ()).throw(OSError("gone")))

    for _ in range(5):
        away.get("key")

    assert asked == [1]
