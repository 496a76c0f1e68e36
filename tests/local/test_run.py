import os
import re
import signal
import socket
import urllib.request

import pytest

from caio_portal.local.services import ROOT


@pytest.mark.django_db(transaction=True)
def test_make_run_serves_and_stops(spawn):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    owner = os.environ["DATABASE_OWNER_URL"]
    runner = spawn("-m", "caio_portal.local", PORT=str(port), DATABASE_OWNER_URL=owner, DEMO_DATA="0")

    runner.says(f"The portal is ready: http://127.0.0.1:{port}/", seconds=60)
    with urllib.request.build_opener().open(f"http://127.0.0.1:{port}/livez", timeout=10) as answer:
        status = answer.status
    runner.process.send_signal(signal.SIGINT)
    code = runner.process.wait(30)

    assert (status, code) == (200, 0)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "Traceback" not in runner.output()


def test_a_taken_port_is_one_line(spawn):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        runner = spawn("-m", "caio_portal.local", PORT=str(port))
        runner.process.wait(20)

    assert runner.output() == f"Port {port} is taken: choose another, as in `make run PORT=9000`.\n"


def test_the_procfile_names_the_web_first():
    lines = (ROOT / "Procfile").read_text().splitlines()

    assert [re.match(r"\w+", line).group() for line in lines] == ["web", "worker"]  # honcho counts ports from the first
