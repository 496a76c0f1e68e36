"""Assessments of traces as MLflow's search tells them: answers that people, a model or code found right or wrong.

What people said and what a model said are measures of their own; a trace counts once for each of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from caio_portal.common.errors import Invalid
from kpis.feeds.documents import Seen, Settings
from kpis.feeds.source import Source

MEASURES = {"HUMAN": "incorrect_answers", "LLM_JUDGE": "incorrect_by_judge"}
RIGHT = frozenset({"pass", "passed", "yes", "true", "correct", "grounded", "good"})
WRONG = frozenset({"fail", "failed", "no", "false", "incorrect", "ungrounded", "bad"})
Labels = tuple[tuple[str, str], ...]


def read(source: Source, settings: Settings) -> Iterator[Seen]:
    """Wrong answers of those assessed, by the day of the request; of the assessment that the feed names."""
    sums: dict[tuple[datetime, str, Labels], list[int]] = defaultdict(lambda: [0, 0])
    metric = settings.mapping.metric
    names: set[str] = set()
    for trace in _traces(source, settings):
        settings.report.rows += 1
        at = settings.moment(str(trace.get("request_time") or "")).astimezone(UTC)
        verdicts = _verdicts(trace, metric, names, settings)
        for measure, is_right in verdicts.items():
            found = sums[at.replace(hour=0, minute=0, second=0, microsecond=0), measure, _labels(trace)]
            found[0], found[1] = found[0] + (not is_right), found[1] + 1
    if not metric and len(names) > 1:
        known = ", ".join(sorted(names))
        raise Invalid(f"The traces are assessed for several things ({known}): the feed must name one.", field="file")
    judge = settings.mapping.judge
    for (day, measure, labels), (wrong, count) in sums.items():
        num = judge.corrected(wrong, count) if judge and measure == "incorrect_by_judge" else wrong
        yield Seen(1, measure, day, f"{measure} {day:%Y-%m-%d}", (labels,), dict(labels), num, count, count)


def _traces(source: Source, settings: Settings) -> Iterator[Mapping[str, Any]]:
    """The traces of all pages in the file, each once."""
    known: set[str] = set()
    goes_on = False
    for _, page in source.objects():
        if not isinstance(page.get("traces"), list):
            raise Invalid("This is not a search of MLflow's traces.", field="file")
        goes_on = bool(page.get("next_page_token"))
        for trace in page["traces"]:
            if (key := str(trace.get("trace_id"))) not in known:
                known.add(key)
                yield trace
    if goes_on:
        settings.warn("The search has more pages than the file; they belong to it.")


def _verdicts(trace: Mapping[str, Any], metric: str, names: set[str], settings: Settings) -> dict[str, bool]:
    """What people, and what a model, said last."""
    found: dict[str, bool] = {}
    if trace.get("state") == "ERROR":
        settings.warn("A request failed; its trace does not count.")
        return found
    told = [one for one in trace.get("assessments") or () if one.get("valid", True) and "feedback" in one]
    for one in sorted(told, key=lambda one: str(one.get("create_time"))):
        name = str(one.get("assessment_name"))
        measure = MEASURES.get(str((one.get("source") or {}).get("source_type")))
        if measure is None or (metric and name != metric):
            continue
        names.add(name)
        is_right = _is_right((one["feedback"] or {}).get("value"))
        if is_right is None:
            settings.warn("An assessment is neither right nor wrong; it does not count.")
            continue
        found[measure] = is_right
    if not found:
        settings.warn("A trace without an assessment that counts.")
    return found


def _is_right(value: Any) -> bool | None:
    """A truth value, 1 or 0, or a word for it; None of anything else."""
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in RIGHT else False if word in WRONG else None
    return bool(value) if isinstance(value, bool | int | Decimal) and value in (0, 1) else None


def _labels(trace: Mapping[str, Any]) -> Labels:
    """Its tags, without those of MLflow itself."""
    tags = {str(name): str(value) for name, value in (trace.get("tags") or {}).items() if "mlflow." not in str(name)}
    if "use_case" not in tags and "use_case_id" in tags:
        tags["use_case"] = tags["use_case_id"]
    return tuple(sorted(tags.items()))
