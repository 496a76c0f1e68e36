"""Charts of a word's size: a sparkline, and a bullet of a value against its target."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString

from caio_portal.common.charts.drawing import WEB, Drawing, Theme, polyline
from caio_portal.common.charts.scale import Scale, number


def sparkline(
    values: Sequence[float | None],
    goal: float | None = None,
    *,
    theme: Theme = WEB,
    width: int = 120,
    height: int = 34,
    color: str = "accent",
) -> SafeString:
    """A trend without axes; the dashed line is the goal."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    drawing = Drawing(width, height, theme)
    bounds = [*known, float(goal)] if goal is not None else known
    to_x = Scale(0, len(known) - 1, 3, width - 5)
    to_y = Scale(min(bounds), max(bounds), height - 5, 5)
    points = [(to_x(index), to_y(value)) for index, value in enumerate(known)]
    if goal is not None:
        drawing.line(0, to_y(goal), width, to_y(goal), "axis", 1, "3 3")
    drawing.path(f"{polyline(points)}L{width - 5} {height}L3 {height}z", fill=color, opacity=0.1)
    drawing.path(polyline(points), stroke=color, width=1.75)
    drawing.marker("circle", *points[-1], 3.2, color)
    return _finished(drawing, "spark", f"Trend from {number(known[0])} to {number(known[-1])}")


def bullet(
    value: float,
    target: float | None,
    scale: float = 100,
    *,
    theme: Theme = WEB,
    width: int = 220,
    height: int = 18,
    color: str = "accent",
) -> SafeString:
    """A bar as long as the value, with a tick at the target."""
    drawing = Drawing(width, height, theme)
    top = float(scale) or 1.0
    to_x = Scale(0, top, 0, width)
    middle = height / 2
    drawing.rect(0, middle - 4, width, 8, "surface-3", radius=2)
    drawing.rect(0, middle - 4, to_x(min(max(float(value), 0), top)), 8, color, radius=2)
    if target is not None:
        drawing.rect(to_x(min(float(target), top)) - 1.25, middle - 8, 2.5, 16, "text")
    return _finished(drawing, "bullet", f"{number(float(value))} against a target of {_words(target)}")


def _words(target: float | None) -> str:
    return "no target" if target is None else number(float(target))


def _finished(drawing: Drawing, name: str, label: str) -> SafeString:
    """On a page the words beside it speak; in a PDF every graphic needs an alternative text."""
    if drawing.theme.for_print:
        size = f' width="{drawing.width}" height="{drawing.height}" role="img"'
        return SafeString(drawing.markup(size, f"<title>{escape(label)}</title>"))
    fit = ' preserveAspectRatio="none"' if name == "bullet" else ""  # a bar is as long as its column, never higher
    return SafeString(drawing.markup(f' class="{name}"{fit} aria-hidden="true" focusable="false"'))
