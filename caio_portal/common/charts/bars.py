"""Sizes of named things: horizontal bars, the names above or beside them."""

from dataclasses import dataclass

from caio_portal.common.charts.drawing import Drawing
from caio_portal.common.charts.scale import Scale, limits, text_width
from caio_portal.common.charts.spec import Chart


def draw_bars(chart: Chart, drawing: Drawing, narrow: bool) -> None:
    series = chart.series[0]
    names = [str(name) for name in series.x]
    side = 0 if narrow else min(max(text_width(name) for name in names) + 14, drawing.width * 0.4)
    room = max(text_width(chart.x.words(value)) for value in series.y) * 1.05 + 12
    low, high = limits([*series.y, chart.target], chart.x.low, chart.x.high)
    to_x = Scale(low, high, side + 1, drawing.width - room)
    top = 20 if chart.target is not None else 2
    slot = (drawing.height - top - 6) / len(names)
    rows = [
        Row(name, value, top + slot * index, slot)
        for index, (name, value) in enumerate(zip(names, series.y, strict=True))
    ]

    drawing.line(to_x(0), top, to_x(0), drawing.height - 6, "axis")
    for row in rows:
        drawing.rect(*_bar(row, to_x, narrow), series.color, radius=2, tip=f"{row.name}: {chart.x.words(row.value)}")
    _draw_target(chart, drawing, to_x)
    for row in rows:
        _draw_words(chart, drawing, row, to_x, narrow)


@dataclass(frozen=True)
class Row:
    name: str
    value: float | None
    top: float
    height: float

    def thickness(self, narrow: bool) -> float:
        return min(20.0, self.height * (0.4 if narrow else 0.6))

    def bar_top(self, narrow: bool) -> float:
        free = self.height - self.thickness(narrow)
        return self.top + (free - 2 if narrow else free / 2)


def _bar(row: Row, to_x: Scale, narrow: bool) -> tuple[float, float, float, float]:
    start, end = to_x(0), to_x(row.value or 0)
    return min(start, end), row.bar_top(narrow), abs(end - start), row.thickness(narrow)


def _draw_target(chart: Chart, drawing: Drawing, to_x: Scale) -> None:
    if chart.target is None:
        return
    x = to_x(chart.target)
    drawing.line(x, 16, x, drawing.height - 6, "text-2", 1.25, "5 4")
    label = chart.target_label or f"Target {chart.x.words(chart.target)}"
    drawing.text(min(x, drawing.width - text_width(label) / 2), 11, label, "text-2", anchor="middle", weight=600)


def _draw_words(chart: Chart, drawing: Drawing, row: Row, to_x: Scale, narrow: bool) -> None:
    top, middle = row.bar_top(narrow), row.bar_top(narrow) + row.thickness(narrow) / 2 + 4
    if narrow:
        drawing.text(2, top - 5, row.name)
    else:
        drawing.text(to_x.start - 9, middle, row.name, anchor="end")
    end = max(to_x(0), to_x(row.value or 0))
    drawing.text(end + 7, middle, chart.x.words(row.value), "text", weight=600, halo=True)
