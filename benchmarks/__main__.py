"""python -m benchmarks [NAME...]: run all benchmarks, or the modules named, on services and data of their own."""

import importlib
import os
import sys
import time
from pathlib import Path

from benchmarks import place
from benchmarks.measurement import Measurement, table, write

# The order matters: what is imported first is read by the pages, and memory is measured with everything loaded.
MODULES = (
    "importing",
    "hostile",
    "pages",
    "answering",
    "exporting",
    "trying",
    "crowd",
    "weight",
    "printing",
    "memory",
    "chaos_jobs",
    "chaos_votes",
    "chaos_council",
    "audit_writes",
    "audit_attacks",
    "kpis",
)
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> int:
    measurements: list[Measurement] = []
    for name in names or MODULES:
        begun = time.monotonic()
        try:
            found = importlib.import_module(f"benchmarks.{name}").measure()
        except place.NotThere as reason:
            print(f"{name}: left out: {reason}", flush=True)
            continue
        measurements += found
        print(f"{name}: {len(found)} figures in {time.monotonic() - begun:.0f} s", flush=True)
    print(f"\n{table(measurements)}")
    if not names:
        write(measurements, RESULTS)
    return int(not all(one.ok for one in measurements))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caio_portal.settings")
    place.prepare()
    sys.exit(main(sys.argv[1:]))
