"""Values of facts on a page: links are links, files can be fetched, tables are tables."""

from collections.abc import Mapping
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from caio_portal.common.words import size
from portfolio.facts import Fact, Kind
from portfolio.models import UseCase


def as_html(fact: Fact, value: Any, use_case: UseCase) -> SafeString:
    """The value of a fact of a use case; empty for an unknown one."""
    if value is None:
        return SafeString()
    if fact.kind is Kind.LINK and isinstance(value, Mapping):
        said = value.get("label") or value["url"]
        return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', value["url"], said)
    if fact.kind is Kind.FILE:
        return format_html('<a href="{}">{}</a> ({})', file_url(use_case, value), value["name"], size(value["size"]))
    if fact.kind is Kind.TABLE:
        return _table(fact, value)
    return linebreaksbr(fact.label_of(value))


def file_url(use_case: UseCase, value: Any) -> str:
    """Where the file of an answer is fetched; "" for what is no file."""
    if not isinstance(value, Mapping) or "file" not in value:
        return ""
    if use_case.guest_token:
        return reverse("portfolio:guest_file", args=[use_case.guest_token, value["file"]])
    return reverse("portfolio:answer_file", args=[use_case.ref, value["file"]])


def _table(fact: Fact, rows: list[Mapping[str, Any]]) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', ((column.label,) for column in fact.columns.values()))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(fact, row),) for row in rows))
    return format_html(
        '<div class="answer-rows" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        fact.label, head, body,
    )  # fmt: skip


def _cells(fact: Fact, row: Mapping[str, Any]) -> SafeString:
    said = (column.label_of(row[key]) if key in row else "" for key, column in fact.columns.items())
    return format_html_join("", "<td>{}</td>", ((words,) for words in said))
