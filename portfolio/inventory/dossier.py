"""What the dossier of an imported use case shows of the rows it came from."""

from collections.abc import Sequence
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.common.parts import Fact
from portfolio.inventory import profiles
from portfolio.models import ExternalRow, Source, UseCase
from portfolio.ports import UseCaseTab


def tabs(use_case: UseCase, user: User) -> Sequence[UseCaseTab]:
    """A page with every cell as it came, for what was imported."""
    if use_case.source != Source.IMPORT:
        return ()
    return (UseCaseTab("imported", "As imported", "portfolio/_imported.html", lambda: _context(use_case), position=80),)


def _context(use_case: UseCase) -> dict[str, Any]:
    rows = ExternalRow.objects.filter(use_case=use_case).select_related("batch__file", "batch__unit").order_by("pk")
    return {"imported": [(row, cells_of(row)) for row in rows]}


def cells_of(row: ExternalRow) -> list[Fact]:
    """The cells of a row under the headers of its profile, then those of columns that the profile does not know."""
    key = row.batch.profile
    columns = profiles.load(key, row.batch.profile_version).columns
    known = [
        Fact(_header(column.header or column.key), row.cells[column.key])
        for column in columns
        if column.key in row.cells
    ]
    names = {column.key for column in columns}
    return known + [Fact(name, cell) for name, cell in row.cells.items() if name not in names]


def _header(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())
