"""Values of facts that have parts: money, links, people, units, products, files. Each is JSON, and tells its own words.

A person, unit or product that the portal knows is an object with its id and its name as it was then; one that it does
not know is the text that somebody gave.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD")
HOUSE_CURRENCY = CURRENCIES[0]  # of an amount that names none, and of the limits in rules
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_MOST = Decimal(10) ** 15
_URL_LIMIT, _LABEL_LIMIT, _NAME_LIMIT = 2_000, 200, 20_000
_REFERENCE = frozenset({"id", "name", "email", "vendor"})
_FILE = frozenset({"file", "name", "size", "sha256"})


class Unreadable(ValueError):
    """A raw value that is none of the fact's values; the message names what is allowed.

    Of a table, `row` (from 1) and `column` say where it is.
    """

    def __init__(self, sentence: str, row: int = 0, column: str = "") -> None:
        super().__init__(sentence)
        self.row, self.column = row, column


def shown(raw: object) -> str:
    """A raw value as a message quotes it."""
    text = str(raw)
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"


def money(label: str, raw: object) -> dict[str, str]:
    """An amount (a decimal number as text) with its currency, out of `12,000.50 EUR` or out of these two parts."""
    if isinstance(raw, Mapping):
        amount, currency = raw.get("amount", ""), str(raw.get("currency") or HOUSE_CURRENCY)
    else:
        amount, currency = _amount_and_currency(raw)
    number = _decimal(amount)
    if isinstance(raw, bool) or number is None:
        raise Unreadable(f"{label} is an amount from 0 upwards, such as 25,000, not {shown(amount)}.")
    if currency not in CURRENCIES:
        raise Unreadable(f"{label} is in one of {', '.join(CURRENCIES)}, not {shown(currency)}.")
    return {"amount": _plain(number), "currency": currency}


def amount_of(value: Any) -> tuple[Decimal, str]:
    """Amount and currency of a stored value; facts from before amounts had a currency are plain numbers."""
    if isinstance(value, Mapping):
        return Decimal(value["amount"]), value["currency"]
    return Decimal(str(value)), HOUSE_CURRENCY


def money_words(value: Any, per: str = "") -> str:
    amount, currency = amount_of(value)
    return f"{amount:,} {currency} {per}".strip()


def link(label: str, raw: object) -> dict[str, str]:
    """A web address with what to call it."""
    parts: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"url": raw}
    url, called = str(parts.get("url", "")).strip(), " ".join(str(parts.get("label") or "").split())
    if not _is_web_address(url):
        raise Unreadable(f"{label} is a web address that begins with https:// or http://, not {shown(url)}.")
    if len(called) > _LABEL_LIMIT:
        raise Unreadable(f"What the link is called is longer than {_LABEL_LIMIT} characters.")
    return {"url": url, "label": called} if called else {"url": url}


def link_words(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    return f"{value['label']} ({value['url']})" if value.get("label") else str(value["url"])


def reference(label: str, raw: object) -> str | dict[str, Any]:
    """A person, unit or product: an object with id and name if the portal knows it, else text."""
    if not isinstance(raw, Mapping):
        text = str(raw).replace("\x00", "").strip()
        if len(text) > _NAME_LIMIT:
            raise Unreadable(f"{label} is longer than {_NAME_LIMIT:,} characters.")
        if not text:
            raise Unreadable(f"{label} has no value.")
        return text
    is_known = _REFERENCE >= raw.keys() >= {"id", "name"} and type(raw["id"]) is int
    if not is_known:
        raise Unreadable(f"{label} is a name, or an object with id and name.")
    return {key: raw[key] for key in ("id", "name", "email", "vendor") if raw.get(key) is not None}


def reference_words(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if value.get("email"):
        return f"{value['name']} ({value['email']})"
    return f"{value['vendor']}: {value['name']}" if value.get("vendor") else str(value["name"])


def names_of(value: Any) -> frozenset[str]:
    """By what a rule may call a person, unit or product, in small letters: name, e-mail address, vendor."""
    parts = value.items() if isinstance(value, Mapping) else (("name", value),)
    return frozenset(str(part).casefold() for key, part in parts if key != "id")


def stored_file(label: str, raw: object) -> dict[str, Any]:
    """A file that the portal keeps, by its uuid."""
    if not isinstance(raw, Mapping) or raw.keys() != _FILE:
        raise Unreadable(f"{label} is a file; upload it at its question.")
    return {"file": str(raw["file"]), "name": str(raw["name"]), "size": int(raw["size"]), "sha256": str(raw["sha256"])}


def _amount_and_currency(raw: object) -> tuple[object, str]:
    text = str(raw).strip()
    named = re.search(r"\b[A-Za-z]{3}\b", text)
    sign = next((code for sign, code in _SIGNS.items() if sign in text), HOUSE_CURRENCY)
    if named:
        return text.replace(named.group(), ""), named.group().upper()
    return text, sign


def _decimal(amount: object) -> Decimal | None:
    """A finite number from 0 upwards with at most two decimals; None for anything else."""
    try:
        number = Decimal(re.sub(r"[\s,_'$€£¥]", "", str(amount)))
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number < _MOST:
        return None
    return number.quantize(Decimal("0.01")) if number != number.to_integral_value() else number


def _plain(number: Decimal) -> str:
    """A number without exponent and without needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_web_address(url: str) -> bool:
    if len(url) > _URL_LIMIT or re.search(r"[\s\x00-\x1f\"<>\\]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False
