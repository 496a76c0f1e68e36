"""Whom a review asks: of the functions that examined a use case before, those in whose field something is new.

Only examinations are spared. Votes, approvals and acceptances of risk are asked for as the charter and the route say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from governance.policy import Policy
from governance.snapshots import Change, FrozenControl, Snapshot, differing
from portfolio.conditions import fact_names
from portfolio.facts import CATALOGUE
from portfolio.stages import Stage, rank

MONTH = 30  # days: who looked longer ago than the tier's interval looks again
_NAMED = 3


@dataclass(frozen=True)
class Look:
    """The last time that a function examined the use case: in which review, on what, when, and whether it minded."""

    review_id: int
    snapshot: Snapshot
    on: date
    minded: bool = False


@dataclass(frozen=True)
class Occasion:
    """What a review is opened for."""

    cause: str
    snapshot: Snapshot
    today: date
    approved: bool  # whether the decision before this one approved, and nobody has revoked it
    grave_incident: bool = False  # since that decision


@dataclass(frozen=True)
class Asked:
    """One function: why it is asked, or the review since which nothing in its field is new."""

    function: str
    because: str = ""
    nothing_new_since: int | None = None


def asked(policy: Policy, functions: Sequence[str], looks: Mapping[str, Look], occasion: Occasion) -> dict[str, Asked]:
    """For each of FUNCTIONS whether it is asked. Where nothing says whose field something is in, all are."""
    whole = _why_all(policy, looks, occasion)
    if whole is not None:
        return {name: Asked(name, whole) for name in functions}
    found = {name: _reason(policy, name, set(functions), looks.get(name), occasion) for name in functions}
    if not any(found.values()):
        return {name: Asked(name, "Nothing says whose field it is in.") for name in functions}
    return {
        name: Asked(name, because) if because else Asked(name, nothing_new_since=looks[name].review_id)
        for name, because in found.items()
    }


def owners_of(policy: Policy, change: Change) -> frozenset[str]:
    """The functions in whose field a difference is; none where the policy says nothing of it."""
    if change.about == "rule":
        return _owners_of_rule(policy, change.key)
    return frozenset(concern.function for concern in policy.concerns if change.key in concern.of(change.about))


def _owners_of_rule(policy: Policy, rule_id: str) -> frozenset[str]:
    """A reason for the tier belongs to whoever answers for the facts that it reads."""
    rule = next((each for each in policy.rules if each.id == rule_id), None)
    if rule is None:
        return frozenset()
    facts = {name for condition in (rule.when, rule.unless) if condition for name in fact_names(condition)}
    return frozenset(concern.function for concern in policy.concerns if facts & set(concern.facts))


def _why_all(policy: Policy, looks: Mapping[str, Look], occasion: Occasion) -> str | None:
    """Why every function is asked, in words ("" if that goes without saying); None if only some may be."""
    if not looks:
        return ""
    if not policy.concerns or occasion.cause not in policy.rereview.asks:
        return "It is looked at as a whole."
    if not occasion.approved:
        return "It was not approved when it was decided last."
    if occasion.grave_incident:
        return "There was a grave incident."
    return None


def _reason(policy: Policy, name: str, functions: set[str], look: Look | None, occasion: Occasion) -> str:
    """Why a function is asked; nothing if it is not."""
    if look is None:
        return "It has not examined this use case before."
    if why := _why_anew(policy, look, occasion):
        return why
    mine = [
        _word(change)
        for change in _news(look, occasion)
        if name in (owners := owners_of(policy, change)) or not owners & functions
    ]
    if mine:
        return f"New: {', '.join(mine[:_NAMED])}{f' and {len(mine) - _NAMED} more' if len(mine) > _NAMED else ''}."
    return "What opened the review is in its field." if name in policy.rereview.asks[occasion.cause] else ""


def _why_anew(policy: Policy, look: Look, occasion: Occasion) -> str:
    """Why a function looks at everything again, whatever is in its field; nothing if it need not."""
    before, after = look.snapshot, occasion.snapshot
    if rank(Stage(after.up_to_stage)) > rank(Stage(before.up_to_stage)):
        return "The use case is to go further than it was approved for."
    if (before.tier, before.ceiling) != (after.tier, after.ceiling):
        return "Its tier is another one."
    if look.minded:
        return "Its last finding spoke against it."
    months = policy.tier(after.tier).review_months
    if months and occasion.today > look.on + timedelta(days=MONTH * months):
        return f"It examined it last on {look.on:%-d %B %Y}."
    return ""


def _word(change: Change) -> str:
    return CATALOGUE[change.key].label if change.about == "fact" and change.key in CATALOGUE else change.name


def _news(look: Look, occasion: Occasion) -> list[Change]:
    found = differing(look.snapshot, occasion.snapshot)
    told = {(change.about, change.key) for change in found}
    return found + [each for each in _lapsed(look, occasion) if (each.about, each.key) not in told]


def _lapsed(look: Look, occasion: Occasion) -> Iterator[Change]:
    """Controls whose evidence was valid when it was looked at, and is no longer."""
    for control in occasion.snapshot.controls:
        if _is_valid(control, look.on) and not _is_valid(control, occasion.today):
            yield Change("control", control.id, f"Evidence for {control.id} {control.title} has expired", None, None)


def _is_valid(control: FrozenControl, day: date) -> bool:
    ends: Iterable[date | None] = (piece.valid_until for piece in control.evidence)
    return any(end is None or end >= day for end in ends)
