"""All use cases as a file, from the list page."""

from statistics import median
from typing import TYPE_CHECKING

from benchmarks import place
from benchmarks.measurement import Measurement

if TYPE_CHECKING:
    from benchmarks.timing import Visitor

READER = "caio@demo.example"
LIMIT_SECONDS = 1.5
ROUNDS = 5


def measure() -> list[Measurement]:
    place.django()
    from benchmarks.timing import Visitor

    visitor = Visitor(READER)
    return [
        Measurement(f"export of all use cases to {kind.upper()}", _seconds(visitor, kind), "s", LIMIT_SECONDS)
        for kind in ("csv", "xlsx")
    ]


def _seconds(visitor: "Visitor", kind: str) -> float:
    return median(visitor.get(f"/use-cases/?format={kind}") for _ in range(ROUNDS))
