"""A chart as plotly.js wants it: plain dicts, without importing plotly (which costs 0.5 s and 31 MB).

Colours are names of tokens (`@tier-3`): js/charts.js takes their values from the page, so light and dark need no
second copy.
"""

from typing import Any

from caio_portal.common.charts.spec import Chart, Mark, Series

_SYMBOLS = {
    "circle": "circle",
    "square": "square",
    "diamond": "diamond",
    "triangle": "triangle-up",
    "hatched": "square-x-open",
}
_LARGEST = 52  # pixels across of the largest bubble


def figure(chart: Chart) -> dict[str, Any]:
    """Traces and layout."""
    traces = [_TRACES[chart.kind](chart, series) for series in chart.series]
    return {"data": traces, "layout": _layout(chart)}


def _bubble(chart: Chart, series: Series) -> dict[str, Any]:
    most = max((size for other in chart.series for size in other.sizes), default=1)
    marker = {
        "size": list(series.sizes),
        "sizemode": "area",
        "sizeref": 2 * most / _LARGEST**2,
        "sizemin": 4,
        "symbol": _SYMBOLS[series.marker],
        "color": f"@{series.color}",
        "opacity": 0.8,
        "line": {"color": "@surface", "width": 1.5},
    }
    words = [
        f"<b>{_plain(label)}</b><br>{chart.x.title}: {chart.x.words(x)}<br>{chart.y.title}: {chart.y.words(y)}"
        f"<br>{chart.size.title}: {chart.size.words(size)}"
        for label, x, y, size in zip(series.labels, series.x, series.y, series.sizes, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": series.name,
        "x": list(series.x),
        "y": list(series.y),
        "text": words,
        "marker": marker,
        "hovertemplate": f"%{{text}}<extra>{_plain(series.name)}</extra>",
    }


def _bar(chart: Chart, series: Series) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": f"@{series.color}", "line": {"color": "@surface", "width": 1.5}}
    if series.color == "tier-5":
        marker["pattern"] = {"shape": "/", "fgcolor": "@tier-5", "bgcolor": "@surface", "size": 6}
    return {"type": "bar", "name": series.name, "x": list(series.x), "y": list(series.y), "marker": marker}


def _rows(chart: Chart, series: Series) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": series.name,
        "x": list(series.y),
        "y": list(series.x),
        "marker": {"color": f"@{series.color}"},
    }


def _line(chart: Chart, series: Series) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": series.name,
        "x": list(series.x),
        "y": list(series.y),
        "line": {"color": f"@{series.color}", "width": 2.25, "dash": "dash" if series.dashed else "solid"},
        "marker": {"size": 6, "symbol": _SYMBOLS[series.marker]},
    }


_TRACES = {"bubble": _bubble, "stack": _bar, "line": _line, "bars": _rows}


def _layout(chart: Chart) -> dict[str, Any]:
    shapes = []
    if chart.zone_from is not None:
        shapes.append(_across("x", chart.zone_from, _end(chart), "@zone"))
    if chart.band is not None:
        shapes.append(_across("y", *chart.band, "@band"))
    if chart.target is not None:
        shapes.append(_target_line(chart))
    x, y = _axis(chart.x), _axis(chart.y)
    if chart.kind == "bars":
        y["autorange"] = "reversed"
    if chart.kind == "bubble":
        x["range"] = [chart.x.low or 0, _end(chart)]
    shapes += [_upright(chart.series[0].x[mark.at]) for mark in chart.marks]
    notes = [_note(chart.series[0].x[mark.at], mark) for mark in chart.marks]
    return {"xaxis": x, "yaxis": y, "barmode": "stack", "shapes": shapes, "annotations": notes}


def _upright(x: Any) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1, "color": "@text-3"}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _note(x: Any, mark: Mark) -> dict[str, Any]:
    place = {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    return place | {"text": _plain(mark.label), "hovertext": _plain(mark.words), "bordercolor": "@text-2"}


def _axis(axis: Any) -> dict[str, Any]:
    return {
        "title": {"text": _plain(axis.title)},
        "tickprefix": axis.prefix,
        "ticksuffix": axis.unit,
        "zeroline": False,
    }


def _across(axis: str, start: float, end: float, color: str) -> dict[str, Any]:
    other = "y" if axis == "x" else "x"
    shape = {"type": "rect", "fillcolor": color, "line": {"width": 0}, "layer": "below"}
    return (
        shape
        | {f"{axis}ref": axis, f"{axis}0": start, f"{axis}1": end, f"{other}ref": "paper"}
        | {
            f"{other}0": 0,
            f"{other}1": 1,
        }
    )


def _target_line(chart: Chart) -> dict[str, Any]:
    value, other = ("x", "y") if chart.kind == "bars" else ("y", "x")
    shape: dict[str, Any] = {"type": "line", "line": {"dash": "dash", "width": 1.25, "color": "@text-2"}}
    return (
        shape
        | {f"{value}0": chart.target, f"{value}1": chart.target, f"{other}ref": "paper"}
        | {
            f"{other}0": 0,
            f"{other}1": 1,
        }
    )


def _end(chart: Chart) -> float:
    if chart.x.high is not None:
        return chart.x.high
    return max((x for series in chart.series for x in series.x), default=1) * 1.05


def _plain(text: str) -> str:
    """Plotly reads some HTML in texts; ours have none."""
    return text.replace("<", "‹").replace(">", "›")
