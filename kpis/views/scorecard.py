"""The scorecard and the page of one KPI."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.exports import csv_response, xlsx_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from kpis import access, catalogue, charts, months, rules, selectors, words
from kpis.catalogue import PERSPECTIVES, Kpi
from kpis.reaching import to_reach
from kpis.selectors.definitions import newest_of
from kpis.selectors.detail import Detail, detail
from kpis.selectors.scorecard import Scorecard

MONTHS_OFFERED = 24
ALERTS_SHOWN = 5
NOTES_SHOWN = 20
OPINIONS = "opinions"  # the series of those who are not passive, beside a net promoter score


@policy(*rules.VIEWERS)
def scorecard(request: Request) -> HttpResponseBase:
    """All KPIs by perspective, for a unit and a month."""
    scope = access.scope_of(request.user, request.GET.get("unit", ""))
    month = month_of(request)
    card = selectors.scorecard(scope.unit_ids, month, top=scope.unit.path if scope.unit else None)
    if "format" in request.GET:
        return _export(request, f"scorecard-{month:%Y-%m}", *_scorecard_rows(card))
    context = {
        "card": card, "scope": scope, "month": month, "months": months_offered(),
        "tally": [(status.value, number) for status, number in card.by_status.items()],
        "query": f"?unit={scope.key}&month={month:%Y-%m}",
        "is_keeper": roles_of(request.user).has(*rules.READERS),
        "alerts": access.alerts_of(request.user).waiting().count(),
    }  # fmt: skip
    return render_page(request, "kpis/scorecard.html", context, partials=["scorecard"])


@policy(*rules.VIEWERS)
def kpi_detail(request: Request, key: str) -> HttpResponse:
    """One KPI: its trend, its parts, the records it counts, and its lineage."""
    kpi = access.version_or_404(access.kpi_or_404(key), request.GET.get("version", ""))
    scope = access.scope_of(request.user, request.GET.get("unit", ""))
    month, day = month_of(request), known_on(request)
    page = detail(kpi, scope.unit_ids, month, request.user, known_on=end_of(day))
    others = [(series, points) for series, points, _ in page.series]
    notes = list(access.notes_of(key, scope)[:NOTES_SHOWN])
    numbers = charts.note_numbers(note.month for note in notes)
    context = {
        "kpi": kpi, "page": page, "reading": page.reading, "scope": scope, "month": month, "months": months_offered(),
        "known_on": day, "chart": charts.trend(page.reading, others, notes),
        "series": [_beside(page, series, amount) for series, _, amount in page.series],
        "is_old": kpi.version != access.kpi_or_404(key).version, "made_of": words.made_of(kpi, page.reading.sums),
        "as_asked": as_asked(request), "may_read_feeds": roles_of(request.user).has(*rules.READERS),
        "to_reach": to_reach(kpi, page.reading.sums, page.reading.value, page.reading.bands),
        "perspective": PERSPECTIVES[kpi.perspective], "owner": _owner(kpi),
        "interval": words.interval(kpi, page.reading.sums) or _margin(page),
        "alerts": access.alerts_of(request.user).running().filter(kpi=key, unit__in=scope.unit_ids)[:ALERTS_SHOWN],
        "notes": [(numbers[note.month], note) for note in notes],
        "retired": newest_of(key) if key not in catalogue.current().in_force else None,
        "note_objection": rules.objection_to_annotate(request.user, scope.unit),
        "target_objection": rules.objection_to_set_target(request.user, scope.unit),
    }  # fmt: skip
    return render_page(request, "kpis/kpi_detail.html", context, partials=["kpi"])


@policy(*rules.VIEWERS)
def export_kpi(request: Request, key: str) -> HttpResponseBase:
    """The months and parts of one KPI as a file, with the sums that the values are made of."""
    kpi = access.version_or_404(access.kpi_or_404(key), request.GET.get("version", ""))
    scope = access.scope_of(request.user, request.GET.get("unit", ""))
    moment = end_of(known_on(request))
    page = detail(kpi, scope.unit_ids, month_of(request), request.user, known_on=moment)
    return _export(request, key, ["Part", "Name", "Value", "Numerator", "Denominator", "Sample"], _rows(kpi, page))


def _owner(kpi: Kpi) -> str:
    return "the owner of the use case" if kpi.owner == Role.OWNER else Role(kpi.owner).label


def months_offered() -> list[date]:
    """The months that can be looked at, newest first; the last may not be over yet."""
    newest = months.add(selectors.default_month(), 1)
    return list(reversed(months.back(newest, MONTHS_OFFERED)))


def month_of(request: Request) -> date:
    """The month that the address asks for; without one, the last that is over."""
    wanted = request.POST.get("month", "") or request.GET.get("month", "")
    if not wanted:
        return selectors.default_month()
    try:
        return months.parse(wanted)
    except ValueError:
        raise Http404("There is no such month.") from None


def known_on(request: Request) -> date | None:
    """The day as known on which somebody wants to look; None for today."""
    try:
        return date.fromisoformat(request.GET.get("known_on", ""))
    except ValueError:
        return None


def as_asked(request: Request) -> str:
    """The part of an address that keeps the day and the version that a page was asked for."""
    asked = {name: request.GET[name] for name in ("known_on", "version") if request.GET.get(name)}
    return f"&{urlencode(asked)}" if asked else ""


def _beside(page: Detail, series: str, amount: Decimal | None) -> tuple[str, str]:
    """How a series beside the value is called, and what it is."""
    if series == OPINIONS:
        return "Answers", words.answers(page.reading.value, amount)
    return charts.series_name(series), words.value(page.reading.kpi, amount)


def _margin(page: Detail) -> str:
    opinions = next((amount for series, _, amount in page.series if series == OPINIONS), None)
    return words.margin(page.reading.value, opinions, page.reading.sums.n)


def end_of(day: date | None) -> datetime | None:
    """The moment at which a day is over."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), UTC)


def _export(request: Request, name: str, heads: list[str], rows: Any) -> HttpResponseBase:
    respond = xlsx_response if request.GET.get("format") == "xlsx" else csv_response
    return respond(name, heads, rows)


def _scorecard_rows(card: Scorecard) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    heads = ["Perspective", "No.", "KPI", "Value", "Unit", "Target", "Status", "Change", "Numerator", "Denominator",
             "Sample", "Provisional"]  # fmt: skip
    rows = (
        (
            perspective.name, reading.kpi.number, reading.kpi.name, reading.value, reading.kpi.uom,
            reading.target_words, reading.status.label, reading.change_words, reading.sums.num, reading.sums.den,
            reading.sums.n, "yes" if reading.provisional else "no",
        )
        for perspective in card.perspectives
        for reading in perspective.readings
    )  # fmt: skip
    return heads, rows


def _rows(kpi: Kpi, page: Detail) -> Iterator[tuple[Any, ...]]:
    for point in page.reading.trend:
        yield "Month", f"{point.month:%Y-%m}", point.value, None, None, None
    for title, parts in (
        ("Unit", page.units),
        ("Tier", page.tiers),
        ("Stage", page.stages),
        ("Vendor", page.vendors),
        ("Use case", page.records),
    ):
        for part in parts:
            name = f"{part.ref} {part.name}".strip()
            if part.hidden:
                yield title, name, None, None, None, None
                continue
            yield title, name, part.value, part.sums.num, part.sums.den, part.sums.n
