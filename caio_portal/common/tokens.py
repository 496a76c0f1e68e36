"""The colours of the portal, by role: the one table behind tokens.css, the charts and the PDFs."""

import sys
from types import MappingProxyType

LIGHT = MappingProxyType(
    {
        "bg": "#f5f6f8",
        "surface": "#ffffff",
        "surface-2": "#eef1f4",
        "surface-3": "#e3e8ed",
        "border": "#d8dee5",
        "border-strong": "#7f8b98",
        "text": "#15202b",
        "text-2": "#43505d",
        "text-3": "#5b6875",
        "accent": "#0a5a73",
        "accent-hover": "#084659",
        "accent-soft": "#e2eff3",
        "on-accent": "#ffffff",
        "good": "#1a755c",
        "good-soft": "#e1f2ec",
        "warn": "#8c4b00",
        "warn-soft": "#fbeedb",
        "bad": "#8f1d22",
        "bad-soft": "#f9e4e3",
        "info": "#24478f",
        "info-soft": "#e5ebf8",
        "danger": "#a3282d",
        "danger-hover": "#841f24",
        "on-danger": "#ffffff",
        "viz-1": "#2e8bc4",
        "viz-2": "#a3470b",
        "viz-3": "#0e7f6d",
        "viz-4": "#743389",
        "viz-5": "#94881c",
        "viz-6": "#2d3a47",
        "tier-1": "#7399ae",
        "tier-2": "#2f6d92",
        "tier-3": "#d0702a",
        "tier-4": "#7c1d2c",
        "tier-5": "#15202b",
        "tier-0": "#8d98a4",
        "label-tier-1": "#15202b",
        "label-tier-2": "#ffffff",
        "label-tier-3": "#15202b",
        "label-tier-4": "#ffffff",
        "label-tier-5": "#ffffff",
        "label-tier-0": "#15202b",
        "grid": "#e3e8ed",
        "axis": "#8d98a4",
        "zone": "#faeee9",
        "band": "#e4f1ec",
        "heat-1": "#f3d6cd",
        "heat-2": "#f8eadf",
        "heat-3": "#eef1f0",
        "heat-4": "#d3e5e6",
        "heat-5": "#a7cdd3",
    }
)

DARK = MappingProxyType(
    {
        "bg": "#0f151c",
        "surface": "#171f29",
        "surface-2": "#202a36",
        "surface-3": "#2a3644",
        "border": "#2d3947",
        "border-strong": "#738291",
        "text": "#e9eef3",
        "text-2": "#b9c4cf",
        "text-3": "#9aa7b4",
        "accent": "#6fc3dc",
        "accent-hover": "#96d6e8",
        "accent-soft": "#123642",
        "on-accent": "#06222c",
        "good": "#8fe3c2",
        "good-soft": "#12362c",
        "warn": "#fdb737",
        "warn-soft": "#3b2a0b",
        "bad": "#f9868a",
        "bad-soft": "#43191c",
        "info": "#8ab8f2",
        "info-soft": "#16294a",
        "danger": "#f9868a",
        "danger-hover": "#fba5a8",
        "on-danger": "#2a0709",
        "viz-1": "#4f9ade",
        "viz-2": "#f19f58",
        "viz-3": "#5be0b0",
        "viz-4": "#deaaf6",
        "viz-5": "#a98d2f",
        "viz-6": "#a5afb6",
        "tier-1": "#41708a",
        "tier-2": "#8cc4e4",
        "tier-3": "#f0a252",
        "tier-4": "#f0707c",
        "tier-5": "#f4f7fa",
        "tier-0": "#66747f",
        "label-tier-1": "#ffffff",
        "label-tier-2": "#0f151c",
        "label-tier-3": "#0f151c",
        "label-tier-4": "#0f151c",
        "label-tier-5": "#0f151c",
        "label-tier-0": "#ffffff",
        "grid": "#283341",
        "axis": "#66747f",
        "zone": "#30231f",
        "band": "#16302a",
        "heat-1": "#6b2f2b",
        "heat-2": "#4a302a",
        "heat-3": "#2a3440",
        "heat-4": "#1f4650",
        "heat-5": "#1b6272",
    }
)

_SURFACES = ("bg", "surface", "surface-2")
_INKS = ("text", "text-2", "text-3", "accent", "accent-hover", "good", "warn", "bad", "info", "danger")

# (ink, ground, smallest ratio) of WCAG 2.2: 4.5 for text, 3 for shapes and borders of inputs.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, surface, 4.5) for ink in _INKS for surface in _SURFACES),
    *((f"{tone}", f"{tone}-soft", 4.5) for tone in ("good", "warn", "bad", "info", "accent")),
    *(("text", f"{tone}-soft", 4.5) for tone in ("good", "warn", "bad", "info", "accent")),
    *(("text-2", f"{tone}-soft", 4.5) for tone in ("good", "warn", "bad", "info", "accent")),
    ("text-2", "surface-3", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("on-danger", "danger", 4.5),
    ("on-danger", "danger-hover", 4.5),
    *(("border-strong", surface, 3.0) for surface in _SURFACES),
    *((f"viz-{number}", "surface", 3.0) for number in range(1, 7)),
    *((f"tier-{number}", "surface", 3.0) for number in range(1, 6)),
    *((f"label-tier-{number}", f"tier-{number}", 4.5) for number in range(1, 6)),
    *(("text", f"heat-{number}", 4.5) for number in range(1, 6)),
    ("warn", "zone", 4.5),
    ("text-2", "zone", 4.5),
    ("text-2", "band", 4.5),
)


def css() -> str:
    """The text of static/css/tokens.css: light, dark by preference, dark by choice, and light for paper."""
    light, dark = _declarations("light", LIGHT), _declarations("dark", DARK)
    return (
        "/* Written by `python -m caio_portal.common.tokens`: change its table, not this file. */\n"
        f":root {{\n{light}}}\n\n"
        "@media (prefers-color-scheme: dark) {\n"
        f":root:not([data-theme=light]) {{\n{dark}}}\n"
        "}\n\n"
        f":root[data-theme=dark] {{\n{dark}}}\n\n"
        "@media print {\n"
        f":root, :root[data-theme] {{\n{light}}}\n"
        "}\n"
    )


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two #rrggbb colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _declarations(scheme: str, table: MappingProxyType[str, str]) -> str:
    return f"  color-scheme: {scheme};\n" + "".join(f"  --{role}: {value};\n" for role, value in table.items())


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


if __name__ == "__main__":
    sys.stdout.write(css())
