from collections.abc import Callable
from html import escape

from django.utils.safestring import SafeString

from caio_portal.common.charts.bars import draw_bars
from caio_portal.common.charts.bubble import draw_bubble
from caio_portal.common.charts.drawing import PRINT, WEB, Drawing, Theme
from caio_portal.common.charts.line import draw_line
from caio_portal.common.charts.spec import Chart
from caio_portal.common.charts.stack import draw_stack

_KINDS: dict[str, Callable[[Chart, Drawing, bool], None]] = {
    "bubble": draw_bubble,
    "stack": draw_stack,
    "line": draw_line,
    "bars": draw_bars,
}
NARROW_WIDTH = 340


def on_page(chart: Chart, width: int = 660, *, narrow: bool = False) -> SafeString:
    """The chart for a page: colours follow the theme. A container query shows the wide or the narrow one."""
    uid = f"{chart.id}-{'narrow' if narrow else 'wide'}"
    size = NARROW_WIDTH if narrow else width
    drawing = _draw(chart, Drawing(size, _height(chart, narrow), WEB, uid), narrow)
    attributes = f' class="viz-{"narrow" if narrow else "wide"}" role="img" aria-labelledby="{uid}-title {uid}-text"'
    inside = (
        f'<title id="{uid}-title">{escape(chart.title)}</title><desc id="{uid}-text">{escape(chart.summary)}</desc>'
    )
    return SafeString(drawing.markup(attributes, inside))


def on_paper(chart: Chart, width: int = 690, height: int = 0) -> SafeString:
    """The chart for a PDF: literal colours; WeasyPrint takes the alternative text from the title."""
    drawing = _draw(chart, Drawing(width, height or chart.height, PRINT, f"{chart.id}-paper"), narrow=width < 420)
    return SafeString(drawing.markup(' role="img"', f"<title>{escape(f'{chart.title}. {chart.summary}')}</title>"))


def _draw(chart: Chart, drawing: Drawing, narrow: bool) -> Drawing:
    if chart.is_empty:
        drawing.text(drawing.width / 2, drawing.height / 2, "No data yet", "text-3", size=13, anchor="middle")
    else:
        _KINDS[chart.kind](chart, drawing, narrow)
    return drawing


def _height(chart: Chart, narrow: bool) -> int:
    if narrow and chart.kind == "bars":
        return max(chart.height, 26 + 44 * len(chart.series[0].x))  # names stand above their bars
    return min(chart.height, 300) if narrow else chart.height


__all__ = ["PRINT", "WEB", "Theme", "on_page", "on_paper"]
