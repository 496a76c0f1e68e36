"""What providers of models tell of usage and cost: OpenAI and Anthropic, as their addresses for organisations answer.

The two count differently. OpenAI's input tokens hold those read from a cache, Anthropic's do not; OpenAI tells cost in
dollars, Anthropic in a text of cents. A null stands for what was not grouped by, or for the default workspace.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.common.errors import Invalid
from kpis.feeds.documents import Seen, Settings, Unusable, moment_of_seconds
from kpis.feeds.pages import once
from kpis.feeds.source import Source

CENT = Decimal("0.01")
LABELS = {"project_id": "project", "workspace_id": "workspace", "api_key_id": "key", "user_id": "user",
          "model": "model", "line_item": "item", "description": "item"}  # fmt: skip
Labels = tuple[tuple[str, str], ...]
Counts = Mapping[str, int]


def read(source: Source, settings: Settings) -> Iterator[Seen]:
    """Tokens, or cost, per day and labels; several pages may stand in one file."""
    found: dict[tuple[datetime, Labels, str], dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for number, (at, result) in enumerate(_results(source, settings), start=1):
        settings.report.rows += 1
        try:
            vendor, sums = _read(result, settings)
        except Unusable as unusable:
            settings.report.reject(number, unusable.column, str(unusable))
            continue
        told = found[at, _labels(result), vendor]
        for measure, count in sums.items():
            told[measure] += count
    if not settings.report.rows:
        raise Invalid("The answer holds no results: that is unknown, not zero.", field="file")
    for (at, labels, vendor), sums in found.items():
        yield from _seen(at, labels, vendor, sums)


def _results(source: Source, settings: Settings) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    """The results of all pages."""
    goes_on = False
    for _, page in once(source.objects()):
        if not isinstance(page.get("data"), list):
            raise Invalid("This is no answer of a provider about usage or cost.", field="file")
        goes_on = bool(page.get("has_more"))
        yield from _dated(page["data"], settings)
    if goes_on:
        settings.warn("The answer has more pages than the file; they belong to it.")


def _dated(buckets: list[Mapping[str, Any]], settings: Settings) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    """Each result with its day in UTC; a bucket without results says that nothing was used."""
    for bucket in buckets:
        begun = bucket["starting_at"] if "starting_at" in bucket else bucket["start_time"]
        at = settings.moment(begun) if isinstance(begun, str) else moment_of_seconds(begun)
        for result in bucket.get("results") or ():
            if result.get("rbac_group_id") or result.get("rbac_group"):
                raise Invalid("Results by group overlap: ask for them by project, workspace or key.", field="file")
            yield at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0), result


def _read(result: Mapping[str, Any], settings: Settings) -> tuple[str, Mapping[str, Any]]:
    """Whose result it is, and what it adds to which measure."""
    reader = next((reader for name, reader in _READERS.items() if name in result), None)
    if reader is None:
        raise Unusable("results", "The result is neither usage nor cost.")
    return reader(result, settings)


def _cost(result: Mapping[str, Any], settings: Settings) -> tuple[str, Mapping[str, Any]]:
    """An amount with its currency in dollars; Anthropic's amount is a text of cents beside its currency."""
    amount = result["amount"]
    if isinstance(amount, Mapping):
        vendor, cost, currency = "OpenAI", Decimal(str(amount["value"])), str(amount.get("currency") or "")
    else:
        vendor, cost, currency = "Anthropic", Decimal(str(amount)) * CENT, str(result.get("currency") or "")
    if currency and currency.upper() != settings.currency:
        raise Unusable("currency", f"The amount is in {currency}; this feed is in {settings.currency}.")
    return vendor, {"effective_cost": cost, "inference_cost": cost}


def _anthropic_usage(result: Mapping[str, Any], settings: Settings) -> tuple[str, Counts]:
    written = sum(int(count or 0) for count in (result.get("cache_creation") or {}).values())
    fresh, cached = int(result["uncached_input_tokens"] or 0), int(result.get("cache_read_input_tokens") or 0)
    return "Anthropic", _counts(fresh + written, cached, int(result.get("output_tokens") or 0))


def _openai_usage(result: Mapping[str, Any], settings: Settings) -> tuple[str, Counts]:
    every, cached = int(result["input_tokens"] or 0), int(result.get("input_cached_tokens") or 0)
    if cached > every:
        raise Unusable("input_cached_tokens", "More tokens were read from the cache than were sent at all.")
    return "OpenAI", _counts(every - cached, cached, int(result.get("output_tokens") or 0))


_READERS: Mapping[str, Callable[[Mapping[str, Any], Settings], tuple[str, Mapping[str, Any]]]] = {
    "amount": _cost,
    "uncached_input_tokens": _anthropic_usage,
    "input_tokens": _openai_usage,
}


def _counts(fresh: int, cached: int, written: int) -> Counts:
    return {"input_tokens": fresh, "cached_tokens": cached, "output_tokens": written,
            "tokens": fresh + cached + written}  # fmt: skip


def _labels(result: Mapping[str, Any]) -> Labels:
    found = {label: str(result[name]) for name, label in LABELS.items() if result.get(name)}
    return tuple(sorted(found.items()))


def _seen(at: datetime, labels: Labels, vendor: str, sums: Mapping[str, Any]) -> Iterator[Seen]:
    until = (at + timedelta(days=1, microseconds=-1)).date()
    for measure, amount in sums.items():
        money = isinstance(amount, Decimal)
        kind = "cost" if money else "usage"
        yield Seen(
            1, measure, at, f"{vendor} {kind} {at:%Y-%m-%d}", (labels,), dict(labels), num=None if money else amount,
            amount=amount if money else None, vendor=vendor, until=until,
        )  # fmt: skip
