"""The longest form of tests/governance/test_race.py: sixteen people at fifty reviews at once, two hundred times.

RACE_ROUNDS and RACE_REVIEWS make it shorter or longer.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from itertools import count

from benchmarks import place
from benchmarks.measurement import Measurement

ROUNDS = int(os.environ.get("RACE_ROUNDS", "200"))
REVIEWS = int(os.environ.get("RACE_REVIEWS", "50"))
AT_A_TIME = 5  # rounds that are prepared together: their reviews lie ready before anybody votes


def measure() -> list[Measurement]:
    """In a process of its own: it has the threads and connections of a small web server."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.chaos_council"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout)
    *_, line, found = done.stdout.splitlines()
    print(line)
    return [Measurement(**each) for each in json.loads(found)]


def main() -> None:
    place.manage("migrate", "--verbosity", "0")
    place.django()
    from tests import factories
    from tests.governance.race import race

    # What an earlier run made is still there, and a run makes fewer than a hundred things a second.
    factories._number = count(int((time.time() - 1_700_000_000) * 100))
    broken: Counter[str] = Counter()
    kept, refused, decided, latencies, seconds, done = 0, 0, 0, list[float](), 0.0, 0
    while done < ROUNDS:
        rounds = min(AT_A_TIME, ROUNDS - done)
        report = race(rounds, seed=done + 1, reviews=REVIEWS)
        done += rounds
        broken += report.broken
        kept += sum(report.kept.values())
        refused += sum(report.refused.values())
        decided += report.decided
        latencies += report.latencies
        seconds += report.seconds
        print(f"{done} of {ROUNDS} rounds, {kept} votes, broken: {dict(broken)}", file=sys.stderr, flush=True)
    what = f"{ROUNDS} rounds of 16 people at {REVIEWS} reviews"
    slowest = sorted(latencies)[int(len(latencies) * 0.99)] * 1000
    print(
        f"{what}: {kept} votes kept, {refused} refused, {decided} reviews decided once, "
        f"{len(latencies) / seconds:.0f} calls/s, 99 of 100 within {slowest:.0f} ms, broken: {dict(broken)}"
    )
    promises = [Measurement(f"votes: broken promises in {what}", sum(broken.values()), "promises", 0)]
    print(json.dumps([asdict(one) for one in promises]))


if __name__ == "__main__":
    main()
