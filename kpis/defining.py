"""What a definition of the office's own has to be like: pure rules, each objection a sentence at a field."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from kpis import catalogue, rollup_sql
from kpis.catalogue import MAIN, Catalogue, Kpi, Measure, Term
from kpis.months import Window
from kpis.values import Formula

FIRST_NUMBER, FIRST_MEASURE = 1_000, 10_000  # of own KPIs and own measures: what ships stays below
OWN_FAMILY = "own"
# Pages beside the scorecard are made of these: the budget, unit costs, spend of vendors, readiness.
READ_ELSEWHERE = frozenset(
    {"budget_variance", "cost_per_key_action", "cost_to_serve", "adoption_rate", "regulatory_readiness"}
)
# Addresses below /kpis/ and /kpis/definitions/ that are no KPIs.
RESERVED = frozenset({"alerts", "allocation", "budget", "feeds", "batches", "objectives", "definitions", "notes",
                      "new", "measures"})  # fmt: skip
PARTS = {"num": "numerator", "den": "denominator", "n": "sample", "amount": "amount"}
_BRINGS = {"money": ("amount", "n"), "count": ("num", "n"), "share": ("num", "den", "n"), "hours": ("num", "n")}
_SERIES = re.compile(r"[a-z][a-z0-9_]{1,19}")
_KEY = re.compile(r"[a-z][a-z0-9_]{2,39}")
_IN_MONEY = (Formula.RATIO, Formula.SUM, Formula.MEAN)
_DIVIDED = (Formula.RATIO, Formula.RELATIVE_DIFFERENCE, Formula.DIFFERENCE_OF_RATIOS)
Objection = tuple[str, str]  # field and sentence


def is_own(kpi: Kpi) -> bool:
    """Whether the office added it."""
    return kpi.number >= FIRST_NUMBER


def next_number(book: Catalogue) -> int:
    """For a new KPI; those of retired ones are not given again."""
    return max(FIRST_NUMBER, *(kpi.number + 1 for kpi in book.by_key.values()))


def next_measure(book: Catalogue) -> int:
    return max(FIRST_MEASURE, *(measure.id + 1 for measure in book.measures.values()))


def counts_the_same(one: Kpi, other: Kpi) -> bool:
    """Whether the values of one are those of the other."""
    return one.definition() == other.definition()


def objections(draft: Kpi, before: Kpi | None, book: Catalogue) -> Iterator[Objection]:
    """What is wrong with a definition that takes the place of another one, or of none."""
    if before is None:
        yield from objections_to_key(draft.key, book.by_key)
        if draft.source != "observations":
            yield (
                "source",
                "A KPI of your own is made of observations: the portal's records are counted by the product.",
            )
    elif objection := _objection_to_counting(draft, before):
        yield "formula", objection
    if is_name_taken(draft.name, draft.key, book.in_force):
        yield "name", f"There is another {draft.name}: people tell KPIs by their names."
    if draft.suppress_below < (least := _least_answers(draft)):
        yield "suppress_below", f"Answers of fewer than {least} people are never shown."
    if draft.source == "observations":
        yield from _objections_to_terms(draft, book)


def is_name_taken(name: str, key: str, known: Mapping[str, Kpi] | Mapping[str, Measure]) -> bool:
    """Whether something else has this name."""
    return any(other != key and each.name.casefold() == name.strip().casefold() for other, each in known.items())


def _least_answers(draft: Kpi) -> int:
    """How many answers must stand together: as many as for any KPI that ships, or ships with the same answers."""
    measures = {term.measure for term in draft.terms}
    return max(
        (
            kpi.suppress_below
            for kpi in catalogue.shipped().kpis
            if kpi.key == draft.key or not measures.isdisjoint(term.measure for term in kpi.terms)
        ),
        default=0,
    )


def objections_to_key(key: str, taken: Iterable[str]) -> Iterator[Objection]:
    if not _KEY.fullmatch(key):
        yield "key", "Small letters, digits and underscores, 3 to 40 of them, a letter first."
    elif key in taken or key in RESERVED or rollup_sql.is_known(key):
        yield "key", f"{key} is taken."


def _objection_to_counting(draft: Kpi, before: Kpi) -> str | None:
    """Some may get other words, bounds and windows only."""
    shipped = catalogue.shipped().by_key.get(draft.key)
    if draft.source != before.source:
        return "Whether a KPI is made of records or of observations stays as it is."
    if before.source == "records" and shipped:
        if not counts_the_same(draft.model_copy(update={"percentile": shipped.percentile}), shipped):
            return "It is counted from the portal's own records, by the product: that is not changed here."
        if (before.window is Window.SNAPSHOT) is not (draft.window is Window.SNAPSHOT):
            return "A state on a day is not added up over months, nor the other way round."
    is_fixed = draft.key in READ_ELSEWHERE and before.source == "observations"
    if is_fixed and not any(counts_the_same(draft, known) for known in (before, shipped) if known):
        return "Other pages are made of this KPI, too: what it counts stays. A KPI of your own may count otherwise."
    return None


def _objections_to_terms(draft: Kpi, book: Catalogue) -> Iterator[Objection]:
    if objection := book.objection_to(draft):
        yield "window" if "months" in objection else "terms", f"{draft.name} {objection}"
        return
    for place, term in enumerate(draft.terms):
        for part, sentence in _objections_to_term(draft, term, book.measures[term.measure]):
            yield f"terms-{place}-{part}", sentence
    main = [term for term in draft.terms if term.series == MAIN]
    yield from _objections_to_formula(draft, main)
    if draft.error_budget and book.measures[draft.good_of_all].counts != "events":
        yield "error_budget", "Only what happens uses up an error budget, not what is counted on a day."
    stocks = [book.measures[term.measure].name for term in main if book.measures[term.measure].counts != "events"]
    if stocks and draft.window not in (Window.SNAPSHOT, Window.MONTH):
        yield "window", f"{stocks[0]} is counted on a day, which is not added up over months."


def _objections_to_term(draft: Kpi, term: Term, measure: Measure) -> Iterator[Objection]:
    if term.series and not _SERIES.fullmatch(term.series):
        yield "series", "A series is named in small letters, digits and underscores, 20 at most."
    if measure.pinned and not rollup_sql.is_known(draft.key):
        yield "measure", f"{measure.name} belong to Model quality, which tells when the set of questions changes."
    brings = _BRINGS[measure.uom]
    for side, part in (("num", term.num), ("den", term.den)):
        if part and part not in brings:
            *most, last = (PARTS[name] for name in brings)
            yield side, f"{measure.name} has no {PARTS[part]}, only {', '.join(most)} and {last}."


def _objections_to_formula(draft: Kpi, main: list[Term]) -> Iterator[Objection]:
    if draft.formula is Formula.PERCENTILE:
        yield "formula", "A percentile needs single durations, which only the portal's own records have."
    if draft.formula is Formula.DIFFERENCE_OF_RATIOS and "control" not in draft.series:
        yield "formula", "The difference needs a series named control, with what it is compared with."
    if draft.formula is Formula.MEAN and not any(term.n for term in main):
        yield "terms", "A mean divides by the sample: some measure has to count in it."
    yield from _objections_to_side(main, "num", needed=True)
    yield from _objections_to_side(main, "den", needed=draft.formula in _DIVIDED)
    if draft.uom == "business_days":
        yield "uom", "Business days are counted in the portal's own records only."
    if draft.uom == "money" and draft.formula in _IN_MONEY and not draft.money[0]:
        yield "uom", "A value in money needs a numerator in money."


def _objections_to_side(main: list[Term], side: Literal["num", "den"], *, needed: bool) -> Iterator[Objection]:
    kinds = {getattr(term, side) == "amount" for term in main if getattr(term, side)}
    if len(kinds) > 1:
        yield "terms", f"The {PARTS[side]} adds money to what is none."
    if needed and not kinds:
        yield "terms", f"Nothing makes the {PARTS[side]}."
