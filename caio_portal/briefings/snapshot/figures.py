"""Making figures: every one says where it comes from."""

from decimal import Decimal

from caio_portal.briefings.snapshot.schema import Figure
from caio_portal.briefings.snapshot.scope import CURRENCY, Scope
from caio_portal.common import words


def count(scope: Scope, key: str, label: str, value: int, source: str, link: str = "") -> Figure:
    return Figure(
        key=key, label=label, value=Decimal(value), words=f"{value:,}", source=source, link=link, as_of=scope.last_day
    )


def amount(scope: Scope, key: str, label: str, value: Decimal | None, source: str, link: str = "") -> Figure:
    """Money, in the currency of the briefing."""
    return Figure(
        key=key, label=label, value=None if value is None else round(value, 2),
        words=words.money(value, CURRENCY, short=True), source=source, link=link, as_of=scope.last_day,
    )  # fmt: skip


def share(scope: Scope, key: str, label: str, part: Decimal | int, whole: Decimal | int, source: str) -> Figure:
    """PART of WHOLE as a percentage; not known without a whole."""
    value = None if not whole else round(100 * Decimal(part) / Decimal(whole), 1)
    said = words.NONE if value is None else f"{value.normalize():f}%"
    return Figure(key=key, label=label, value=value, words=said, source=source, as_of=scope.last_day)
