import ctypes
import shutil

from caio_portal.local import system


def test_chromium_is_what_the_environment_says(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/opt/browser")

    assert system.chromium() == "/opt/browser"


def test_what_is_missing_and_how_to_get_it(monkeypatch, capsys):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(ctypes, "CDLL", _no_library)
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.sys, "platform", "linux")

    assert not system.provide(["chromium", "pango"])
    assert capsys.readouterr().err == (
        "chromium and pango not found. Type: sudo apt-get install --yes --no-install-recommends chromium "
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core\n"
    )


def test_as_root_on_debian_it_is_installed(monkeypatch):
    typed = []
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: "there" if name == "apt-get" or len(typed) > 1 else None)
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    monkeypatch.setattr(system, "_apt_get", lambda *words: typed.append(words))

    assert system.provide(["chromium"])
    assert typed == [("update",), ("install", "--yes", "--no-install-recommends", "chromium")]


def _no_library(name):
    raise OSError(name)
