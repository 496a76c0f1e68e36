"""Value against risk: a bubble per use case, labels where there is room, and the zone outside the appetite."""

from dataclasses import dataclass
from math import sqrt

from caio_portal.common.charts.drawing import Drawing, legend_width
from caio_portal.common.charts.frame import Plot, draw_x_numbers, draw_y_axis, plot_area
from caio_portal.common.charts.scale import Scale, limits, text_width, ticks
from caio_portal.common.charts.spec import Chart, Series
from caio_portal.common.words import inner

Box = tuple[float, float, float, float]
_LABEL = 12  # font size


@dataclass(frozen=True)
class Point:
    series: Series
    label: str
    tip: str
    value: float
    x: float
    y: float
    r: float
    is_outside: bool

    @property
    def box(self) -> Box:
        reach = self.r * 0.8
        return (self.x - reach, self.y - reach, self.x + reach, self.y + reach)


@dataclass(frozen=True)
class Place:
    x: float
    y: float
    anchor: str
    box: Box


def draw_bubble(chart: Chart, drawing: Drawing, narrow: bool) -> None:
    plot = plot_area(drawing, 46, 34, 14, 42)
    x_marks = ticks(
        *limits((x for series in chart.series for x in series.x), chart.x.low, chart.x.high), 4 if narrow else 5
    )
    y_low, y_high = limits((y for series in chart.series for y in series.y), chart.y.low, chart.y.high)
    y_marks = ticks(y_low, y_high * 1.06, 4)
    if chart.x.high is not None:  # a scale that ends there, whatever the steps between
        x_marks = [mark for mark in x_marks if mark <= chart.x.high]
    to_x = Scale(x_marks[0], chart.x.high or x_marks[-1], plot.left, plot.right)
    to_y = Scale(y_marks[0], y_marks[-1], plot.bottom, plot.top)

    _draw_zone(chart, drawing, plot, to_x)
    draw_y_axis(drawing, plot, chart.y, y_marks, to_y)
    draw_x_numbers(drawing, plot, chart.x, x_marks, to_x)
    _draw_titles(chart, drawing, plot, narrow)
    points = _points(chart, to_x, to_y, 17 if narrow else 26)
    for point in points:
        drawing.marker(point.series.marker, point.x, point.y, point.r, point.series.color, tip=point.tip, opacity=0.78)
    taken = _name_zone(chart, drawing, plot, to_x, points)
    _draw_labels(drawing, plot, points, 5 if narrow else 13, taken)


def _draw_zone(chart: Chart, drawing: Drawing, plot: Plot, to_x: Scale) -> None:
    if chart.zone_from is None:
        return
    start = to_x(chart.zone_from)
    drawing.rect(start, plot.top, plot.right - start, plot.height, "zone")
    drawing.line(start, plot.top, start, plot.bottom, "tier-3", 1.25, "4 3")


def _name_zone(chart: Chart, drawing: Drawing, plot: Plot, to_x: Scale, points: list[Point]) -> list[Box]:
    """The zone's name in the one of its two right corners where it hides less, if the zone is wide enough."""
    width = text_width(chart.zone_label, _LABEL) * 1.1  # bolder than the labels
    right = plot.right - 8
    if chart.zone_from is None or width > right - to_x(chart.zone_from) - 4:
        return []
    corners = [(right - width, y - 11, right, y + 3) for y in (plot.top + 16, plot.bottom - 10)]
    box = min(corners, key=lambda corner: sum(_overlap(corner, point.box, 2) for point in points))
    drawing.text(right, box[3] - 3, chart.zone_label, "warn", anchor="end", weight=600)
    return [box]


def _draw_titles(chart: Chart, drawing: Drawing, plot: Plot, narrow: bool) -> None:
    drawing.text(plot.left + plot.width / 2, drawing.height - 6, f"{chart.x.title} →", "text-3", anchor="middle")
    if narrow:
        drawing.text(2, 12, f"↑ {chart.y.title}", "text-3")
        return
    area = f"  ·  bubble area: {inner(chart.size.title)}" if chart.size.title else ""
    drawing.text(2, 12, f"↑ {chart.y.title}{area}", "text-3")
    items = [(series.name, series.color, series.marker) for series in chart.series]
    drawing.legend(items, plot.right + 14 - sum(legend_width(name) for name, _, _ in items), 12)


