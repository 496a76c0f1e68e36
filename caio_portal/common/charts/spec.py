from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["bubble", "stack", "line", "bars"]
Marker = Literal["circle", "square", "diamond", "triangle", "hatched"]


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis; without limits it fits the values. `prefix` and `unit` stand around each number ($12M, 85%)."""

    title: str = ""
    low: float | None = None
    high: float | None = None
    prefix: str = ""
    unit: str = ""

    def words(self, value: float | None) -> str:
        """A number as this axis writes it."""
        from caio_portal.common.charts.scale import number

        return "–" if value is None else f"{self.prefix}{number(value)}{self.unit}"


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together. `color` is a role of tokens.py; a missing y is a gap."""

    name: str
    x: Sequence[Any] = ()
    y: Sequence[float | None] = ()
    sizes: Sequence[float] = ()  # bubble: what the area shows
    labels: Sequence[str] = ()  # bubble: the name of each point
    color: str = "viz-1"
    marker: Marker = "circle"
    dashed: bool = False
    area: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to know about one place of a line: a number in the picture, explained beside it."""

    at: int  # which of the names of the x axis
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a chart as a table: the first column names the rows."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. `summary` is the sentence that a reader takes away, and all that a listener gets."""

    id: str
    kind: Kind
    title: str
    summary: str
    series: Sequence[Series] = ()
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    source: str = ""
    target: float | None = None
    target_label: str = ""
    band: tuple[float, float] | None = None  # line: the range that is on track
    band_label: str = ""
    marks: Sequence[Mark] = ()  # line: what should be known about a place
    zone_from: float | None = None  # bubble: where x leaves the appetite
    zone_label: str = ""
    size: Axis = field(default_factory=Axis)
    row_head: str = "Period"  # what the rows of the table are
    height: int = 330

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for series in self.series for value in series.y)

    def data(self) -> Data:
        """The numbers behind the picture."""
        return _points(self) if self.kind == "bubble" else _columns(self)


def _points(chart: Chart) -> Data:
    heads = [chart.row_head, "Group", chart.x.title, chart.y.title, chart.size.title]
    points = [
        (label, series.name, x, y, size)
        for series in chart.series
        for label, x, y, size in zip(series.labels, series.x, series.y, series.sizes, strict=True)
    ]
    points.sort(key=lambda point: -(point[3] or 0))
    words = [(a, b, chart.x.words(x), chart.y.words(y), chart.size.words(size)) for a, b, x, y, size in points]
    return Data(heads, words)


def _columns(chart: Chart) -> Data:
    axis = chart.x if chart.kind == "bars" else chart.y
    names = chart.series[0].x if chart.series else ()
    rows = [(name, *(axis.words(series.y[index]) for series in chart.series)) for index, name in enumerate(names)]
    heads = [chart.row_head, *(series.name for series in chart.series)]
    if not chart.marks:
        return Data(heads, rows)
    labels = {mark.at: mark.label for mark in chart.marks}
    return Data([*heads, "Note"], [(*row, labels.get(index, "")) for index, row in enumerate(rows)])
