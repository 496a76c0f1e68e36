"""Hostile files, each read by an own process with a profile as an import reads it: the slowest and the hungriest.

Seconds are those of the processor, of the reader and its child; memory is what reading adds, or what its child takes.
"""

import io
import os
import resource
import sys
from collections.abc import Callable

from benchmarks import place
from benchmarks.measurement import Measurement

LIMIT_SECONDS = 1.0
LIMIT_MEGABYTES = 100
_PROFILE = "plain"


def measure() -> list[Measurement]:
    place.django()
    from tests.common.hostile_files import HOSTILE

    found = {name: _measured(make()) for name, (make, _) in HOSTILE.items()}
    slowest = max(found, key=lambda name: found[name][0])
    hungriest = max(found, key=lambda name: found[name][1])
    return [
        Measurement(f"slowest of {len(found)} hostile files ({slowest})", found[slowest][0], "s CPU", LIMIT_SECONDS),
        Measurement(f"hungriest of them ({hungriest})", found[hungriest][1], "MB", LIMIT_MEGABYTES),
    ]


def _measured(content: bytes) -> tuple[float, float]:
    """Seconds and megabytes that a process needed to refuse a file."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sender, str(_megabytes(lambda: _refused(content))).encode())
        os._exit(0)
    _, _, used = os.wait4(child, 0)
    os.close(sender)
    with os.fdopen(receiver) as answer:
        return used.ru_utime + used.ru_stime, float(answer.read())


def _megabytes(read: Callable[[], int]) -> float:
    """What READ adds to this process, or what the child that it started takes, as it tells itself."""
    before = _resident()
    child = read()
    return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, child) / 1024


def _resident() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def _refused(content: bytes) -> int:
    from caio_portal.common.uploads.limits import Refused
    from portfolio.inventory import profiles, reading

    try:
        reading.read(io.BytesIO(content), profiles.load(_PROFILE))
    except Refused as refused:
        return refused.peak_kilobytes
    sys.exit("A hostile file was read.")
