"""Results of evaluations: promptfoo, Inspect and garak. Counts are taken from what was graded, never from averages."""

import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import Invalid
from caio_portal.common.uploads.limits import PART_BYTES, PARTS, TOTAL_BYTES
from kpis.feeds.documents import Seen, Settings
from kpis.feeds.source import Source, parsed

THREW = "custom function threw error"
PROVIDER_ERROR = 2
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
Group = tuple[tuple[str, str], ...]
Graded = dict[Group, list[float]]  # passes, and how many were graded


def promptfoo(source: Source, settings: Settings) -> Iterator[Seen]:
    """Passes of graded rows per use case and suite. A test that asserts nothing, or whose assertion broke, is none."""
    report = source.document()
    run = report.get("results") if isinstance(report, dict) else None
    if not isinstance(run, dict) or not isinstance(run.get("results"), list):
        raise Invalid("This is not a result of promptfoo.", field="file")
    graded: Graded = defaultdict(lambda: [0.0, 0.0])
    asked: dict[str, set[str]] = defaultdict(set)
    for row in run["results"]:
        settings.report.rows += 1
        passed, case = _row_passed(row, settings), row.get("testCase") or {}
        told = {**(row.get("metadata") or {}), **(case.get("metadata") or {})}
        asked[_use_case(told)].add(canonical_json([case.get("vars") or row.get("vars"), case.get("assert")]))
        if passed is not None:
            sums = graded[_group(told, provider=(row.get("provider") or {}).get("id"))]
            sums[0], sums[1] = sums[0] + passed, sums[1] + 1
    at = settings.moment(str(run.get("timestamp") or ""))
    suite = str((report.get("config") or {}).get("description") or "")
    sets = {use_case: (suite, _digest(questions)) for use_case, questions in asked.items()}
    yield from _seen(at, str(report.get("evalId") or f"{at:%Y-%m-%d %H:%M}"), graded, sets, settings)


def inspect(source: Source, settings: Settings) -> Iterator[Seen]:
    """Passes of scored samples by one scorer (that of the feed, else the first). Only a finished run is evidence."""
    log = _inspect_log(source)
    if log.get("status") != "success":
        raise Invalid(f"The run is {log.get('status', 'unknown')}: only a successful one is evidence.", field="file")
    told = log.get("eval") or {}
    scorer = settings.mapping.metric or next(iter(_scorers(log)), "")
    if not scorer or scorer not in _scorers(log):
        raise Invalid(f"The run has no scorer {scorer or 'at all'}.", field="file")
    if scorer.startswith("model_graded") and settings.mapping.measure == "incorrect_answers":
        raise Invalid("These answers were graded by a model: the measure is incorrect_by_judge.", field="file")
    sums, asked = [0.0, 0.0], set()
    for sample in log.get("samples") or ():
        settings.report.rows += 1
        asked.add(canonical_json([sample.get("id"), sample.get("input"), sample.get("target")]))
        grade = _grade(((sample.get("scores") or {}).get(scorer) or {}).get("value"))
        if grade is None or sample.get("error"):
            settings.warn("A sample has an error or no grade; it does not count.")
            continue
        sums[0], sums[1] = sums[0] + grade, sums[1] + 1
    labels = {**(told.get("metadata") or {}), "task": told.get("task"), "model": told.get("model")}
    run = str(told.get("run_id") or told.get("eval_id") or told.get("created"))
    sets = {_use_case(labels): (str(told.get("task") or ""), _digest(asked))}
    yield from _seen(settings.moment(str(told.get("created"))), run, {_group(labels): sums}, sets, settings)


def garak(source: Source, settings: Settings) -> Iterator[Seen]:
    """Attacks that succeeded, per probe and detector. Outputs without a verdict are left out; a broken scan is none."""
    at: datetime | None = None
    run, labels, complete = "", {}, False
    found: dict[tuple[str, str], list[float]] = {}
    for _line, row in source.lines():
        kind = row.get("entry_type")
        if kind == "start_run setup":
            labels = {name.removeprefix("plugins."): row[name] for name in row if name.startswith("plugins.target")}
        elif kind == "init":
            at, run = settings.moment(str(row.get("start_time"))), str(row.get("run"))
        elif kind == "eval":
            settings.report.rows += 1
            found[row["probe"], row["detector"]] = _attacks(row, settings)  # aggregated reports repeat some
        complete = complete or kind == "completion"
    if at is None or not found:
        raise Invalid("This is not a report of garak with results.", field="file")
    if not complete:
        raise Invalid("The scan did not complete: its results are partial.", field="file")
    for (probe, detector), (fails, evaluated) in found.items():
        group = _group({**labels, "probe": probe, "detector": detector})
        yield Seen(1, "redteam_violations", at, run, (run, probe, detector), dict(group), fails, evaluated,
                   int(evaluated))  # fmt: skip


