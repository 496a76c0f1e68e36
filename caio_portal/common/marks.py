"""Small marks that repeat inside rows: icons, statuses, tiers, stages. Fast, so plain functions and no templates."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from caio_portal.common.ports import Port

# () -> the words for tiers 1 to 5 of the policy in force; asked once a page.
tier_labels: Port[[], Mapping[int, str]] = Port("tier_labels")
_TIERS: Mapping[int, str] = {number: f"Tier {number}" for number in range(1, 6)}

# tone -> icon. Colour never speaks alone: each tone has a shape, and every mark has words.
TONES = {"good": "check", "warn": "alert", "bad": "stop", "info": "info", "neutral": "dash"}

# Status of a KPI value -> (tone, icon, words).
STATUSES = {
    "on_track": ("good", "check", "On track"),
    "watch": ("warn", "alert", "Watch"),
    "off_track": ("bad", "stop", "Off track"),
    "no_data": ("neutral", "dash", "No data"),
    "not_applicable": ("neutral", "none", "Not applicable"),
}

# How far along a stage is, of four; None for what has ended.
_PIPS: Mapping[str, int | None] = {"idea": 1, "experiment": 2, "pilot": 3, "production": 4, "retired": None}


# The same few marks stand in every row, so each is made once. Typed: a SafeString is not the str that equals it.
_once = lru_cache(maxsize=2048, typed=True)


@_once
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static/img/icons.svg; without a label it is decoration."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, _sprite(), name
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', _sprite(), name
    )


@_once
def mark(tone: str, text: object, icon_name: str = "") -> SafeString:
    """A pill of icon and words in one of the five tones."""
    return format_html('<span class="mark mark-{}">{}{}</span>', tone, icon(icon_name or TONES.get(tone, "info")), text)


@_once
def status(key: str, text: str = "") -> SafeString:
    """The status of a KPI value, in the words of the glossary or in others."""
    tone, icon_name, words = STATUSES.get(key) or STATUSES["no_data"]
    return mark(tone, text or words, icon_name)


def tier(number: int | None, label: str = "", *, provisional: bool = False) -> SafeString:
    """A tier: shape, colour and word; hollow and dashed while it is provisional."""
    shape = number if number in _TIERS else 0
    words = label or (tier_words().get(shape, f"Tier {shape}") if shape else "Not yet known")
    return _tier(shape, words, provisional and bool(shape))


@_once
def _tier(shape: int, words: str, provisional: bool) -> SafeString:
    note = SafeString(" <small>provisional</small>") if provisional else ""
    return format_html(
        '<span class="tier tier-{}{}">{}<span>{}{}</span></span>',
        shape,
        " tier-provisional" if provisional else "",
        icon(f"tier-{shape}"),
        words,
        note,
    )


def paper_mark(tone: str, text: object) -> SafeString:
    """A mark in a PDF: its icon is a background."""
    return format_html('<span class="mark mark-{}">{}</span>', tone, text)


def paper_status(key: str, text: str = "") -> SafeString:
    """The status of a KPI value in a PDF."""
    tone, _, words = STATUSES.get(key) or STATUSES["no_data"]
    return paper_mark(tone, text or words)


def paper_tier(number: int | None, label: str = "", provisional: bool = False) -> SafeString:
    """A tier in a PDF."""
    shape = number if number in _TIERS else 0
    words = label or (tier_words().get(shape, f"Tier {shape}") if shape else "Not yet known")
    note = SafeString(" <small>provisional</small>") if provisional and shape else ""
    return format_html('<span class="tier tier-{}">{}{}</span>', shape, words, note)


def tier_words() -> Mapping[int, str]:
    """The words for the tiers: those of the policy in force, or plain numbers."""
    answers = tier_labels.ask_all()
    return answers[0] if answers else _TIERS


def stage(key: str | None, label: str = "", *, paused: bool = False) -> SafeString:
    """A stage with pips that show how far along it is."""
    return _stage(key, label, bool(paused))


@_once
def _stage(key: str | None, label: str, paused: bool) -> SafeString:
    if not key:
        return format_html('<span class="stage stage-unknown">{}</span>', label or "Not stated")
    reached = _PIPS.get(key, 0)
    pips = _pips(4 if reached is None else reached)
    pause = format_html(" {}", mark("neutral", "Paused", "pause")) if paused else ""
    kind = "stage-ended" if reached is None else f"stage-{key}"
    words = label or str(key).replace("_", " ").capitalize()
    return format_html('<span class="stage {}">{}<span>{}</span></span>{}', kind, pips, words, pause)


def count(number: int, tone: str = "", label: str = "") -> SafeString:
    """A number in a pill; the label says to listeners what is counted."""
    return format_html(
        '<span class="count{}">{}{}</span>',
        f" count-{tone}" if tone else "",
        f"{number:,}",
        format_html('<span class="sr"> {}</span>', label) if label else "",
    )


def avatar(person: Any) -> SafeString:
    """The initials of a person, as decoration beside their name."""
    words = [word for word in str(person).replace("@", " ").replace(".", " ").split() if word[0].isalpha()]
    initials = "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials or "?")


def delta(text: str, direction: str = "flat") -> SafeString:
    """A change with an arrow: up, down or flat."""
    return format_html('<span class="delta">{}{}</span>', icon(direction), text)


@lru_cache(maxsize=8)
def _pips(reached: int) -> SafeString:
    dots = format_html_join("", "<i{}></i>", ((SafeString(' class="on"') if n < reached else "",) for n in range(4)))
    return format_html('<span class="pips" aria-hidden="true">{}</span>', dots)


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("img/icons.svg")
