"""One description of a chart; drawn as SVG for page and print, as a table, and as Plotly JSON on Explore."""

from caio_portal.common.charts.spec import Axis, Chart, Data, Mark, Series

__all__ = ["Axis", "Chart", "Data", "Mark", "Series"]
