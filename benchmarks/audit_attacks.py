"""The long form of the attacks on the trail: 500 random alterations, and 50 times the script that could deadlock."""

import os
import re
import subprocess
import sys

from benchmarks import place
from benchmarks.measurement import Measurement

ALTERATIONS = 500
DEADLOCKS = 50
OURS = {"LOCAL_DIR", "DJANGO_SETTINGS_MODULE", *place.OURS}  # pytest has services and settings of its own
TESTS = {
    f"trail: alterations missed, {ALTERATIONS} tried": "tests/audit/test_events.py::"
    "test_any_alteration_of_the_exported_trail_is_found",
    f"trail: deadlocks in {DEADLOCKS} scripts": "tests/audit/test_stall.py::"
    "test_event_then_lock_and_lock_then_event_do_not_deadlock",
}


def measure() -> list[Measurement]:
    return [Measurement(name, _failures(test), "failures", 0) for name, test in TESTS.items()]


def _failures(test: str) -> int:
    """How many forms of a test fail, with the long form's numbers."""
    long = {"LONG_ALTERATIONS": str(ALTERATIONS), "LONG_DEADLOCKS": str(DEADLOCKS)}
    environment = {key: value for key, value in os.environ.items() if key not in OURS} | long
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", test],
        cwd=place.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    if not counts.get("passed") and not counts.get("failed"):
        raise RuntimeError(done.stdout + done.stderr)
    return counts.get("failed", 0) + counts.get("error", 0)
