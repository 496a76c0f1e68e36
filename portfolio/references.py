"""References that people quote, such as UC-2026-0042: one gapless count for each prefix and year."""

from django.db import connection, transaction

_TAKE = """
INSERT INTO ref_counter AS counter (prefix, year, last) VALUES (%(prefix)s, %(year)s, %(count)s)
ON CONFLICT (prefix, year) DO UPDATE SET last = counter.last + %(count)s RETURNING last
"""


def take(prefix: str, year: int, count: int = 1) -> list[str]:
    """The next references of a year; the count stays locked until the transaction ends: no gaps, no twins."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A reference is taken in the transaction that uses it.")
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"prefix": prefix, "year": year, "count": count})
        last = cursor.fetchone()[0]
    return [f"{prefix}-{year}-{number:04d}" for number in range(last - count + 1, last + 1)]
