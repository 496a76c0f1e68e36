"""What the CAIO office writes into a briefing, and what stands there before it has."""

import re
from collections.abc import Callable

from caio_portal.briefings.snapshot.schema import Figure, Snapshot
from caio_portal.common.errors import Invalid
from caio_portal.common.records import Record
from caio_portal.common.words import inner, plural


class Field(Record):
    title: str
    help: str
    limit: int
    section: str  # whose figures stand beside it


def _field(title: str, help: str, section: str, limit: int = 420) -> Field:
    return Field(title=title, help=help, limit=limit, section=section)


FIELDS: dict[str, Field] = {
    "headline": _field("Headline", "One sentence on the cover: what should the reader remember?", "headline", 240),
    "summary": _field("Summary", "How the quarter went, in two sentences.", "headline"),
    "since": _field("Since the last briefing", "What changed, and why.", "changes", 700),
    "outlook": _field("Outlook", "What the next quarter brings.", "changes", 700),
    "requests": _field("Decisions requested", "Why these, and why now.", "requests"),
    "portfolio": _field("Portfolio and value", "Where value arises and where not.", "portfolio"),
    "risk": _field("Risk posture", "What lies outside appetite, and what is done about it.", "risk"),
    "decisions": _field("High-risk decisions", "What was decided, with which dissent.", "decisions"),
    "incidents": _field("Incidents", "What happened, and what was learned.", "incidents"),
    "budget": _field("Investments and budget", "Spend against plan, with the reason.", "budget"),
    "vendors": _field("Vendors", "Whom we rely on, and what we ask of them.", "vendors"),
    "obligations": _field("Regulatory calendar", "What becomes due.", "obligations"),
    "kpis": _field("KPI scorecard", "What the measures say together.", "kpis"),
}


def clean(key: str, text: str) -> str:
    """TEXT in plain paragraphs; refuses what is too long for its place."""
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").strip().split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    field = FIELDS[key]
    if len(tidy) > field.limit:
        raise Invalid(f"{field.title}: {len(tidy)} characters are too many, {field.limit} fit.", field=key)
    return tidy


def suggest(snapshot: Snapshot) -> dict[str, str]:
    """A first text for every field, made of the figures."""
    return {key: clean(key, write(snapshot)[: FIELDS[key].limit]) for key, write in _WRITERS.items()}


def _said(figures: tuple[Figure, ...], count: int = 3) -> str:
    known = [figure for figure in figures if figure.value is not None][:count]
    return ", ".join(f"{inner(figure.label)} {figure.words}" for figure in known)


def _headline(snapshot: Snapshot) -> str:
    outside = len(snapshot.risk.breaches)
    asked = len(snapshot.requests)
    risk = f"{plural(outside, 'use case lies', 'use cases lie')} outside risk appetite" if outside else (
        "No use case lies outside risk appetite"
    )  # fmt: skip
    wanted = f"{plural(asked, 'decision is', 'decisions are')} requested" if asked else "no decision is requested"
    return f"{risk}, and {wanted}."


def _summary(snapshot: Snapshot) -> str:
    off = [line.name for line in snapshot.kpis if line.status == "off_track"]
    on = sum(line.status == "on_track" for line in snapshot.kpis)
    known = sum(line.status in ("on_track", "watch", "off_track") for line in snapshot.kpis)
    first = f"{on} of {plural(known, 'measure')} with data {'is' if on == 1 else 'are'} on track."
    return f"{first} Off track: {_list(off[:3])}." if off else first


def _since(snapshot: Snapshot) -> str:
    return " ".join(f"{change.title}." for change in snapshot.changes[:4]) or "Nothing of note was recorded."


def _outlook(snapshot: Snapshot) -> str:
    due = [f"{renewal.vendor} (notice by {renewal.notice_by:%-d %B})" for renewal in snapshot.vendors.renewals[:3]]
    first = f"Contracts to decide on: {_list(due)}." if due else "No contract comes up for renewal."
    coming = [obligation for obligation in snapshot.obligations if obligation.on >= snapshot.as_of.date()]
    if not coming:
        return first
    return f"{first} The next date of the law is {coming[0].on:%-d %B %Y}: {inner(coming[0].title)}."


def _requests(snapshot: Snapshot) -> str:
    count = len(snapshot.requests)
    if not count:
        return "No decision is requested this quarter."
    dated = sum(request.by is not None for request in snapshot.requests)
    tail = f"; {dated} of them by a date" if dated else ""
    return f"{plural(count, 'decision waits', 'decisions wait')} for the reader{tail}."


def _portfolio(snapshot: Snapshot) -> str:
    said = _said(snapshot.portfolio.figures)
    return f"The register shows {said}." if said else "The register holds no use case yet."


def _risk(snapshot: Snapshot) -> str:
    breaches = snapshot.risk.breaches
    if not breaches:
        return "No residual risk exceeds the appetite of its tier."
    worst = breaches[0]
    return (
        f"{plural(len(breaches), 'use case exceeds', 'use cases exceed')} the appetite of its tier, "
        f"first {worst.title} with a residual risk of {worst.residual} against {worst.appetite}."
    )


def _decisions(snapshot: Snapshot) -> str:
    count = len(snapshot.decisions.decisions)
    if not count:
        return "No high-risk use case was decided this quarter."
    conditions = sum(bool(decision.conditions) for decision in snapshot.decisions.decisions)
    return (
        f"{plural(count, 'high-risk decision was', 'high-risk decisions were')} taken this quarter, "
        f"{conditions} of them with conditions."
    )


def _incidents(snapshot: Snapshot) -> str:
    incidents = [line for line in snapshot.incidents.incidents if not line.near_miss]
    grave = sum(line.severity <= 2 for line in incidents)
    misses = len(snapshot.incidents.incidents) - len(incidents)
    return (
        f"{plural(len(incidents), 'incident')} in the quarter, {grave} of severity 1 or 2, "
        f"and {plural(misses, 'near miss', 'near misses')}."
    )


def _budget(snapshot: Snapshot) -> str:
    said = _said(snapshot.budget.figures)
    return f"Year to date: {said}." if said else "No budget is recorded for this year."


def _vendors(snapshot: Snapshot) -> str:
    lines = snapshot.vendors.vendors
    low = [line.name for line in lines if line.total is not None and line.total < snapshot.vendors.bar]
    first = f"{plural(len(lines), 'vendor is', 'vendors are')} scored."
    bar = snapshot.vendors.bar
    return f"{first} Below the bar of {bar}: {_list(low[:4])}." if low else f"{first} None is below the bar."


def _obligations(snapshot: Snapshot) -> str:
    if not (count := len(snapshot.obligations)):
        return "No date of the law is near."
    return f"{plural(count, 'date')} of laws and rules that lie ahead or have just passed."


def _kpis(snapshot: Snapshot) -> str:
    empty = sum(line.status == "no_data" for line in snapshot.kpis)
    tail = f" {plural(empty, 'measure has', 'measures have')} no data yet." if empty else ""
    return f"{plural(len(snapshot.kpis), 'measure')} against target.{tail}"


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


_WRITERS: dict[str, Callable[[Snapshot], str]] = {
    "headline": _headline, "summary": _summary, "since": _since, "outlook": _outlook, "requests": _requests,
    "portfolio": _portfolio, "risk": _risk, "decisions": _decisions, "incidents": _incidents, "budget": _budget,
    "vendors": _vendors, "obligations": _obligations, "kpis": _kpis,
}  # fmt: skip
