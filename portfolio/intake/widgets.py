"""The controls of answers that have parts. Each gives what was typed, and shows what is stored or what was typed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from caio_portal.common.documents import ENDINGS
from portfolio.fact_values import CURRENCIES, amount_of, reference_words
from portfolio.facts import Fact, Kind

YES_NO = (("yes", "Yes"), ("no", "No"))
OPEN = ("", "Not known yet")


class _InParts(forms.Widget):
    """A control of several inputs: NAME, and NAME-part for the others."""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["parts"] = self.shown(value)
        return context

    def format_value(self, value: Any) -> Any:
        return value

    def shown(self, value: Any) -> dict[str, Any]:
        return dict(value) if isinstance(value, Mapping) else {}


class MoneyInput(_InParts):
    """An amount, and its currency if there is a choice."""

    template_name = "portfolio/widgets/money.html"

    def __init__(self, currencies: Sequence[str]) -> None:
        super().__init__()
        self.currencies = currencies

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        amount = (data.get(name) or "").strip()
        return {"amount": amount, "currency": data.get(f"{name}-currency") or self.currencies[0]} if amount else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        stated = context["widget"]["parts"].get("currency")
        others = [stated] if stated and stated not in self.currencies else []
        context["widget"]["currencies"] = [*self.currencies, *others]
        return context

    def shown(self, value: Any) -> dict[str, Any]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return super().shown(value)
        return {"amount": str(amount_of(value)[0]), "currency": amount_of(value)[1]}


class LinkInput(_InParts):
    """An address, and what to call it."""

    template_name = "portfolio/widgets/link.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        url = (data.get(name) or "").strip()
        return {"url": url, "label": data.get(f"{name}-label") or ""} if url else ""


class NameInput(forms.TextInput):
    """A name to type, with proposals: those of the page, and more as one types, if the browser runs scripts."""

    template_name = "portfolio/widgets/name.html"

    def __init__(self, fact: Fact, proposals: Callable[[], Sequence[str]], searches: bool) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.fact, self.proposals, self.searches = fact, proposals, searches

    def format_value(self, value: Any) -> str:
        return reference_words(value) if value else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["list_id"] = list_id(self.fact)
        context["widget"]["proposals"] = self.proposals()
        context["widget"]["url"] = reverse("portfolio:names_like", args=[self.fact.name]) if self.searches else ""
        return context


class DocumentInput(forms.Widget):
    """A file to upload; one that is kept stays unless it is replaced or taken out."""

    template_name = "portfolio/widgets/document.html"
    needs_multipart_form = True
    KEEP = object()  # neither uploaded nor taken out
    url = ""  # where the file that is kept can be read

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        upload = files.get(name) if files else None
        if upload is not None:
            return upload
        return "" if data.get(f"{name}-out") else self.KEEP

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"]["kept"] = value if isinstance(value, Mapping) else None
        context["widget"] |= {"accept": ENDINGS, "url": self.url}
        return context


class RowsInput(_InParts):
    """Rows of a table, one input a column; buttons add and remove rows, with and without scripts."""

    template_name = "portfolio/widgets/rows.html"
    use_fieldset = True

    def __init__(self, fact: Fact, rows_max: int) -> None:
        super().__init__()
        self.fact, self.rows_max = fact, rows_max
        self.wrong: tuple[int, str] = (0, "")  # row (from 1) and column of a mistake
        self.attends = False  # whether the last row takes the focus

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        try:
            count = min(int(data.get(name) or 0), self.rows_max)
        except ValueError:
            return []
        gone = data.get("remove_row") or ""
        return [
            {key: self._cell(data, f"{name}-{at}-{key}", column) for key, column in self.fact.columns.items()}
            for at in range(count)
            if gone != f"{name}:{at}"
        ]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        wants_more = len(rows) < self.rows_max and not (rows and _is_blank(rows[-1]))
        blank: list[dict[str, Any]] = [{}] if wants_more else []
        every = [*rows, *blank]
        found = [
            self._row(name, at, row, attends=self.attends and at + 1 == len(every)) for at, row in enumerate(every)
        ]
        context["widget"] |= {"columns": self.fact.columns.values(), "rows": found, "rows_max": self.rows_max}
        context["widget"]["is_full"] = len(found) >= self.rows_max
        return context

    def shown(self, value: Any) -> dict[str, Any]:
        return {}

    def _cell(self, data: Any, name: str, column: Fact) -> Any:
        return _control(column).value_from_datadict(data, MultiValueDict(), name)

    def _row(self, name: str, at: int, row: Mapping[str, Any], *, attends: bool) -> dict[str, Any]:
        cells = []
        for place, (key, column) in enumerate(self.fact.columns.items()):
            attrs: dict[str, Any] = {"aria-label": f"{column.label}, row {at + 1}", "id": f"q-{name}-{at}-{key}"}
            if self.wrong == (at + 1, key):
                attrs["aria-invalid"] = "true"
            if attends and not place:
                attrs["autofocus"] = True
            cells.append((column, _rendered(column, f"{name}-{at}-{key}", row.get(key), attrs)))
        return {"number": at + 1, "at": at, "cells": cells, "is_blank": _is_blank(row)}


def _rendered(column: Fact, name: str, value: Any, attrs: dict[str, Any]) -> str:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return _control(column).render(name, value, attrs, forms.renderers.get_default_renderer())


def list_id(fact: Fact) -> str:
    return f"q-{fact.name}-names"


def _control(column: Fact) -> forms.Widget:
    """The control of one cell."""
    match column.kind:
        case Kind.YES_NO:
            return forms.Select(choices=[("", ""), *YES_NO])
        case Kind.CHOICE:
            return forms.Select(choices=[("", ""), *column.choices.items()])
        case Kind.MONEY:
            return MoneyInput(CURRENCIES)
        case Kind.DATE:
            return forms.DateInput(attrs={"type": "date"})
        case _:
            return forms.TextInput(attrs={"inputmode": "decimal"} if column.kind is Kind.NUMBER else {})


def _is_blank(row: Mapping[str, Any]) -> bool:
    return not any(cell not in ("", None) for cell in row.values())
