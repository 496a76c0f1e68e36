"""Parts of a whole over time: stacked bars with their numbers inside and their sums on top."""

from caio_portal.common.charts.drawing import Drawing, legend_width
from caio_portal.common.charts.frame import Plot, draw_y_axis, plot_area
from caio_portal.common.charts.scale import Scale, number, text_width, ticks
from caio_portal.common.charts.spec import Chart

_WIDEST_BAR = 58


def draw_stack(chart: Chart, drawing: Drawing, narrow: bool) -> None:
    names = list(chart.series[0].x)
    sums = [sum(series.y[index] or 0 for series in chart.series) for index in range(len(names))]
    marks = ticks(0, max(sums) * 1.02, 4)
    left = 12 + max(text_width(chart.y.words(mark)) for mark in marks)
    rows = _legend_rows(chart, drawing.width)
    plot = plot_area(drawing, left, 18 + 18 * len(rows), 12, 28)
    to_y = Scale(0, marks[-1], plot.bottom, plot.top)

    draw_y_axis(drawing, plot, chart.y, marks, to_y)
    for line, items in enumerate(rows):
        drawing.legend(items, 2, 14 + 18 * line)
    slot = plot.width / len(names)
    for index in range(len(names)):
        middle = plot.left + slot * (index + 0.5)
        _draw_bar(chart, drawing, to_y, index, middle, min(_WIDEST_BAR, slot * 0.62))
        drawing.text(middle, to_y(sums[index]) - 6, number(sums[index]), "text", anchor="middle", weight=600)
    _draw_names(drawing, plot, names, slot)


def _draw_bar(chart: Chart, drawing: Drawing, to_y: Scale, index: int, middle: float, width: float) -> None:
    below = 0.0
    for series in chart.series:
        value = series.y[index]
        if not value:
            continue
        top, bottom = to_y(below + value), to_y(below)
        below += value
        tip = f"{series.x[index]}: {chart.y.words(value)}, {series.name}"
        drawing.rect(middle - width / 2, top + 0.75, width, bottom - top - 1.5, series.color, tip=tip)
        if bottom - top > 15 and width > text_width(number(value)) + 4:
            _draw_number(drawing, middle, (top + bottom) / 2 + 4, value, series.color)


def _draw_number(drawing: Drawing, x: float, y: float, value: float, color: str) -> None:
    if color == "tier-5":
        half = text_width(number(value)) / 2 + 3
        drawing.rect(x - half, y - 11, half * 2, 14, "surface", radius=2)
        drawing.text(x, y, number(value), "text", anchor="middle", weight=600)
        return
    ink = f"label-{color}" if color.startswith("tier-") else "surface"
    drawing.text(x, y, number(value), ink, anchor="middle", weight=600)


def _draw_names(drawing: Drawing, plot: Plot, names: list[str], slot: float) -> None:
    """Every name, or every second or third when they would touch."""
    widest = max(text_width(name) for name in names) + 6
    step = max(1, -(-int(widest) // max(1, int(slot))))
    for index in range((len(names) - 1) % step, len(names), step):
        drawing.text(plot.left + slot * (index + 0.5), drawing.height - 8, names[index], "text-3", anchor="middle")


def _legend_rows(chart: Chart, width: float) -> list[list[tuple[str, str, str]]]:
    rows: list[list[tuple[str, str, str]]] = [[]]
    used = 0.0
    for series in chart.series:
        if used + legend_width(series.name) > width and rows[-1]:
            rows.append([])
            used = 0
        rows[-1].append((series.name, series.color, "hatched" if series.color == "tier-5" else "square"))
        used += legend_width(series.name)
    return rows
