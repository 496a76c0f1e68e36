"""Try before publish: what another policy would make of the same use cases, counted without touching them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from caio_portal.common.records import Record
from governance.policy.evaluation import Evaluator, Verdict, evaluator, route_to_take
from governance.policy.schema import DecisionKind, Policy, Route, StepKind
from portfolio.facts import Facts
from portfolio.stages import Stage, rank

UNKNOWN = "unknown"
SideNames = Callable[["Side"], Iterable[str]]


class TierMove(Record):
    before: int | None  # None: not yet known
    after: int | None
    use_cases: int


class Effect(Record):
    """How many use cases are in a tier, or caught by a rule and so on; None where a policy does not have it."""

    key: str
    title: str
    before: int | None
    after: int | None


class RuleEffect(Effect):
    """A rule that catches others, weighs another tier, or moves use cases."""

    tier_before: int | None
    tier_after: int | None
    moves: int  # how many use cases change tier by it


class Trial(Record):
    """What would change if the other policy held."""

    use_cases: int
    moved: int
    raised: int
    lowered: int
    provisional_before: int
    provisional_after: int
    moves: tuple[TierMove, ...]
    tiers: tuple[Effect, ...]
    rules: tuple[RuleEffect, ...]  # those that make a difference
    controls: tuple[Effect, ...]  # those required of another number of use cases
    routes: tuple[Effect, ...]  # of use cases that are not retired, if each were reviewed
    votes_a_year_before: float  # council votes from the intervals of re-review, of what needs an approval now
    votes_a_year_after: float
    reviews: tuple[Effect, ...]  # which publication opens, by who decides; before is always None
    examinations: dict[str, int]  # by function, in those reviews
    review_days: int  # business days of all their clocks

    @property
    def reviews_opened(self) -> int:
        return sum(effect.after or 0 for effect in self.reviews)

    @property
    def moves_by_tier(self) -> dict[str, dict[str, int]]:
        """before → after → how many, with words for tiers that are not yet known."""
        found: dict[str, dict[str, int]] = {}
        for move in self.moves:
            found.setdefault(_key(move.before), {})[_key(move.after)] = move.use_cases
        return found


@dataclass(frozen=True)
class Side:
    """What one policy says about the facts."""

    verdict: Verdict
    controls: tuple[str, ...]
    route: Route
    needs_approval_from: Stage | None  # None: never given
    reviews_a_year: float

    @property
    def tier(self) -> int | None:
        return self.verdict.tier if self.verdict.known else None

    def votes_a_year(self, stage: str | None) -> float:
        """How many council votes a use case at this stage takes each year, from its interval of re-review."""
        voted = any(step.kind is StepKind.VOTE for step in self.route.steps)
        if not voted or self.needs_approval_from is None or stage in (None, Stage.RETIRED):
            return 0.0
        return self.reviews_a_year if rank(Stage(stage)) >= rank(self.needs_approval_from) else 0.0


@dataclass(frozen=True, eq=False)
class Pair:
    """What both policies say about the same facts."""

    before: Side
    after: Side
    reasons: tuple[str, ...]  # the rules that raise it, or that held it up until then

    def side(self, *, before: bool) -> Side:
        return self.before if before else self.after

    @cached_property
    def moved(self) -> bool:
        return self.before.tier != self.after.tier

    def needs_review(self, approved_tier: int | None) -> bool:
        """Whether the change asks for a graver route than an approval was given on; None: nothing is approved."""
        after = self.after.route.tier
        return approved_tier is not None and after > self.before.route.tier and after > approved_tier


class Comparison:
    """Two policies and what has been seen so far."""

    def __init__(self, before: Policy, after: Policy) -> None:
        self.before, self.after = before, after
        self._seen: Counter[tuple[Pair, str | None]] = Counter()
        self._reviews: Counter[Pair] = Counter()

    def pair(self, facts: Facts) -> Pair:
        """What both policies say; the caller keeps it for equal facts."""
        before, after = _side(self.before, facts), _side(self.after, facts)
        return Pair(before, after, self._reasons(before, after))

    def _reasons(self, before: Side, after: Side) -> tuple[str, ...]:
        """Raised: the gravest rules that hold now. Lowered: those that held it above where it is now."""
        was, now = before.tier or 0, after.tier or 0
        if now > was:
            return tuple(rule for rule in after.verdict.held if self.after.rule(rule).tier == now)
        if now < was:
            return tuple(rule for rule in before.verdict.held if self.before.rule(rule).tier > now)
        return ()

    def see(self, pair: Pair, stage: str | None, approved_tier: int | None, *, in_review: bool = False) -> bool:
        """Count one use case; returns whether publication opens a review of it."""
        self._seen[pair, stage] += 1
        if in_review or not pair.needs_review(approved_tier):
            return False
        self._reviews[pair] += 1
        return True

    def result(self) -> Trial:
        moves: Counter[tuple[int | None, int | None]] = Counter()
        for (pair, _), count in self._seen.items():
            moves[pair.before.tier, pair.after.tier] += count
        changed = {key: n for key, n in moves.items() if key[0] != key[1]}
        return Trial(
            use_cases=self._seen.total(),
            moved=sum(changed.values()),
            raised=sum(n for (was, now), n in changed.items() if (now or 0) > (was or 0)),
            lowered=sum(n for (was, now), n in changed.items() if (now or 0) < (was or 0)),
            provisional_before=self._provisional(before=True),
            provisional_after=self._provisional(before=False),
            moves=tuple(
                TierMove(before=was, after=now, use_cases=n)
                for (was, now), n in sorted(changed.items(), key=lambda move: (-move[1], str(move[0])))
            ),
            tiers=self._tiers(),
            rules=self._rules(),
            controls=self._controls(),
            routes=self._routes(),
            votes_a_year_before=round(self._votes(before=True), 1),
            votes_a_year_after=round(self._votes(before=False), 1),
            reviews=_effects(({}, self._decisions()), _DECISIONS, changed_only=False),
            examinations=dict(self._examinations().most_common()),
            review_days=sum(pair.after.route.days * n for pair, n in self._reviews.items()),
        )

    def _provisional(self, *, before: bool) -> int:
        return sum(n for (pair, _), n in self._seen.items() if pair.side(before=before).verdict.provisional)

    def _votes(self, *, before: bool) -> float:
        return sum(pair.side(before=before).votes_a_year(stage) * n for (pair, stage), n in self._seen.items())

    def _tiers(self) -> tuple[Effect, ...]:
        titles = {str(tier.number): tier.name for policy in (self.before, self.after) for tier in policy.tiers}
        counted = self._counted(lambda side: (_key(side.tier),))
        return _effects(counted, {**titles, UNKNOWN: "Not yet known"}, changed_only=False)

    def _rules(self) -> tuple[RuleEffect, ...]:
        moves: Counter[str] = Counter()
        for (pair, _), count in self._seen.items():
            moves.update(dict.fromkeys(pair.reasons, count))
        tiers = [{rule.id: rule.tier for rule in policy.rules} for policy in (self.before, self.after)]
        names = {rule.id: rule.because for policy in (self.before, self.after) for rule in policy.rules}
        effects = _effects(self._counted(lambda side: side.verdict.held), names, known=(tiers[0], tiers[1]),
                           changed_only=False)  # fmt: skip
        lines = (
            RuleEffect(
                **effect.model_dump(), tier_before=tiers[0].get(effect.key), tier_after=tiers[1].get(effect.key),
                moves=moves[effect.key],
            )
            for effect in effects
        )  # fmt: skip
        different = (r for r in lines if r.moves or (r.before, r.tier_before) != (r.after, r.tier_after))
        return tuple(sorted(different, key=lambda rule: -rule.moves))

    def _controls(self) -> tuple[Effect, ...]:
        names = [{control.id: control.title for control in policy.controls} for policy in (self.before, self.after)]
        counted = self._counted(lambda side: side.controls)
        return _effects(counted, names[0] | names[1], known=(names[0].keys(), names[1].keys()))

    def _routes(self) -> tuple[Effect, ...]:
        counted = self._counted(lambda side: (side.route.decision.value,), but=Stage.RETIRED)
        return _effects(counted, _DECISIONS, changed_only=False)

    def _counted(self, names: SideNames, but: str = "") -> tuple[Counter[str], Counter[str]]:
        """How often each name comes up before and after, leaving out one stage."""
        found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        for (pair, stage), count in self._seen.items():
            if but and stage == but:
                continue
            for counter, side in zip(found, (pair.before, pair.after), strict=True):
                for name in names(side):
                    counter[name] += count
        return found

    def _decisions(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for pair, count in self._reviews.items():
            found[pair.after.route.decision.value] += count
        return found

    def _examinations(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for pair, count in self._reviews.items():
            for step in pair.after.route.steps:
                if step.kind is StepKind.EXAMINE:
                    found.update({self.after.functions[name]: count for name in step.functions})
        return found


_DECISIONS = {
    DecisionKind.STANDING.value: "Clears under the standing approval", DecisionKind.SINGLE.value: "One approver",
    DecisionKind.COUNCIL.value: "Council", DecisionKind.EXECUTIVE.value: "Council, then executive",
    DecisionKind.REFUSED.value: "Refused as prohibited",
}  # fmt: skip


def _side(policy: Policy, facts: Facts) -> Side:
    judge: Evaluator = evaluator(policy)
    verdict = judge.verdict(facts)
    route, _ = route_to_take(policy, verdict.tier, verdict.provisional, judge.additions(facts))
    tier = policy.tier(route.tier)
    never = tier.forbidden
    return Side(
        verdict, judge.control_ids(facts), route, None if never else tier.approval_from,
        12 / tier.review_months if tier.review_months else 0.0,
    )  # fmt: skip


def _key(tier: int | None) -> str:
    return UNKNOWN if tier is None else str(tier)


def _effects(
    counted: tuple[Mapping[str, int], Mapping[str, int]],
    titles: Mapping[str, str],
    known: tuple[Iterable[str], Iterable[str]] | None = None,
    *,
    changed_only: bool = True,
) -> tuple[Effect, ...]:
    """A line for each of TITLES; what one policy does not have is None there, and not 0."""
    before, after = counted
    has = [set(names) for names in known] if known else [set(titles), set(titles)]
    lines = (
        Effect(
            key=key, title=title, before=before.get(key, 0) if key in has[0] else None,
            after=after.get(key, 0) if key in has[1] else None,
        )
        for key, title in titles.items()
    )  # fmt: skip
    return tuple(line for line in lines if not changed_only or line.before != line.after)
