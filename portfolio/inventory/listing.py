"""The profiles as pages show them, and which of them a file was probably made for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import Http404

from caio_portal.common.errors import Invalid
from caio_portal.common.uploads.limits import Refused
from portfolio import facts
from portfolio.inventory import profiles
from portfolio.inventory.columns import FileLook
from portfolio.inventory.guessing import PLACES
from portfolio.inventory.mapping import Mapper
from portfolio.inventory.profiles import Column, Profile
from portfolio.models import ImportBatch, ImportProfile

_LIKELY = 0.6  # the share of the file's columns that a profile must know to be offered
_ANSWERS = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile in the list; `saved` is its newest version when the organisation made it."""

    profile: Profile
    saved: ImportProfile | None
    batches: int


@dataclass(frozen=True, slots=True)
class Described:
    """A column of a profile in words."""

    column: Column
    what: str
    is_key: bool
    answers: Sequence[str]
    more: int


@dataclass(frozen=True, slots=True)
class Likely:
    """A profile that seems made for a file: how many of its columns it knows, and whether it was made here."""

    profile: Profile
    known: int
    columns: int
    is_own: bool


def listed() -> list[Listed]:
    saved = {row.key: row for row in ImportProfile.objects.select_related("by").defer("document").order_by("version")}
    counts = dict(ImportBatch.objects.order_by().values_list("profile").annotate(count=Count("pk")))
    return [Listed(one, saved.get(one.key), counts.get(one.key, 0)) for one in profiles.latest()]


def versions_of(key: str) -> QuerySet[ImportProfile]:
    return ImportProfile.objects.filter(key=key).select_related("by").defer("document").order_by("-version")


def profile_or_404(key: str) -> Profile:
    try:
        return profiles.load(key)
    except Invalid as unknown:
        raise Http404(unknown.sentence) from None


def described(profile: Profile) -> list[Described]:
    """Each column, and what it is."""
    identity = profile.identity
    key = identity.key or tuple(name for name in (identity.agency, identity.id) if name)
    return [
        Described(
            column,
            _what(profile, column),
            column.key in key,
            [option.value for option in column.options[:_ANSWERS]],
            max(0, len(column.options) - _ANSWERS),
        )
        for column in profile.columns
    ]


def _what(profile: Profile, column: Column) -> str:
    place = next((label for name, label in PLACES.items() if getattr(profile.identity, name) == column.key), "")
    return place or (facts.CATALOGUE[column.fact].label if column.fact else "")


def likely(look: FileLook) -> Likely | None:
    """The profile that knows most of a file's columns and misses none that it needs; none if it knows few."""
    found = [one for profile in profiles.latest() if (one := _fitting(profile, look))]
    return max(found, key=lambda one: (one.known, one.is_own), default=None)


def _fitting(profile: Profile, look: FileLook) -> Likely | None:
    try:
        mapper = Mapper(profile, look.header)
    except Refused:
        return None
    known = len(look.columns) - len(mapper.unknown)
    is_own = profile.key not in profiles.names()
    return Likely(profile, known, len(look.columns), is_own) if known >= _LIKELY * len(look.columns) else None


def base_of(look: FileLook, key: str) -> Profile | None:
    """The profile of the organisation that somebody wants to change with this file at hand."""
    own = key and key not in profiles.names() and ImportProfile.objects.filter(key=key).exists()
    return profiles.load(key) if own else None
