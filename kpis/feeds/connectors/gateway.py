"""What a LiteLLM gateway counted: daily activity (`/user/daily/activity`), its tables of days, spend logs, or requests.

Its spend is an estimate at list prices: it tells who used how much, and is never added to a provider's invoice. The
groups of a day (models, keys, providers) overlap, so only one of them is read: that of the keys, which name teams.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid
from kpis.feeds.connectors.people import active
from kpis.feeds.documents import Seen, Settings, Unusable, moment_of_seconds
from kpis.feeds.pages import once
from kpis.feeds.source import Source, parsed

ZERO = Decimal(0)
ACTIVE = timedelta(days=28)
FEWEST = 5  # people of a unit: of fewer, somebody could be told
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Sums:
    line: int
    spend: Decimal = ZERO
    tokens: int = 0
    good: int = 0
    requests: int = 0
    ids: list[str] = field(default_factory=list)  # of requests that are told one by one

    def plus(self, other: "_Sums", sign: int = 1) -> "_Sums":
        return _Sums(
            self.line, self.spend + sign * other.spend, self.tokens + sign * other.tokens,
            self.good + sign * other.good, self.requests + sign * other.requests,
        )  # fmt: skip

    def less(self, other: "_Sums") -> "_Sums":
        return self.plus(other, -1)


def read(source: Source, settings: Settings) -> Iterator[Seen]:
    """Cost, tokens and requests per day and key."""
    entries = source.entries()
    first = next(entries, None)
    if first is None:
        raise Invalid("The file has no entries.", field="file")
    if "results" in first[1]:
        yield from _pages((first, *entries), settings)
    elif {"date", "spend"} <= first[1].keys():
        yield from _days((first, *entries), settings)
    elif first[1].keys() & {"startTime", "request_id"}:
        yield from _requests((first, *entries), settings)
    else:
        raise Invalid("This is neither daily activity nor a spend log of LiteLLM.", field="file")


def _pages(entries: Iterable[tuple[int, dict[str, Any]]], settings: Settings) -> Iterator[Seen]:
    """Answers page by page: a page ends where it is full, so a day and its keys may stand on two of them."""
    days: dict[datetime, _Sums] = {}
    keys: dict[tuple[datetime, Labels], _Sums] = {}
    numbers: list[int] = []
    last: Mapping[str, Any] = {}
    for number, page in once(entries):
        last = page.get("metadata") or {}
        numbers.append(int(last.get("page") or number))
        for day in page["results"]:
            _add_day(day, number, days, keys, settings)
    _require_pages(numbers, last, settings)
    for at, whole in days.items():
        rest = whole
        for (_, labels), sums in ((key, sums) for key, sums in keys.items() if key[0] == at):
            rest = rest.less(sums)
            yield from _seen(at, labels, sums)
        if rest.spend or rest.requests or rest.tokens:  # lists of keys may be cut short: the rest is not dropped
            settings.warn("The keys of a day do not add up to the day; the rest is unallocated.")
            yield from _seen(at, (), rest)


def _add_day(
    day: Mapping[str, Any],
    line: int,
    days: dict[datetime, _Sums],
    keys: dict[tuple[datetime, Labels], _Sums],
    settings: Settings,
) -> None:
    at = settings.moment(str(day["date"]))  # a date in the zone of the gateway, which the feed names
    told = (day.get("breakdown") or {}).get("api_keys") or {}
    settings.report.rows += max(len(told), 1)
    days[at] = days.get(at, _Sums(line)).plus(_of_metrics(line, day["metrics"]))
    for key, found in told.items():
        labels = _labels_of_key(key, found.get("metadata") or {})
        keys[at, labels] = keys.get((at, labels), _Sums(line)).plus(_of_metrics(line, found["metrics"]))


def _require_pages(numbers: list[int], last: Mapping[str, Any], settings: Settings) -> None:
    """Each page once; what is missing is told."""
    if len(set(numbers)) < len(numbers):
        raise Invalid("The same page of the answer stands in the file twice.", field="file")
    missing = max(int(last.get("total_pages") or 0), max(numbers)) - len(numbers)
    if missing > 0 or last.get("has_more"):
        of = f" of {last['total_pages']}" if last.get("total_pages") else ""
        told = ", ".join(map(str, sorted(numbers)))
        settings.warn(f"This is page {told}{of}; the other pages belong to it.")


def _days(entries: Any, settings: Settings) -> Iterator[Seen]:
    """Rows of the gateway's own tables, one per day, key and model: added up per day and key."""
    found: dict[tuple[datetime, Labels], _Sums] = {}
    for line, entry in entries:
        settings.report.rows += 1
        tokens = sum(int(entry.get(name) or 0) for name in ("prompt_tokens", "completion_tokens"))
        at, labels = settings.moment(str(entry["date"])), _labels_of_key(str(entry.get("api_key") or ""), entry)
        row = _of_metrics(line, {"total_tokens": tokens, **entry})
        found[at, labels] = found.get((at, labels), _Sums(line)).plus(row)
    for (at, labels), sums in found.items():
        yield from _seen(at, labels, sums)


