"""What speaks for a use case and what against it, read off the snapshot and the findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from governance.models import Severity
from governance.snapshots import FrozenControl, Snapshot
from portfolio.stages import Stage, rank

_DONE = ("met", "not_applicable")


@dataclass(frozen=True)
class Argument:
    """One point in a sentence, and where on the page it is shown in full."""

    text: str
    anchor: str


@dataclass(frozen=True)
class Arguments:
    speaks_for: list[Argument] = field(default_factory=list)
    speaks_against: list[Argument] = field(default_factory=list)


@dataclass(frozen=True)
class Reported:
    """A finding on the present snapshot: who looked, how grave it is, and the first words of it."""

    function: str
    severity: str
    text: str


def arguments(snapshot: Snapshot, findings: Iterable[Reported], open_incidents: int = 0) -> Arguments:
    """Both lists, each from the weightiest down; computed, so that nothing is forgotten that is on record."""
    reported = list(findings)
    against = [*_findings_against(reported), *_risk_against(snapshot), *_controls_against(snapshot)]
    if open_incidents:
        words = "incident is" if open_incidents == 1 else "incidents are"
        against.append(Argument(f"{open_incidents} {words} not resolved.", "history"))
    if snapshot.undecided:
        missing = sum(rule.tier > snapshot.tier for rule in snapshot.undecided)
        if missing:
            against.append(Argument(f"{_many(missing, 'graver rule')} cannot be decided for lack of facts.", "why"))
    return Arguments([*_value_for(snapshot), *_findings_for(reported), *_safeguards_for(snapshot)], against)


def due(snapshot: Snapshot) -> tuple[FrozenControl, ...]:
    """The controls that are certainly due by the stage that is asked for."""
    stage = Stage(snapshot.up_to_stage)
    return tuple(c for c in snapshot.controls if c.certain and rank(Stage(c.by)) <= rank(stage))


def _value_for(snapshot: Snapshot) -> Iterator[Argument]:
    if benefit := str(snapshot.facts.get("expected_benefit", "")).strip():
        yield Argument(benefit, "asked")


def _findings_for(findings: list[Reported]) -> Iterator[Argument]:
    clear = [finding.function for finding in findings if finding.severity == Severity.NONE]
    if clear:
        yield Argument(f"No objection from {', '.join(dict.fromkeys(clear))}.", "findings")


def _safeguards_for(snapshot: Snapshot) -> Iterator[Argument]:
    needed = due(snapshot)
    met = [control for control in needed if control.state in _DONE]
    if met:
        yield Argument(f"{len(met)} of {_many(len(needed), 'control')} due by then are met.", "controls")
    if snapshot.residual_risk is not None and snapshot.residual_risk <= (snapshot.appetite or 0):
        yield Argument(f"The residual risk of {snapshot.residual_risk} is within the appetite.", "risks")


def _findings_against(findings: list[Reported]) -> Iterator[Argument]:
    grave = [Severity.BLOCKING, Severity.MAJOR, Severity.MINOR]
    for severity in grave:
        for finding in findings:
            if finding.severity == severity:
                yield Argument(f"{severity.label}, {finding.function}: {finding.text}", "findings")


def _risk_against(snapshot: Snapshot) -> Iterator[Argument]:
    above = [risk for risk in snapshot.risks if risk.residual > (snapshot.appetite or 0)]
    for risk in sorted(above, key=lambda risk: -risk.residual):
        yield Argument(f"{risk.title}: residual risk {risk.residual}, appetite {snapshot.appetite}.", "risks")


def _controls_against(snapshot: Snapshot) -> Iterator[Argument]:
    missing = [control for control in due(snapshot) if control.state not in _DONE]
    excepted = [control for control in missing if control.state == "excepted"]
    if lacking := [control.title for control in missing if control.state != "excepted"]:
        shown = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
        yield Argument(f"{_many(len(lacking), 'control')} due by then not met: {shown}.", "controls")
    if excepted:
        yield Argument(f"{_many(len(excepted), 'control')} excepted for a time.", "controls")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
