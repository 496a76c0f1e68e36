"""One figure: what was measured, against what, and whether it may be so."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measurement:
    """A VALUE in UNIT; with a BASELINE, the LIMIT is for the ratio of the two."""

    name: str
    value: float
    unit: str
    limit: float
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None

    @property
    def ok(self) -> bool:
        return (self.value if self.ratio is None else self.ratio) <= self.limit


HEADINGS = ("measurement", "value", "unit", "baseline", "ratio", "limit", "ok")


def table(measurements: Sequence[Measurement]) -> str:
    """The measurements in columns, for a terminal."""
    rows = [HEADINGS, *(_cells(measurement) for measurement in measurements)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column in (0, 2, 6) else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )  # fmt: skip


def write(measurements: Sequence[Measurement], path: Path) -> None:
    """Write the list of {name, value, unit, baseline, ratio, limit, ok}."""
    entries = [
        {key: asdict(one).get(key, getattr(one, key)) for key in ("name", "value", "unit", "baseline")}
        | {"ratio": one.ratio, "limit": one.limit, "ok": one.ok}
        for one in measurements
    ]
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def _cells(one: Measurement) -> tuple[str, ...]:
    ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
    baseline = "" if one.baseline is None else _number(one.baseline)
    return (one.name, _number(one.value), one.unit, baseline, ratio, f"{one.limit:g}", "yes" if one.ok else "NO")


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
