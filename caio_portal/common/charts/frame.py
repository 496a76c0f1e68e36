from dataclasses import dataclass

from caio_portal.common.charts.drawing import Drawing
from caio_portal.common.charts.scale import Scale
from caio_portal.common.charts.spec import Axis


@dataclass(frozen=True)
class Plot:
    """The area inside the axes, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def plot_area(drawing: Drawing, left: float, top: float, right: float, bottom: float) -> Plot:
    """The area that margins leave."""
    return Plot(left, top, drawing.width - right, drawing.height - bottom)


def draw_y_axis(drawing: Drawing, plot: Plot, axis: Axis, marks: list[float], to_y: Scale) -> None:
    """Grid lines with their numbers; zero, or the lowest, is drawn as the axis."""
    base = 0 if 0 in marks else marks[0]
    for value in marks:
        y = to_y(value)
        drawing.line(plot.left, y, plot.right, y, "axis" if value == base else "grid")
        drawing.text(plot.left - 8, y + 4, axis.words(value), "text-3", anchor="end")


def draw_x_numbers(drawing: Drawing, plot: Plot, axis: Axis, marks: list[float], to_x: Scale) -> None:
    for value in marks:
        drawing.text(to_x(value), plot.bottom + 18, axis.words(value), "text-3", anchor="middle")
