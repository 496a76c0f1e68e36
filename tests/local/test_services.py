"""The lease on the embedded servers, tried on a copy of the package in a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from caio_portal.local.services import ROOT

JOIN = """
import sys, time
from caio_portal.local import services
run = services.join({kind!r})
import psycopg
with psycopg.connect(host=str(run), user="portal_app", dbname="portal", autocommit=True) as db:
    {work}
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def project(tmp_path):
    """A copy whose path is long and has spaces; as root its folders are opened to `nobody` by the guardian."""
    folder = tmp_path / ("a folder with spaces and a name " + "x" * 60)
    shutil.copytree(ROOT / "caio_portal" / "local", folder / "caio_portal" / "local")
    (folder / "caio_portal" / "__init__.py").touch()
    children = []

    def join(work="pass", kind="run"):
        environment = {key: value for key, value in os.environ.items() if "DATABASE" not in key}
        child = subprocess.Popen(
            [sys.executable, "-c", JOIN.format(kind=kind, work=work)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        children.append(child)
        assert child.stdout.readline() == "done\n"
        return child

    join.folder = folder
    yield join
    for child in children:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
    _wait_until(lambda: not _servers(folder))


def _servers(folder):
    """The command lines of all processes that name FOLDER."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and str(os.getpid()) != path.parent.name:
            found.append(command)
    return found


def _wait_until(done, seconds=20):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _leave(child):
    child.stdin.close()
    child.wait(20)


def test_servers_live_as_long_as_somebody_uses_them(project):
    first, second = project(), project()

    _leave(first)
    still = _servers(project.folder)
    _leave(second)

    assert len(still) == 2  # the guardian and PostgreSQL name the folder; Valkey has renamed itself or follows
    assert _servers(project.folder) == []  # leaving waits until everything has stopped


def test_a_user_that_is_killed_hangs_up_too(project):
    child = project()

    child.send_signal(signal.SIGKILL)
    child.wait()

    _wait_until(lambda: not _servers(project.folder))


def test_servers_end_when_the_guardian_is_killed(project):
    project()
    guardian = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"caio_portal.local.guardian" in path.read_bytes() and str(project.folder).encode() in path.read_bytes()
    )

    os.kill(guardian, signal.SIGKILL)

    _wait_until(lambda: not _servers(project.folder))


def test_data_survive_and_what_was_interrupted_is_repaired(project):
    owner = "db.execute('SELECT 1')"
    _leave(project(owner))
    data = project.folder / ".local" / "run"
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")  # a pid that is somebody else's by now
    (data / "postgres.new").mkdir()  # an interrupted initdb
    stamp = (data / "postgres" / "PG_VERSION").stat().st_ino

    _leave(project(owner))

    assert (data / "postgres" / "PG_VERSION").stat().st_ino == stamp


def test_data_of_another_version_are_left_alone(project):
    _leave(project())
    data = project.folder / ".local" / "run"
    (data / "postgres" / "PG_VERSION").write_text("9\n")

    refused = subprocess.run(
        [sys.executable, "-c", "from caio_portal.local import services; services.join()"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "was written by PostgreSQL 9" in refused.stderr
    assert (data / "postgres" / "global").is_dir()


def test_what_tests_left_is_dropped_at_the_next_start(project):
    admin = "psycopg.connect(host=str(run), user='postgres', dbname='postgres', autocommit=True)"
    make = f"{admin}.execute('CREATE DATABASE test_x')"
    count = "assert not db.execute(\"SELECT 1 FROM pg_database WHERE datname = 'test_x'\").fetchone()"

    _leave(project(make, kind="test"))
    _leave(project(count, kind="test"))
