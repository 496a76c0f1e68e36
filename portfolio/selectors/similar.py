"""Use cases that look alike: candidates by their words from the index, then the likeness of the titles."""

import re
from collections.abc import Iterable

from caio_portal.accounts.models import User
from portfolio.models import UseCase

_CANDIDATES = 40
_TELLING = 4  # letters: shorter words say little
_SAME_WORD = 0.5  # likeness from which on two words are forms of one
_WORD = re.compile(r"\w+")


def similar_to(
    title: str, user: User, *, besides: int | None = None, at_least: float = 0.25, limit: int = 5
) -> list[UseCase]:
    """The use cases that this person sees and whose titles are most like TITLE, the closest first.

    Each has its `likeness` and, to explain it, what it has `in_common`.
    """
    telling = " ".join(word for word in _WORD.findall(title) if len(word) >= _TELLING)
    if not telling:
        return []
    others = UseCase.objects.active().visible_to(user).exclude(pk=besides or 0)
    candidates = (
        others.sharing_words(telling).by_closeness(telling).select_related("unit", "owner").defer("facts")[:_CANDIDATES]
    )
    return _closest(title, candidates, at_least)[:limit]


def likeness(one: str, other: str) -> float:
    """How much two titles have in common, from 0 to 1: shared trigrams of their words among all (Jaccard)."""
    a, b = _trigrams(one), _trigrams(other)
    return len(a & b) / len(a | b) if a or b else 0.0


def in_common(title: str, other: str) -> list[str]:
    """The telling words of another title that stand in TITLE, too, or nearly: why the two look alike."""
    mine = {word for word in _WORD.findall(title.lower()) if len(word) >= _TELLING}
    theirs = dict.fromkeys(word for word in _WORD.findall(other.lower()) if len(word) >= _TELLING)
    return [word for word in theirs if any(likeness(word, each) >= _SAME_WORD for each in mine)]


def _closest(title: str, candidates: Iterable[UseCase], at_least: float) -> list[UseCase]:
    found = list(candidates)
    for candidate in found:
        candidate.likeness = likeness(title, candidate.title)  # type: ignore[attr-defined]
        candidate.in_common = in_common(title, candidate.title)  # type: ignore[attr-defined]
    alike = [candidate for candidate in found if candidate.likeness >= at_least]  # type: ignore[attr-defined]
    return sorted(alike, key=lambda candidate: -candidate.likeness)  # type: ignore[attr-defined]


def _trigrams(text: str) -> frozenset[str]:
    words = (f"  {word} " for word in _WORD.findall(text.lower()))
    return frozenset(word[at : at + 3] for word in words for at in range(len(word) - 2))
