"""Use cases that look alike: candidates by their words from the index, then the likeness of titles and purposes."""

import re
from collections.abc import Iterable
from math import sqrt

from django.db.models.fields.json import KeyTextTransform

from caio_portal.accounts.models import User
from portfolio.models import UseCase

_CANDIDATES = 40
_TELLING = 4  # letters: shorter words say little
_PAIRED = 8  # words of a title that are looked for
_LONG = 7  # letters of a word of a purpose that is looked for; such words are rare, and few use cases have two of them
_LOOKED_FOR = 6  # words of a purpose
_STEM = 6  # letters by which forms of a word are known in a purpose
_AT_LEAST = 3  # words that two purposes share, if they are alike
_PURPOSE = 0.8  # what the same purpose says, if titles have nothing in common
_SAME_WORD = 0.5  # likeness from which on two words are forms of one
_WORD = re.compile(r"\w+")


def similar_to(
    title: str, user: User, *, purpose: str = "", besides: int | None = None, at_least: float = 0.25, limit: int = 5
) -> list[UseCase]:
    """The use cases that this person sees whose titles and purposes are most like these, the closest first.

    Each has its `likeness` and, to explain it, what the titles have `in_common`, and the purposes (`for_the_same`).
    """
    telling = list(dict.fromkeys(word for word in _WORD.findall(title.lower()) if len(word) >= _TELLING))[:_PAIRED]
    rare = _rare_words(purpose)
    if not telling and not rare:
        return []
    others = UseCase.objects.active().visible_to(user).exclude(pk=besides or 0)
    candidates = (
        others.sharing_words(telling, rare)
        .by_closeness(" ".join([*telling, *rare]))
        .select_related("unit", "owner")
        .annotate(meant_for=KeyTextTransform("purpose", "facts"))
        .defer("facts")[:_CANDIDATES]
    )
    return _closest(title, purpose, candidates, at_least)[:limit]


def _rare_words(purpose: str) -> list[str]:
    """The longest words of a purpose, each once."""
    words = dict.fromkeys(word for word in _WORD.findall(purpose.lower()) if len(word) >= _LONG and word.isalpha())
    return sorted(words, key=len, reverse=True)[:_LOOKED_FOR] if len(words) >= _AT_LEAST else []


def likeness(one: str, other: str) -> float:
    """How much two titles have in common, from 0 to 1: shared trigrams of their words among all (Jaccard)."""
    a, b = _trigrams(one), _trigrams(other)
    return len(a & b) / len(a | b) if a or b else 0.0


def in_common(title: str, other: str) -> list[str]:
    """The telling words of another title that stand in TITLE, too, or nearly: why the two look alike."""
    mine = {word for word in _WORD.findall(title.lower()) if len(word) >= _TELLING}
    theirs = dict.fromkeys(word for word in _WORD.findall(other.lower()) if len(word) >= _TELLING)
    return [word for word in theirs if any(likeness(word, each) >= _SAME_WORD for each in mine)]


def _closest(title: str, purpose: str, candidates: Iterable[UseCase], at_least: float) -> list[UseCase]:
    """Either likeness counts; together they count for more than each."""
    found, stems = list(candidates), _stems(purpose)
    for each in found:
        shared, share = _shared(stems, _stems(getattr(each, "meant_for", None) or "")) if stems else ([], 0.0)
        each.likeness = 1 - (1 - likeness(title, each.title)) * (1 - _PURPOSE * share)  # type: ignore[attr-defined]
        each.in_common = in_common(title, each.title)  # type: ignore[attr-defined]
        each.for_the_same = [word for word in shared if word not in each.in_common][:6]  # type: ignore[attr-defined]
    alike = [each for each in found if each.likeness >= at_least]  # type: ignore[attr-defined]
    return sorted(alike, key=lambda each: -each.likeness)  # type: ignore[attr-defined]


def _stems(text: str) -> dict[str, str]:
    """The telling words of a text by their beginnings."""
    return {word[:_STEM]: word for word in _WORD.findall(text.lower()) if len(word) > _TELLING}


def _shared(mine: dict[str, str], theirs: dict[str, str]) -> tuple[list[str], float]:
    """The words that two purposes share, and how much of both that is (their cosine); nothing, if they are few."""
    shared = [word for stem, word in theirs.items() if stem in mine]
    if len(shared) < _AT_LEAST:
        return [], 0.0
    return shared, len(shared) / sqrt(len(mine) * len(theirs))


def _trigrams(text: str) -> frozenset[str]:
    words = (f"  {word} " for word in _WORD.findall(text.lower()))
    return frozenset(word[at : at + 3] for word in words for at in range(len(word) - 2))
