"""An SVG in the making. Presentation attributes only, so a strict CSP holds; text stays text, so it can be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from caio_portal.common import tokens
from caio_portal.common.charts.scale import coordinate as c
from caio_portal.common.charts.scale import text_width
from caio_portal.common.charts.spec import Marker


@dataclass(frozen=True)
class Theme:
    """Where the colours come from: custom properties that follow light and dark, or literals for paper."""

    for_print: bool

    def __getitem__(self, role: str) -> str:
        return tokens.LIGHT[role] if self.for_print else f"var(--{role})"


WEB, PRINT = Theme(for_print=False), Theme(for_print=True)


class Drawing:
    def __init__(self, width: float, height: float, theme: Theme, uid: str = "") -> None:
        self.width, self.height, self.theme, self.uid = width, height, theme, uid
        self._shapes: list[str] = []
        self._definitions: dict[str, str] = {}

    def line(
        self, x1: float, y1: float, x2: float, y2: float, color: str = "grid", width: float = 1, dash: str = ""
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._shapes.append(
            f'<line x1="{c(x1)}" y1="{c(y1)}" x2="{c(x2)}" y2="{c(y2)}"'
            f' stroke="{self.theme[color]}" stroke-width="{width}"{dashed}/>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, color: str, *, radius: float = 0, tip: str = ""
    ) -> None:
        rounded = f' rx="{radius}"' if radius else ""
        shape = (
            f'<rect x="{c(x)}" y="{c(y)}" width="{c(max(0, width))}" height="{c(max(0, height))}"'
            f' fill="{self.fill(color)}"{rounded}'
        )
        self._shapes.append(self._with_tip(shape, "rect", tip))

    def text(
        self,
        x: float,
        y: float,
        text: object,
        color: str = "text-2",
        *,
        size: float = 12,
        anchor: str = "start",
        weight: int = 400,
        halo: bool = False,
    ) -> None:
        anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
        bold = f' font-weight="{weight}"' if weight != 400 else ""
        around = (
            f' paint-order="stroke" stroke="{self.theme["surface"]}" stroke-width="3" stroke-linejoin="round"'
            if halo and not self.theme.for_print
            else ""
        )
        self._shapes.append(
            f'<text x="{c(x)}" y="{c(y)}" fill="{self.theme[color]}" font-size="{size}"{anchored}{bold}{around}>'
            f"{escape(str(text))}</text>"
        )

    def path(
        self,
        d: str,
        *,
        stroke: str = "",
        fill: str = "",
        width: float = 2,
        opacity: float = 1,
        dash: str = "",
        tip: str = "",
    ) -> None:
        shape = f'<path d="{d}" fill="{self.fill(fill) if fill else "none"}"'
        if stroke:
            shape += f' stroke="{self.theme[stroke]}" stroke-width="{width}" stroke-linejoin="round"'
            shape += ' stroke-linecap="round"'
        shape += f' stroke-dasharray="{dash}"' if dash else ""
        shape += f' fill-opacity="{opacity}"' if opacity != 1 else ""
        self._shapes.append(self._with_tip(shape, "path", tip))

    def marker(
        self, kind: Marker, x: float, y: float, r: float, color: str, *, tip: str = "", opacity: float = 1
    ) -> None:
        """A point of a series; markers of one radius look equally large."""
        edge = color if kind == "hatched" else "surface"
        self.path(_marker_path(kind, x, y, r), stroke=edge, fill=color, width=1.5, opacity=opacity, tip=tip)

    def hint(self, x: float, y: float, tip: str, r: float = 7) -> None:
        """A place to point at that says something, and is not seen; paper has none."""
        if not self.theme.for_print:
            self.path(_marker_path("circle", x, y, r), fill="surface", opacity=0, tip=tip)

    def fill(self, color: str) -> str:
        """A colour, or the hatching that sets the fifth tier apart without colour."""
        if color != "tier-5":
            return self.theme[color]
        name = f"{self.uid}-hatch"
        self._definitions[name] = (
            f'<pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse">'
            f'<rect width="5" height="5" fill="{self.theme["surface"]}"/>'
            f'<path d="M-1 6 6 -1M-1 1 1 -1M4 6 6 4" stroke="{self.theme["tier-5"]}" stroke-width="1.6"/></pattern>'
        )
        return f"url(#{name})"

    def legend(self, items: Sequence[tuple[str, str, str]], x: float, y: float) -> None:
        """Names with their marks, from left to right: (name, colour, marker or `line` or `dash`)."""
        for name, color, mark in items:
            if mark in ("line", "dash"):
                self.line(x, y - 4, x + 14, y - 4, color, 2.25, "4 3" if mark == "dash" else "")
            else:
                self.marker(mark, x + 6, y - 4, 5, color)  # type: ignore[arg-type]
            self.text(x + 19, y, name)
            x += legend_width(name)

    def markup(self, attributes: str, inside: str = "") -> str:
        """The whole SVG."""
        definitions = f"<defs>{''.join(self._definitions.values())}</defs>" if self._definitions else ""
        font = ' font-family="Inter"' if self.theme.for_print else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {c(self.width)} {c(self.height)}"{font}{attributes}>'
            f"{inside}{definitions}{''.join(self._shapes)}</svg>"
        )

    def _with_tip(self, shape: str, tag: str, tip: str) -> str:
        is_shown = tip and not self.theme.for_print
        return f"{shape}><title>{escape(tip)}</title></{tag}>" if is_shown else f"{shape}/>"


def legend_width(name: str) -> float:
    return 19 + text_width(name) + 18


def polyline(points: list[tuple[float, float]]) -> str:
    """The path along some points."""
    return "M" + "L".join(f"{c(x)} {c(y)}" for x, y in points)


def _marker_path(kind: Marker, x: float, y: float, r: float) -> str:
    if kind in ("square", "hatched"):
        side = r * 1.78
        return f"M{c(x - side / 2)} {c(y - side / 2)}h{c(side)}v{c(side)}h{c(-side)}z"
    if kind == "diamond":
        half = r * 1.25
        return f"M{c(x)} {c(y - half)}L{c(x + half)} {c(y)}L{c(x)} {c(y + half)}L{c(x - half)} {c(y)}z"
    if kind == "triangle":
        wide = r * 1.15
        return f"M{c(x)} {c(y - r * 1.2)}L{c(x + wide)} {c(y + r * 0.9)}L{c(x - wide)} {c(y + r * 0.9)}z"
    return circle(x, y, r)


def circle(x: float, y: float, r: float) -> str:
    """The path around a point."""
    return f"M{c(x - r)} {c(y)}a{c(r)} {c(r)} 0 1 0 {c(2 * r)} 0a{c(r)} {c(r)} 0 1 0 {c(-2 * r)} 0z"