def _points(chart: Chart, to_x: Scale, to_y: Scale, largest: float) -> list[Point]:
    """The largest first, so that small bubbles lie on top."""
    most = max((size for series in chart.series for size in series.sizes), default=0) or 1
    points = []
    for series in chart.series:
        sizes = series.sizes or [most] * len(series.x)
        for x, y, size, label in zip(series.x, series.y, sizes, series.labels, strict=True):
            if y is None:
                continue
            tip = f"{label}: {series.name}, {chart.x.words(x)}, {chart.y.words(y)}, {chart.size.words(size)}"
            outside = chart.zone_from is not None and x > chart.zone_from
            radius = max(4.0, largest * sqrt(size / most))
            points.append(Point(series, label, tip, y, to_x(x), to_y(y), radius, outside))
    return sorted(points, key=lambda point: -point.r)


def _draw_labels(drawing: Drawing, plot: Plot, points: list[Point], most: int, taken: list[Box]) -> None:
    """Name the points that matter most: of great value, or outside the appetite."""
    highest = max((point.value for point in points), default=1) or 1
    wanted = sorted(points, key=lambda point: -(point.value / highest + point.is_outside * 0.6))[:most]
    bubbles = [point.box for point in points]
    for point in wanted:
        left, top, right, bottom = _reach(point)
        near = [box for box in bubbles if box[0] < right and box[2] > left and box[1] < bottom and box[3] > top]
        if place := _place(point, plot, drawing.width, near, taken):
            taken = [*taken, place.box]
            drawing.text(place.x, place.y, point.label, "text", anchor=place.anchor, weight=500, halo=True)


def _reach(point: Point) -> Box:
    """Where a label of the point can be at all."""
    high = point.r + 24
    wide = text_width(point.label, _LABEL) + high
    return (point.x - wide, point.y - high, point.x + wide, point.y + high)


def _place(point: Point, plot: Plot, width: float, bubbles: list[Box], taken: list[Box]) -> Place | None:
    """The spot around a point where its label hides least; none if it would hide too much."""
    best, least = None, text_width(point.label) * 14 * 0.06
    for place in _spots(point):
        left, top, right, bottom = place.box
        if left < plot.left + 2 or right > width - 2 or top < plot.top - 4 or bottom > plot.bottom - 1:
            continue
        hidden = sum(_overlap(place.box, box) for box in bubbles) + 9 * sum(
            _overlap(place.box, box, 3) for box in taken
        )
        if hidden < least:
            best, least = place, hidden
        if hidden == 0:
            break
    return best


def _spots(point: Point) -> list[Place]:
    r, slant = point.r, point.r * 0.7
    offsets = (
        (0, -r - 6, "middle"),
        (r + 5, 4, "start"),
        (-r - 5, 4, "end"),
        (0, r + 14, "middle"),
        (slant + 4, -slant - 2, "start"),
        (-slant - 4, -slant - 2, "end"),
        (slant + 4, slant + 11, "start"),
        (-slant - 4, slant + 11, "end"),
    )
    return [_spot(point, dx, dy, anchor) for dx, dy, anchor in offsets]


def _spot(point: Point, dx: float, dy: float, anchor: str) -> Place:
    width = text_width(point.label, _LABEL)
    x, y = point.x + dx, point.y + dy
    left = x - {"middle": width / 2, "end": width, "start": 0}[anchor]
    return Place(x, y, anchor, (left, y - 11, left + width, y + 3))


def _overlap(one: Box, other: Box, margin: float = 0) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0]) + margin
    if wide <= 0:
        return 0.0
    return wide * max(0.0, min(one[3], other[3]) - max(one[1], other[1]) + margin)
