"""The long form of tests/kpis/test_killing.py: twenty workers killed at random while they load and compute."""

import os
import subprocess
import sys
from dataclasses import asdict
from json import dumps, loads
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import place
from benchmarks.measurement import Measurement
from tests.processes import Child

TIMES = 20
ROWS = 6_000


def measure() -> list[Measurement]:
    """In a process of its own, on services of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.chaos_kpis"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return [Measurement(**found) for found in loads(done.stdout.splitlines()[-1])]


def main() -> None:
    place.prepare()
    os.environ["LOCAL_DIR"] = str(place.FOLDER / "chaos")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caio_portal.settings")
    place.django()
    place.manage("migrate", "--verbosity", "0")
    from tests.factories import make_person
    from tests.kpis.killing import Trials

    with TemporaryDirectory() as folder:
        log = Path(folder) / "worker.log"
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
        trials = Trials(lambda: Child(("-m", "tests.kpis.killing"), environment, log), make_person(), ROWS, 20261121)
        differing = trials.differing(TIMES)
    killed = Measurement("chaos: workers killed before they were through", -trials.kills, "workers", -TIMES // 2)
    name = f"chaos: of {TIMES} loads with killed workers, other values"
    print(dumps([asdict(Measurement(name, differing, "loads", 0)), asdict(killed)]))


if __name__ == "__main__":
    main()
