"""Answers of Prometheus to `increase(...[1d])`: requests by status code, or latencies by bucket.

An answer without data is unknown, not zero. Each value counts the step that ends at its time, so the one of the first
of a month at midnight belongs to the month before.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from caio_portal.common.errors import Invalid
from kpis import buckets
from kpis.feeds.documents import Seen, Settings, moment_of_seconds
from kpis.feeds.source import Source

TOO_MANY = "429"  # a refusal by policy: the request was valid
Labels = tuple[tuple[str, str], ...]


class _Point(NamedTuple):
    metric: Mapping[str, str]
    at: datetime  # when the counted step began
    amount: float  # NaN or infinite if nobody knows


def read(source: Source, settings: Settings) -> Iterator[Seen]:
    """Good and valid requests where series have a status code; where they have bucket edges (`le`), quick and all."""
    points = list(_points(_result(source.document(), settings), settings))
    if not any(math.isfinite(point.amount) for point in points):
        raise Invalid("The answer holds no data: that is unknown, not zero.", field="file")
    if any("le" in point.metric for point in points):
        yield from _latency(points, settings)
    elif any(_code(point.metric) for point in points):
        yield from _availability(points, settings)
    else:
        raise Invalid("The series have neither a status code nor bucket edges (le).", field="file")


def _result(answer: Any, settings: Settings) -> Sequence[Mapping[str, Any]]:
    if not isinstance(answer, dict) or "status" not in answer:
        raise Invalid("This is not an answer of Prometheus.", field="file")
    if answer["status"] != "success":
        raise Invalid(f"Prometheus answered with an error: {str(answer.get('error', ''))[:200]}.", field="file")
    for warning in (*(answer.get("warnings") or ()), *(answer.get("infos") or ())):
        settings.warn(f"Prometheus says: {str(warning)[:200]}")
    found = answer.get("data") or {}
    if found.get("resultType") not in ("matrix", "vector"):
        raise Invalid("The answer is neither a matrix nor a vector.", field="file")
    series: Sequence[Mapping[str, Any]] = found.get("result") or ()
    return series


def _points(result: Sequence[Mapping[str, Any]], settings: Settings) -> Iterator[_Point]:
    step = timedelta(hours=settings.mapping.step_hours)
    for number, series in enumerate(result, start=1):
        metric = {name: str(value) for name, value in series.get("metric", {}).items()}
        for seconds, text in series.get("values") or [series["value"]]:
            settings.report.rows += 1
            try:
                count = float(text)
            except (TypeError, ValueError):
                settings.report.reject(number, "value", f"“{str(text)[:40]}” is not a number.")
                continue
            if not math.isfinite(count):
                settings.warn("A value is NaN or infinite: what it belongs to is unknown then, and not counted.")
            yield _Point(metric, moment_of_seconds(seconds) - step, count)


def _availability(points: Sequence[_Point], settings: Settings) -> Iterator[Seen]:
    """Client errors (4xx) are left out, but for 429; what is neither them nor a server error was good."""
    good: dict[tuple[datetime, Labels], float] = defaultdict(float)
    valid: dict[tuple[datetime, Labels], float] = defaultdict(float)
    for point in points:
        code = _code(point.metric)
        if code.startswith("4") and code != TOO_MANY:
            continue
        key = point.at, _labels(point.metric, "code", "status_code", "status", "http_status_code")
        valid[key] += point.amount
        good[key] += point.amount if code[:1] in "123" else 0  # failures that nobody knows make all of it unknown
    for (at, labels), requests in valid.items():
        if requests and math.isfinite(requests):  # nobody asked: no observation, not 0 of 0
            yield _seen("service_requests", at, labels, good[at, labels], requests, settings)


def _latency(points: Sequence[_Point], settings: Settings) -> Iterator[Seen]:
    found: dict[tuple[datetime, Labels], dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for point in points:
        if "le" in point.metric:
            found[point.at, _labels(point.metric, "le")][float(point.metric["le"])] += point.amount
    edge = _edge({upper for counts in found.values() for upper in counts}, settings.mapping.objective)
    for (at, labels), counts in found.items():
        if not {edge, math.inf} <= counts.keys() or not all(map(math.isfinite, counts.values())):
            settings.warn("A bucket is missing or no number: the latencies of that time are unknown, and not counted.")
        elif requests := counts[math.inf]:
            hist = buckets.of_cumulative(sorted(counts.items()))
            yield _seen("fast_requests", at, labels, counts[edge], requests, settings, hist)


def _edge(known: set[float], objective: float) -> float:
    """The edge of the buckets at which a request is quick enough; between two edges nobody knows."""
    for upper in known:
        if math.isclose(upper, objective):
            return upper
    told = ", ".join(f"{upper:g}" for upper in sorted(known) if math.isfinite(upper))
    raise Invalid(f"The objective of {objective:g} s is no edge of the buckets: {told}.", field="file")


def _seen(
    measure: str, at: datetime, labels: Labels, num: float, den: float, settings: Settings,
    hist: list[int] | None = None,
) -> Seen:  # fmt: skip
    until = (at + timedelta(hours=settings.mapping.step_hours, microseconds=-1)).date()
    return Seen(1, measure, at, f"{measure} {at:%Y-%m-%d}", (labels,), dict(labels), num, den, round(den), hist=hist,
                until=until)  # fmt: skip


def _code(metric: Mapping[str, str]) -> str:
    return next((metric[name] for name in ("code", "status_code", "http_status_code", "status") if name in metric), "")


def _labels(metric: Mapping[str, str], *without: str) -> Labels:
    named = {name: value for name, value in metric.items() if name not in without}
    if "use_case" not in named and "use_case_id" in named:
        named["use_case"] = named["use_case_id"]
    return tuple(sorted(named.items()))
