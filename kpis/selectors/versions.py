"""The versions of a KPI's definition: from when until when each counted, and what changed in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpis.models import KpiVersion

LABELS = {
    "numerator": "Numerator", "denominator": "Denominator", "formula": "Formula", "percentile": "Percentile",
    "uom": "Unit", "terms": "Measures", "extra_series": "Series beside it", "source": "Source",
    "window": "Window", "minimum_sample": "Minimum sample", "missing_counts_as": "Missing counts as",
    "direction": "Direction", "low": "Lower bound", "high": "Upper bound", "tolerance": "Tolerance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `until` is the last day on which it was the one in force."""

    number: int
    since: date
    until: date | None
    changes: tuple[str, ...]  # against the version before


def versions(key: str) -> tuple[Version, ...]:
    """The newest first; in one query."""
    rows = list(KpiVersion.objects.filter(kpi=key).order_by("number"))
    found = []
    for place, row in enumerate(rows):
        until = rows[place + 1].valid_from if place + 1 < len(rows) else None
        before = _text(rows[place - 1]) if place else None
        found.append(Version(row.number, row.valid_from, until, _changes(before, _text(row)) if before else ()))
    return tuple(reversed(found))


def _text(row: KpiVersion) -> Mapping[str, Any]:
    """The whole definition; of terms what they add, in words."""
    text = dict(row.document["text"])
    text["terms"] = "; ".join(map(_term, text.get("terms") or ()))
    text["extra_series"] = ", ".join(text.get("extra_series") or ())
    return text


def _term(term: Mapping[str, Any]) -> str:
    """deflected sessions (num over den)."""
    parts = [part for part in (term.get("num"), term.get("den")) if part]
    of = f" for the series {term['series']}" if term.get("series") else ""
    return f"{str(term['measure']).replace('_', ' ')} ({' over '.join(parts)}){of}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Numerator: “a” became “b”."""
    return tuple(
        f"{label}: {_said(before.get(name))} became {_said(after.get(name))}"
        for name, label in LABELS.items()
        if before.get(name) != after.get(name)
    )


def _said(value: Any) -> str:
    return f"“{str(value).replace('_', ' ')}”" if value not in (None, "") else "none"
