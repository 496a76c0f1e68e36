"""The list of batches."""

from collections.abc import Sequence
from typing import ClassVar

from caio_portal.common import tables
from caio_portal.common.tables import Choices, Column
from caio_portal.common.tables.filters import Filter
from portfolio.inventory import profiles
from portfolio.models import BatchState, ImportBatch


def _figure(name: str) -> Column:
    return Column(name, name.capitalize(), numeric=True, value=lambda batch: batch.report.get(name, 0))


class BatchTable(tables.Table[ImportBatch]):
    id = "batches"
    noun = ("batch", "batches")
    caption = "Batches"
    file_name = "batches"
    default_sort = "-number"
    search = ("file__name__icontains", "unit__name__icontains")
    search_label = "Search file or unit"
    empty_title = "No inventory has been imported"
    empty_text = "Import a file of use cases: you see a report of every row before anything is written."
    columns: ClassVar[Sequence[Column]] = (
        Column("number", "Batch", sort="pk", value=lambda batch: batch.pk, down_first=True),
        Column("file", "File", sort="file__name", value=lambda batch: batch.file.name),
        Column("profile", "Profile", on_page=False),
        Column("unit", "Unit", sort="unit__name", value=lambda batch: str(batch.unit or "")),
        *(_figure(name) for name in ("rows", "created", "updated", "unchanged", "warnings")),
        Column("by", "Imported by", on_page=False, value=lambda batch: str(batch.by or "")),
        Column("finished", "Imported", sort="finished_at", value=lambda batch: batch.finished_at, down_first=True),
        Column("state", "State", sort="state", value=lambda batch: batch.get_state_display()),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Choices("state", "State", BatchState.choices),
        Choices("profile", "Profile", profiles.titles),
    )
