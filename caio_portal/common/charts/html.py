"""The numbers of a chart as a table."""

from collections.abc import Iterable, Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe


def rows(found: Iterable[Sequence[object]]) -> SafeString:
    """The rows of a data table; there may be hundreds of cells, so no template loops over them."""
    return mark_safe("".join(_row(*row) for row in found))  # noqa: S308  (every value is escaped)


def _row(head: object, *values: object) -> str:
    cells = "".join(f'<td class="num">{escape(str(value))}</td>' for value in values)
    return f'<tr><th scope="row">{escape(str(head))}</th>{cells}</tr>'