def _requests(entries: Any, settings: Settings) -> Iterator[Seen]:
    """Single requests, added up per day, team, key and tags; a request that is logged twice counts once."""
    days: dict[tuple[datetime, Labels], _Sums] = {}
    seen_on: dict[str, set[datetime]] = defaultdict(set)
    known: set[str] = set()
    for line, entry in entries:
        settings.report.rows += 1
        try:
            at, key = _request(entry, settings)
        except Unusable as unusable:
            settings.report.reject(line, unusable.column, str(unusable))
            continue
        if key in known:
            settings.warn("A request is logged twice; it counts once.")
            continue
        known.add(key)
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        seen_on[_person(entry, settings)].add(day)
        sums = days.setdefault((day, _labels_of_request(entry)), _Sums(line))
        sums.spend += Decimal(str(entry.get("spend") or entry.get("response_cost") or 0))
        sums.tokens += int(entry.get("total_tokens") or 0)
        sums.good += entry.get("status", "success") == "success"
        sums.requests += 1
        sums.ids.append(key)
    for (day, labels), sums in days.items():
        yield from _seen(day, labels, sums)
    if settings.mapping.roster and days:
        yield from _active_people(seen_on, settings)


def _active_people(seen_on: Mapping[str, set[datetime]], settings: Settings) -> Iterator[Seen]:
    """Distinct people of the roster seen in the last 28 days, of all active ones, by unit; service accounts are out.

    They are counted in one file that holds all those days: distinct people of several files cannot be added. Of units
    so small that somebody could be told nothing is kept.
    """
    every = [day for seen in seen_on.values() for day in seen]
    last = max(every)
    if last - min(every) < ACTIVE - timedelta(days=1):
        settings.warn("Active people are counted over 28 days, and this file holds fewer: they are not counted.")
        return
    staff = {person.lower(): unit for person, unit in active(settings.roster(), settings, quiet=True).items()}
    recent = {person for person, seen in seen_on.items() if max(seen) > last - ACTIVE}
    settings.warn("Users who are not on the roster, such as service accounts; they do not count.",
                  len(recent - staff.keys() - {""}))  # fmt: skip
    using = Counter(staff[person] for person in recent & staff.keys())
    for unit, people in Counter(staff.values()).items():
        if people < FEWEST:
            settings.warn(f"A unit of fewer than {FEWEST} people: who of them is active is not kept.")
            continue
        yield Seen(
            1, "active_users", last, f"active_users {last:%Y-%m}", (unit,), {"unit": unit, "team": unit},
            num=using[unit], den=people, n=people, until=last.date(),
        )  # fmt: skip


def _person(entry: Mapping[str, Any], settings: Settings) -> str:
    """Who asked: as the roster calls people, in lower case; empty if nobody says."""
    named = settings.mapping.columns.get("user")
    told = entry.get(named) if named else entry.get("end_user") or entry.get("user")
    return str(told or "").strip().lower()


def _request(entry: Mapping[str, Any], settings: Settings) -> tuple[datetime, str]:
    key = str(entry.get("request_id") or entry.get("id") or "")
    if not key:
        raise Unusable("request_id", "The request has no identifier.")
    begun = entry.get("startTime")
    try:
        at = moment_of_seconds(Decimal(str(begun))) if _is_seconds(begun) else settings.moment(str(begun or ""))
    except (ValueError, OverflowError, OSError):
        raise Unusable("startTime", f"“{str(begun)[:40]}” is not a moment.") from None
    return at.astimezone(UTC), key


def _is_seconds(begun: Any) -> bool:
    """Whether a moment is told as Unix seconds; in a table it is a text."""
    return isinstance(begun, int | Decimal) or (isinstance(begun, str) and begun.replace(".", "", 1).isdecimal())


def _opened(value: Any) -> Any:
    """What a cell of a table holds as JSON."""
    return parsed(value.encode(), "A cell") if isinstance(value, str) and value[:1] in ("{", "[") else value


def _of_metrics(line: int, metrics: Mapping[str, Any]) -> _Sums:
    return _Sums(
        line, Decimal(str(metrics.get("spend") or 0)), int(metrics.get("total_tokens") or 0),
        int(metrics.get("successful_requests") or 0), int(metrics.get("api_requests") or 0),
    )  # fmt: skip


def _labels_of_key(key: str, told: Mapping[str, Any]) -> Labels:
    return _labels(api_key=key, key=told.get("key_alias"), team=told.get("team_id"))


def _labels_of_request(entry: Mapping[str, Any]) -> Labels:
    told = _opened(entry.get("metadata")) or {}
    named = _opened(entry.get("request_tags")) or ()
    tags = dict(tag.split(":", 1) for tag in named if isinstance(tag, str) and ":" in tag)
    return _labels(
        **{f"tag.{name}": value for name, value in tags.items()},
        use_case=tags.get("use_case") or tags.get("use_case_id"),
        api_key=entry.get("api_key") or told.get("user_api_key_hash"), key=told.get("user_api_key_alias"),
        team=entry.get("team_id") or told.get("user_api_key_team_id"),
    )  # fmt: skip


def _labels(**found: Any) -> Labels:
    return tuple(sorted((name, str(value)) for name, value in found.items() if value))


def _seen(at: datetime, labels: Labels, sums: _Sums) -> Iterator[Seen]:
    scope, named = f"{at:%Y-%m-%d}", dict(labels)
    until = (at + timedelta(days=1, microseconds=-1)).date()
    made_of = sha256("\n".join(sorted(sums.ids))) if sums.ids else ""

    def seen(measure: str, **numbers: Any) -> Seen:
        return Seen(sums.line, measure, at, scope, (labels,), named, until=until, made_of=made_of, **numbers)

    yield seen("gateway_cost", amount=sums.spend, n=sums.requests)
    yield seen("gateway_tokens", num=float(sums.tokens), n=sums.requests)
    yield seen("gateway_requests", num=float(sums.good), den=float(sums.requests), n=sums.requests)
