"""Snapshots: what a review looks at, as one canonical text that a hash names."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.records import Record


class FrozenEvidence(Record):
    id: int
    sha256: str
    name: str
    grade: str = ""
    valid_until: date | None = None


class FrozenControl(Record):
    id: str
    title: str
    by: str
    certain: bool
    state: str
    reason: str = ""
    evidence: tuple[FrozenEvidence, ...] = ()


class FrozenRule(Record):
    rule: str
    tier: int
    because: str
    reference: str
    framework: str
    missing: tuple[str, ...] = ()


class FrozenRisk(Record):
    title: str
    likelihood: int
    impact: int
    residual_likelihood: int
    residual_impact: int
    treatment: str = ""

    @property
    def residual(self) -> int:
        return self.residual_likelihood * self.residual_impact


class FrozenPerson(Record):
    part: str
    name: str
    user: int


class Snapshot(Record):
    """The facts, the trace, the controls with their evidence and the policy of one moment."""

    format: str = "caio-portal/snapshot/1"
    use_case: str
    title: str
    unit: str
    stage: str | None
    up_to_stage: str
    parties: tuple[FrozenPerson, ...]
    policy: str
    policy_sha256: str
    submission: int | None
    facts: dict[str, Any]
    material_hash: str
    tier: int
    ceiling: int
    held: tuple[FrozenRule, ...]
    undecided: tuple[FrozenRule, ...]
    additions: tuple[str, ...] = ()
    controls: tuple[FrozenControl, ...]
    risks: tuple[FrozenRisk, ...] = ()
    appetite: int | None = None

    @property
    def provisional(self) -> bool:
        return self.ceiling > self.tier

    @property
    def could_raise_it(self) -> tuple[str, ...]:
        """The unknown facts on which a rule of a graver tier still waits."""
        waiting = (rule.missing for rule in self.undecided if rule.tier > self.tier)
        return tuple(sorted({name for missing in waiting for name in missing}))

    @property
    def residual_risk(self) -> int | None:
        """The greatest residual risk, 1 to 25; None while no risk is recorded."""
        return max((risk.residual for risk in self.risks), default=None)


def freeze(snapshot: Snapshot) -> tuple[str, str]:
    """The canonical text of SNAPSHOT and its SHA-256."""
    text = canonical_json(snapshot)
    return text, sha256(text)


def thaw(text: str) -> Snapshot:
    return Snapshot.model_validate_json(text)


class Change(NamedTuple):
    """One thing that differs: what it is about (fact, control, risk, rule, parties ...), its key, and its words."""

    about: str
    key: str
    name: str
    before: Any
    after: Any


def changes(before: Snapshot, after: Snapshot) -> list[tuple[str, Any, Any]]:
    """What people are told differs between two snapshots: (what, before, after)."""
    return [(change.name, change.before, change.after) for change in differing(before, after) if change.about != "rule"]


def differing(before: Snapshot, after: Snapshot) -> list[Change]:
    """What differs: tier, facts, controls, evidence, risks, unit, title, team, and the rules that hold."""
    both = (before, after)
    return [
        *_told("tier", *({"tier": each.tier} for each in both)),
        *_told("fact", *(each.facts for each in both)),
        *_controls(before, after),
        *_told("risks", *({f"Residual risk: {risk.title}": risk.residual for risk in each.risks} for each in both)),
        *_told("unit", *({"unit": each.unit} for each in both)),
        *_told("title", *({"title": each.title} for each in both)),
        *_told("parties", *({party.part: party.name for party in each.parties} for each in both)),
        *_told("rule", *({rule.rule: rule.because for rule in each.held} for each in both)),
    ]


def _told(about: str, *both: Mapping[str, Any]) -> list[Change]:
    """What differs, by its key; risks, people and the like have one key for all of them."""
    keyed = about in ("fact", "rule")
    return [
        Change(about, name if keyed else about, str(now or was) if about == "rule" else name, was, now)
        for name, was, now in _differing(*both)
    ]


def _controls(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = ({f"{c.id} {c.title}": c for c in snapshot.controls} for snapshot in (before, after))
    for name, was, now in _differing(old, new):
        key = (now or was).id
        if (was and was.state) != (now and now.state):
            yield Change("control", key, name, was and was.state, now and now.state)
        elif was and now and was.evidence != now.evidence:
            yield Change("control", key, f"Evidence for {name}", _named(was), _named(now))


def _named(control: FrozenControl) -> str | None:
    return ", ".join(piece.name for piece in control.evidence) or None


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = sorted(before.keys() | after.keys())
    pairs = [(name, before.get(name), after.get(name)) for name in names]
    return [(name, was, now) for name, was, now in pairs if was != now]
