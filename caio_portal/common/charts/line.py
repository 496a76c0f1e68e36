"""Change over time: lines or areas, with a target and the band that is on track."""

from collections.abc import Iterator
from math import ceil

from caio_portal.common.charts.drawing import Drawing, circle, legend_width, polyline
from caio_portal.common.charts.frame import Plot, draw_y_axis, plot_area
from caio_portal.common.charts.scale import Scale, text_width, ticks
from caio_portal.common.charts.spec import Chart, Series

_ROW = 16  # between labels at the end of lines


def draw_line(chart: Chart, drawing: Drawing, narrow: bool) -> None:
    marks = ticks(*_range(chart), 4)
    left = 12 + max(text_width(chart.y.words(mark)) for mark in marks)
    ends = [(series, _last(series)) for series in chart.series]
    right = 16 if narrow else 22 + max(text_width(_end_words(chart, series, last)) * 1.05 for series, last in ends)
    plot = plot_area(drawing, left, 36 if _has_legend(chart, narrow) else 18, right, 28)
    to_x = Scale(0, max(1, len(chart.series[0].x) - 1), plot.left, plot.right)
    to_y = Scale(marks[0], marks[-1], plot.bottom, plot.top)

    _draw_band(chart, drawing, plot, to_y)
    draw_y_axis(drawing, plot, chart.y, marks, to_y)
    _draw_names(chart, drawing, to_x, narrow)
    _draw_target(chart, drawing, plot, to_y)
    for series in chart.series:
        _draw_series(chart, drawing, plot, series, to_x, to_y)
    _draw_marks(chart, drawing, plot, to_x)
    if not narrow:
        _draw_ends(chart, drawing, ends, plot, to_y)
    if _has_legend(chart, narrow):
        _draw_legend(chart, drawing)


def _range(chart: Chart) -> tuple[float, float]:
    values = [value for series in chart.series for value in series.y if value is not None]
    values += [chart.target] if chart.target is not None else []
    values += chart.band or ()
    low = min(values) if chart.y.low is None else chart.y.low
    return low, max(values) if chart.y.high is None else chart.y.high


def _draw_band(chart: Chart, drawing: Drawing, plot: Plot, to_y: Scale) -> None:
    if chart.band is None:
        return
    low, high = (min(max(value, to_y.low), to_y.high) for value in chart.band)
    drawing.rect(plot.left, to_y(high), plot.width, to_y(low) - to_y(high), "band")
    if chart.band_label and to_y(low) - to_y(high) > 18:
        drawing.text(plot.left + 8, to_y(low) - 6, chart.band_label, "text-2", size=11)


def _draw_target(chart: Chart, drawing: Drawing, plot: Plot, to_y: Scale) -> None:
    if chart.target is None:
        return
    y = to_y(chart.target)
    drawing.line(plot.left, y, plot.right, y, "text-2", 1.25, "5 4")
    label = chart.target_label or f"Target {chart.y.words(chart.target)}"
    if _room(chart, to_y, y, slice(-4, None)) >= min(_room(chart, to_y, y, slice(4)), _ROW):
        drawing.text(plot.right - 4, y - 6, label, "text-2", anchor="end", weight=600, halo=True)
    else:
        drawing.text(plot.left + 4, y - 6, label, "text-2", weight=600, halo=True)


def _room(chart: Chart, to_y: Scale, y: float, end: slice) -> float:
    """How far the lines stay from a label above Y at one END of the chart."""
    values = (value for series in chart.series for value in series.y[end] if value is not None)
    return min((abs(to_y(value) - (y - 10)) for value in values), default=_ROW)


def _draw_names(chart: Chart, drawing: Drawing, to_x: Scale, narrow: bool) -> None:
    names = chart.series[0].x
    step = max(1, ceil(len(names) / (4 if narrow else 8)))
    for index in range(0, len(names), step):
        anchor = "middle" if index else "start"
        drawing.text(to_x(index), drawing.height - 8, names[index], "text-3", anchor=anchor)


def _draw_series(chart: Chart, drawing: Drawing, plot: Plot, series: Series, to_x: Scale, to_y: Scale) -> None:
    for points in _runs(series, to_x, to_y):
        if series.area and len(points) > 1:
            ground = f"L{points[-1][0]:.1f} {plot.bottom:.1f}L{points[0][0]:.1f} {plot.bottom:.1f}z"
            drawing.path(polyline(points) + ground, fill=series.color, opacity=0.12)
        drawing.path(polyline(points), stroke=series.color, width=2.25, dash="6 4" if series.dashed else "")
    for index, value in enumerate(series.y):
        is_marked = value is not None and (index == _last(series) or _is_alone(series, index))
        if value is not None and (is_marked or len(series.y) <= 12):
            tip = f"{series.name}, {series.x[index]}: {chart.y.words(value)}"
            if is_marked:
                drawing.marker(series.marker, to_x(index), to_y(value), 4.5, series.color, tip=tip)
            else:
                drawing.hint(to_x(index), to_y(value), tip)


def _draw_marks(chart: Chart, drawing: Drawing, plot: Plot, to_x: Scale) -> None:
    """Numbers at the top, one row lower where they would touch."""
    right, row = -_ROW * 1.0, 0
    for mark in sorted(chart.marks, key=lambda mark: mark.at):
        x = to_x(mark.at)
        row = (row + 1) % 3 if x - right < _ROW else 0
        right, y = x, plot.top + 9 + row * _ROW
        drawing.line(x, y, x, plot.bottom, "text-3", 1, "1 4")
        drawing.path(circle(x, y, 7.5), stroke="text-2", fill="surface", width=1.25, tip=mark.words)
        drawing.text(x, y + 4, mark.label, "text", size=11, anchor="middle", weight=600)


def _is_alone(series: Series, index: int) -> bool:
    """Between two gaps: without a marker nothing would be seen."""
    beside = series.y[max(0, index - 1) : index + 2]
    return sum(value is not None for value in beside) == 1


def _runs(series: Series, to_x: Scale, to_y: Scale) -> Iterator[list[tuple[float, float]]]:
    """The unbroken stretches of a line: a missing value is a gap, never a zero."""
    run: list[tuple[float, float]] = []
    for index, value in enumerate(series.y):
        if value is not None:
            run.append((to_x(index), to_y(value)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _draw_ends(chart: Chart, drawing: Drawing, ends: list[tuple[Series, int | None]], plot: Plot, to_y: Scale) -> None:
    """The last value of each line beside its end, moved apart where they would touch."""
    labels = sorted(
        (to_y(series.y[last] or 0), _end_words(chart, series, last)) for series, last in ends if last is not None
    )
    lowest = -_ROW * 1.0
    for y, text in labels:
        lowest = max(y, lowest + _ROW)
        drawing.text(plot.right + 10, lowest + 4, text, "text", weight=600)


def _draw_legend(chart: Chart, drawing: Drawing) -> None:
    items = [(series.name, series.color, "dash" if series.dashed else "line") for series in chart.series]
    while items and sum(legend_width(name) for name, _, _ in items) > drawing.width + 18:
        items.pop()
    drawing.legend(items, 2, 14)


def _has_legend(chart: Chart, narrow: bool) -> bool:
    return narrow or len(chart.series) > 1


def _last(series: Series) -> int | None:
    return next((index for index in range(len(series.y) - 1, -1, -1) if series.y[index] is not None), None)


def _end_words(chart: Chart, series: Series, last: int | None) -> str:
    value = chart.y.words(None if last is None else series.y[last])
    return f"{series.name} {value}" if len(chart.series) > 1 else value
