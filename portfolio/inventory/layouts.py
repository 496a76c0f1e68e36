"""How an inventory is laid out as a file: as its cells came, as one organisation reports it, or as many are joined."""

from collections.abc import Callable
from enum import StrEnum

from portfolio.inventory.mapping import Cells, Mapper
from portfolio.inventory.profiles import Column, Option, Profile


class Layout(StrEnum):
    """`individual` and `consolidated` are those of the data dictionary; `kept` preserves every cell as it came."""

    KEPT = "kept"
    INDIVIDUAL = "individual"
    CONSOLIDATED = "consolidated"


LABELS = {
    Layout.KEPT: "Every cell as it came",
    Layout.INDIVIDUAL: "As one agency reports: official headers and answers",
    Layout.CONSOLIDATED: "As consolidated: short names and answers",
}


def columns_of(profile: Profile, layout: Layout) -> list[Column]:
    """The columns in their order; a single inventory leaves out those that consolidation adds."""
    return [column for column in profile.columns if layout is not Layout.INDIVIDUAL or not column.consolidated]


def head_of(column: Column, layout: Layout, file_format: str) -> str:
    """Templates and workbooks carry the published header, the other files the short name."""
    official = layout is Layout.INDIVIDUAL or (layout is Layout.KEPT and file_format == "xlsx")
    return (column.header or column.key) if official else column.key


class Wording:
    """Writes cells in the words of a layout; an answer that is not among the valid ones stays as it came."""

    def __init__(self, profile: Profile, layout: Layout) -> None:
        self._profile, self._layout = profile, layout
        self._mapper = Mapper.for_cells(profile)

    def cells(self, cells: Cells) -> Cells:
        if self._layout is Layout.KEPT:
            return cells
        return {key: self._cell(self._profile.by_key.get(key), cell) for key, cell in cells.items()}

    def _cell(self, column: Column | None, cell: str) -> str:
        if column is None or not column.options:
            return cell
        spelling = _official if self._layout is Layout.INDIVIDUAL else _short
        if column.kind == "choices":
            return self._several(column, cell, spelling)
        option = column.by_answer.get(self._mapper.said(column, cell))
        return spelling(option) if option else cell

    def _several(self, column: Column, cell: str, spelling: Callable[[Option], str]) -> str:
        words = []
        for piece, answer in self._mapper.several(column, cell):
            option = column.by_answer.get(answer)
            words.append(spelling(option) if option else piece)
        if self._layout is Layout.INDIVIDUAL:
            return "; ".join(words)
        return str(words)  # the consolidated file writes lists as Python does


def _official(option: Option) -> str:
    return option.official or option.value


def _short(option: Option) -> str:
    return option.value
