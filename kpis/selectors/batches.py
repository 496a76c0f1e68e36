"""The page of one batch: what came, what could not be used, and which figures it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min

from caio_portal.accounts.models import User
from kpis import catalogue
from kpis.models import FeedBatch, KpiRevision


@dataclass(frozen=True, slots=True)
class Changed:
    """A KPI some of whose values became others by this batch."""

    key: str
    name: str
    values: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A batch with the report of its file."""

    batch: FeedBatch
    loaded_by: str
    rejected: int
    problems: tuple[Mapping[str, Any], ...]  # line, column and sentence
    warnings: tuple[tuple[str, int], ...]
    amounts: tuple[tuple[str, Decimal], ...]
    unallocated: Decimal
    changed: tuple[Changed, ...]


def batch_page(batch: FeedBatch) -> BatchPage:
    """In two queries."""
    report = batch.report
    by = User.objects.filter(pk=batch.loaded_by).first() if batch.loaded_by else None
    problems = (dict(zip(("line", "column", "sentence"), one, strict=True)) for one in report.get("problems", ()))
    return BatchPage(
        batch, by.name if by else "The portal", int(report.get("rejected", 0)), tuple(problems),
        tuple(sorted(report.get("warnings", {}).items())),
        tuple((name, Decimal(amount)) for name, amount in report.get("amounts", {}).items()),
        Decimal(report.get("unallocated") or 0), _changed(batch),
    )  # fmt: skip


def _changed(batch: FeedBatch) -> tuple[Changed, ...]:
    """Values that were known before and were restated; what is new is in no revision."""
    rows = (
        KpiRevision.objects.filter(batch=batch)
        .order_by()
        .values("value__kpi")
        .annotate(values=Count("value", distinct=True), first=Min("value__month"), last=Max("value__month"))
        .order_by("value__kpi")
    )
    known = catalogue.current().by_key
    return tuple(
        Changed(row["value__kpi"], known[row["value__kpi"]].name, row["values"], row["first"], row["last"])
        for row in rows
        if row["value__kpi"] in known
    )