def _attacks(row: Mapping[str, Any], settings: Settings) -> list[float]:
    """Fails and evaluated outputs; older reports tell `total`, newer ones take the outputs without a verdict out."""
    evaluated = row["total_evaluated"] if "total_evaluated" in row else row["total"]
    settings.warn("Outputs without a verdict, left out.", int(row.get("nones") or 0))
    return [float(row["fails"] if "fails" in row else evaluated - row["passed"]), float(evaluated)]


def _row_passed(row: Mapping[str, Any], settings: Settings) -> bool | None:
    """Whether a row passed; None if nothing was graded."""
    if row.get("failureReason") == PROVIDER_ERROR:
        settings.warn("The provider failed; the row does not count.")
        return None
    verdicts = list(_verdicts(row, settings.mapping.metric))
    if not verdicts:
        settings.warn("A test asserts nothing that counts; the row does not count.")
        return None
    sound = [bool(one.get("pass")) for one in verdicts if not str(one.get("reason", "")).lower().startswith(THREW)]
    if not sound:
        settings.warn("An assertion threw an error; the row does not count.")
        return None
    return all(sound)


def _verdicts(row: Mapping[str, Any], metric: str) -> Iterator[Mapping[str, Any]]:
    """What each assertion found; named scores are weighted sums and are not read."""
    for one in (row.get("gradingResult") or {}).get("componentResults") or ():
        assertion = one.get("assertion") or {}
        if not metric or assertion.get("metric") == metric:
            yield one


def _inspect_log(source: Source) -> Mapping[str, Any]:
    source.file.seek(0)
    is_archive = source.file.read(4) == b"PK\x03\x04"
    log = _of_archive(source) if is_archive else source.document()
    if not isinstance(log, dict) or "eval" not in log:
        raise Invalid("This is not a log of Inspect.", field="file")
    return log


def _of_archive(source: Source) -> Any:
    """The header with the samples, each of bounded size."""
    try:
        with zipfile.ZipFile(source.file) as archive:
            parts = archive.infolist()
            if len(parts) > 50 * PARTS or sum(part.file_size for part in parts) > TOTAL_BYTES:
                raise Invalid("The archive is larger than one file may be.", field="file")
            log = parsed(_part(archive, "header.json"), "header.json")
            names = [part.filename for part in parts if part.filename.startswith("samples/")]
            return {**log, "samples": [parsed(_part(archive, name), name) for name in names]}
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError):
        raise Invalid("This is not a log of Inspect, or it is damaged.", field="file") from None


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(PART_BYTES + 1)
    if len(content) > PART_BYTES:
        raise Invalid(f"{name} in the archive is too large.", field="file")
    return content


def _scorers(log: Mapping[str, Any]) -> list[str]:
    return [str(score.get("name")) for score in (log.get("results") or {}).get("scores") or ()]


def _grade(value: Any) -> float | None:
    """C, P, I or N as 1, ½ and 0; a truth value or a number from 0 to 1 as it is; None of anything else."""
    if isinstance(value, str):
        return _GRADES.get(value)
    if isinstance(value, bool | int | float | Decimal) and 0 <= value <= 1:
        return float(value)
    return None


def _seen(
    at: datetime, run: str, graded: Graded, sets: Mapping[str, tuple[str, str]], settings: Settings
) -> Iterator[Seen]:
    measure = settings.mapping.measure or "golden_set"
    for group, (passes, count) in graded.items():
        num = passes if measure == "golden_set" else count - passes
        if measure == "incorrect_by_judge" and settings.mapping.judge and count:
            num = settings.mapping.judge.corrected(num, count)
        if count:
            pinned = sets.get(_use_case(dict(group)))
            yield Seen(1, measure, at, run, (run, group), dict(group), num, count, int(count), graded_on=pinned)


def _use_case(told: Mapping[str, Any]) -> str:
    return str(told.get("use_case") or told.get("use_case_id") or "")


def _digest(questions: set[str]) -> str:
    """Stands for the set of questions with what is expected, in whatever order they were asked."""
    return sha256("\n".join(sorted(questions)))


def _group(told: Mapping[str, Any], **more: Any) -> Group:
    """The labels by which an evaluation can be assigned."""
    labels = {name: str(value) for name, value in {**told, **more}.items() if isinstance(value, str | int) and value}
    if "use_case" not in labels and "use_case_id" in labels:
        labels["use_case"] = labels["use_case_id"]
    return tuple(sorted(labels.items()))
