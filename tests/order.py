"""In which order several workers test: what takes long begins at once, each kind on a worker of its own.

`--dist worksteal` cuts the list into a stretch for each worker; whoever is through takes from the ends of the others'.
"""

from collections.abc import Sequence

# Mostly waits: for a browser, for workers that are killed, for leases that run out.
WAITING = (
    "tests/e2e/", "tests/common/test_jobs_chaos.py", "tests/kpis/test_killing.py", "tests/local/test_run.py",
)  # fmt: skip
# Mostly computes; what needs no database comes first, since another worker is migrating it meanwhile.
COMPUTING = (
    "tests/briefings/test_rendering.py", "tests/governance/test_decisions.py", "tests/local/test_demo.py",
    "tests/test_project.py", "tests/governance/test_race.py", "tests/test_links.py",
)  # fmt: skip


def spread(tests: Sequence[str], workers: int) -> list[int]:
    """The positions of TESTS (their ids) in the order in which so many workers are done soonest."""
    numbers = range(len(tests))
    waiting, computing = (
        [n for p in paths for n in numbers if tests[n].startswith(p)] for paths in (WAITING, COMPUTING)
    )
    long = {*waiting, *computing}
    rest = [n for n in numbers if n not in long]
    first = max(0, len(tests) // workers - len(waiting))  # so that the second stretch begins with what computes
    return [*waiting, *rest[:first], *computing, *rest[first:]]
