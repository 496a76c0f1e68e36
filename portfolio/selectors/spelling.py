"""What somebody meant who mistyped a word: the nearest word of any title."""

import re
from collections.abc import Iterable, Mapping

from django.db import connection

_WORD = re.compile(r"[^\W\d_]{4,40}")
_CANDIDATES = 60
_NEAR = """
SELECT asked.word, near.word
FROM unnest(%(words)s::text[]) AS asked (word)
CROSS JOIN LATERAL (
  SELECT word, levenshtein_less_equal(word, asked.word, %(far)s) AS distance FROM search_word
  WHERE char_length(word) BETWEEN char_length(asked.word) - %(far)s AND char_length(asked.word) + %(far)s
  ORDER BY distance, word LIMIT %(candidates)s
) AS near
WHERE near.distance <= CASE WHEN char_length(asked.word) < 5 THEN 1 ELSE %(far)s END
AND NOT EXISTS (SELECT FROM use_case WHERE search @@ to_tsquery('english', asked.word || ':*'))
"""
_FAR = 2  # letters that may be wrong, missing or too many; swapped neighbours are two


def corrected(text: str) -> str:
    """TEXT with each word that is in no use case replaced by the nearest word of a title; empty if none is near."""
    words = sorted({word.lower() for word in _WORD.findall(text)})
    meant = _nearest(words) if words else {}
    if not meant:
        return ""
    return _WORD.sub(lambda found: meant.get(found[0].lower(), found[0]), text)


def _nearest(words: Iterable[str]) -> Mapping[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"words": list(words), "far": _FAR, "candidates": _CANDIDATES})
        near: dict[str, list[str]] = {}
        for asked, word in cursor.fetchall():
            near.setdefault(asked, []).append(word)
    return {asked: min(found, key=lambda word: _unlikeness(asked, word)) for asked, found in near.items()}


def _unlikeness(asked: str, word: str) -> tuple[int, bool, int, str]:
    """Swapped letters are the likeliest slip; the first letter is seldom wrong."""
    return (
        -(sorted(asked) == sorted(word)),
        asked[0] != word[0],
        abs(len(asked) - len(word)) + sum(a != b for a, b in zip(asked, word, strict=False)),
        word,
    )
