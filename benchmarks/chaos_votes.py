"""The long form of tests/governance/test_race.py: sixteen people at each of many reviews at once."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from itertools import count

from benchmarks import place
from benchmarks.measurement import Measurement

ROUNDS = 300
NAIVE_ROUNDS = 20
P99_LIMIT = 250.0  # milliseconds


def measure() -> list[Measurement]:
    """In a process of its own: it has the threads and connections of a small web server."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.chaos_votes"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return [Measurement(**found) for found in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    place.manage("migrate", "--verbosity", "0")
    place.django()
    from governance.models import Review
    from governance.services import votes
    from tests import factories
    from tests.governance.race import race

    factories._number = count(int(time.time()))  # people of an earlier run are still there
    report = race(ROUNDS)
    votes.locked = lambda review_id: Review.objects.select_related("use_case__unit").get(pk=review_id)
    naive = race(NAIVE_ROUNDS)
    calls = len(report.latencies) / report.seconds
    print(f"{calls:.0f} calls/s, broken: {dict(report.broken)}, without the lock: {dict(naive.broken)}")
    found = [
        Measurement(f"votes: broken promises in {ROUNDS} rounds of 16", sum(report.broken.values()), "promises", 0),
        Measurement("votes: slowest but one in a hundred", report.p99, "ms", P99_LIMIT),
        Measurement("votes: races that nothing breaks without the lock", not naive.broken, "races", 0),
    ]
    print(json.dumps([asdict(one) for one in found]))


if __name__ == "__main__":
    main()
