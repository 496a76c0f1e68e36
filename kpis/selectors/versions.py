"""The versions of a KPI's definition: from when until when each counted, and what changed in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from kpis.defining import PARTS
from kpis.models import DefinitionKind, KpiVersion, PublishedDefinition

LABELS = {
    "name": "Name", "question": "Question", "perspective": "Perspective",
    "numerator": "Numerator", "denominator": "Denominator", "formula": "Formula", "percentile": "Percentile",
    "uom": "Unit", "terms": "Measures", "extra_series": "Series beside it", "source": "Source",
    "window": "Window", "minimum_sample": "Minimum sample", "missing_counts_as": "Missing counts as",
    "direction": "Direction", "low": "Lower bound", "high": "Upper bound", "tolerance": "Tolerance",
    "frequency": "Frequency", "owner": "Owner", "feed": "Source of the figures", "good": "What is good",
    "unit_label": "Words for the unit", "decimals": "Decimals", "lag_days": "Days for late data",
    "suppress_below": "Hidden below so many answers", "dimensions": "Broken down by",
    "error_budget": "Error budget",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `until` is the last day on which it was the one in force."""

    number: int
    since: date
    until: date | None
    changes: tuple[str, ...]  # against the version before
    by: str = ""  # who published it; nobody what ships
    reason: str = ""


def versions(key: str) -> tuple[Version, ...]:
    """The newest first; in one query."""
    published = PublishedDefinition.objects.filter(
        kind=DefinitionKind.KPI, key=OuterRef("kpi"), number=OuterRef("number"), retired=False
    )
    rows = list(
        KpiVersion.objects.filter(kpi=key)
        .annotate(by=Subquery(published.values("by__name")), reason=Subquery(published.values("reason")))
        .order_by("number")
    )
    found = []
    for place, row in enumerate(rows):
        until = rows[place + 1].valid_from if place + 1 < len(rows) else None
        told = changes(rows[place - 1].document["text"], row.document["text"]) if place else ()
        found.append(Version(row.number, row.valid_from, until, told, row.by or "", row.reason or ""))
    return tuple(reversed(found))


def changes(before: Mapping[str, Any], after: Mapping[str, Any], verb: str = "became") -> tuple[str, ...]:
    """What is said otherwise in the document of a definition: Numerator: “a” became “b”."""
    return _changes(_text(before), _text(after), verb)


def _text(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole definition; of terms what they add, in words."""
    text = dict(document)
    text["terms"] = "; ".join(map(_term, text.get("terms") or ()))
    for name in ("extra_series", "dimensions"):
        text[name] = ", ".join(text.get(name) or ())
    return text


def _term(term: Mapping[str, Any]) -> str:
    """deflected sessions (numerator over denominator)."""
    parts = [PARTS[part] for part in (term.get("num"), term.get("den")) if part]
    of = f" for the series {term['series']}" if term.get("series") else ""
    apart = "" if term.get("n", True) else ", not in the sample"
    return f"{str(term['measure']).replace('_', ' ')} ({' over '.join(parts)}{apart}){of}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], verb: str) -> tuple[str, ...]:
    """Numerator: “a” became “b”."""
    return tuple(
        f"{label}: {_said(before.get(name))} {verb} {_said(after.get(name))}"
        for name, label in LABELS.items()
        if before.get(name, after.get(name)) != after.get(name)  # older documents say less
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{str(value).replace('_', ' ')}”" if value not in (None, "") else "none"
