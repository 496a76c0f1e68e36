"""The numbers of a chart as a table."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def rows(found: Iterable[Sequence[str]]) -> SafeString:
    """The rows of a data table; there may be hundreds of cells, so no template loops over them."""
    return mark_safe("".join(_row(*row) for row in found))  # noqa: S308  (made of escaped parts)


def _row(head: str, *values: str) -> SafeString:
    cells = format_html_join("", '<td class="num">{}</td>', ((value,) for value in values))
    return format_html('<tr><th scope="row">{}</th>{}</tr>', head, cells)
