"""Snapshots: what a review looks at, as one canonical text that a hash names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

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


def changes(before: Snapshot, after: Snapshot) -> list[tuple[str, Any, Any]]:
    """What differs between two snapshots: (what, before, after) for tier, facts, controls, evidence and risks."""
    found = _differing({"tier": before.tier}, {"tier": after.tier}) + _differing(before.facts, after.facts)
    old, new = ({f"{c.id} {c.title}": c for c in snapshot.controls} for snapshot in (before, after))
    for name, was, now in _differing(old, new):
        if (was and was.state) != (now and now.state):
            found.append((name, was and was.state, now and now.state))
        elif was and now and was.evidence != now.evidence:
            found.append((f"Evidence for {name}", _named(was), _named(now)))
    risks = ({risk.title: risk.residual for risk in snapshot.risks} for snapshot in (before, after))
    return found + [(f"Residual risk: {name}", was, now) for name, was, now in _differing(*risks)]


def _named(control: FrozenControl) -> str | None:
    return ", ".join(piece.name for piece in control.evidence) or None


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = sorted(before.keys() | after.keys())
    pairs = [(name, before.get(name), after.get(name)) for name in names]
    return [(name, was, now) for name, was, now in pairs if was != now]
