"""How numbers, money and times read on every page and in every PDF."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

NONE = "–"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_SCALES = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))
Number = int | float | Decimal


def inner(text: str) -> str:
    """A title as it stands inside a sentence: its first letter small, unless a capital follows (AI, ISO)."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def number(value: Number | None, places: int | None = None) -> str:
    """1,234 or 12.5: grouped, with as few decimals as it needs (at most two) unless `places` says how many."""
    if value is None:
        return NONE
    if places is not None:
        return f"{value:,.{places}f}"
    if isinstance(value, int) or value == value.__trunc__():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def compact(value: Number | None) -> str:
    """61.4M, 950k, 12: three significant digits at most."""
    if value is None:
        return NONE
    amount = float(value)
    for scale, letter in _SCALES:
        if abs(amount) >= scale * 0.9995:
            scaled = amount / scale
            return f"{scaled:.{0 if abs(scaled) >= 99.95 else 1}f}".removesuffix(".0") + letter
    return number(round(amount, 0 if abs(amount) >= 100 else 1))


def money(value: Number | None, currency: str = "USD", *, short: bool = False) -> str:
    """$1,234 or, short, $61.4M; a currency without a common sign is named by its code."""
    if value is None:
        return NONE
    sign = "−" if value < 0 else ""
    bare = -value if value < 0 else value
    amount = compact(bare) if short else number(bare, 0 if bare >= 100 else None)
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"


def percent(ratio: Number | None, places: int = 0) -> str:
    """78% from 0.78."""
    return NONE if ratio is None else f"{float(ratio) * 100:.{places}f}%"


def points(change: Number | None) -> str:
    """+6 points from 0.06: the change of a ratio."""
    if change is None:
        return NONE
    value = round(float(change) * 100, 1)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))} points"


def plural(amount: int, one: str, many: str = "") -> str:
    """1 use case, 3 use cases."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def small(amount: int) -> str:
    """One to ten as words, as running text writes them."""
    names = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return names[amount] if 0 <= amount < len(names) else f"{amount:,}"


def day(value: date | datetime | None, *, short: bool = True) -> str:
    """20 Nov 2026, or 20 November 2026; datetimes in the reader's zone."""
    if value is None:
        return NONE
    local = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    return f"{local.day} {local:{'%b' if short else '%B'} %Y}"


def moment(value: datetime | None) -> str:
    """20 Nov 2026, 14:05, in the reader's zone."""
    if value is None:
        return NONE
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(value)}, {local:%H:%M}"


def ago(value: date | datetime | None, now: datetime) -> str:
    """3 days ago, in 2 hours, today: how far from now, in the largest unit that fits."""
    if value is None:
        return NONE
    if not isinstance(value, datetime):
        return _days((value - timezone.localtime(now).date()).days)
    gap = value - now
    seconds = abs(gap.total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 86_400:
        unit = plural(int(seconds // 3600), "hour") if seconds >= 3600 else plural(int(seconds // 60), "minute")
        return f"in {unit}" if gap > timedelta(0) else f"{unit} ago"
    return _days(int(seconds // 86_400) * (1 if gap > timedelta(0) else -1))


def iso(value: date | datetime) -> str:
    """The machine's form, for the datetime attribute of <time>."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return value.astimezone(UTC).isoformat(timespec="minutes")
    return value.isoformat()


def size(octets: int | None) -> str:
    """2.4 MB, from bytes."""
    if octets is None:
        return NONE
    for scale, letters in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if octets >= scale:
            return f"{octets / scale:.1f} {letters}"
    return plural(octets, "byte")


def _days(days: int) -> str:
    if abs(days) < 2:
        return {0: "today", 1: "tomorrow", -1: "yesterday"}[days]
    for length, unit in ((365, "year"), (60, "month"), (1, "day")):
        if abs(days) >= length:
            amount = plural(abs(days) // (30 if unit == "month" else length), unit)
            break
    return f"in {amount}" if days > 0 else f"{amount} ago"
