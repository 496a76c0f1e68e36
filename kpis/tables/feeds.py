"""The lists of feeds, and of what a feed delivered."""

from django.db.models import Q

from caio_portal.common.tables import Choices, Column, Flag, Table
from kpis.models import BatchState, Feed, FeedBatch, FeedKind


class FeedTable(Table[Feed]):
    """Feeds in use; the retired ones for those who ask for them."""

    id = "feeds"
    noun = ("feed", "feeds")
    caption = "Feeds"
    file_name = "kpi-feeds"
    search = ("name__icontains", "unit__name__icontains")
    search_label = "Find a feed or unit"
    default_sort = "name"
    empty_title = "No feed yet"
    empty_text = "A feed takes cost files or files of observations. What the portal knows by itself needs none."
    columns = (
        Column("name", "Feed", sort="name"),
        Column("kind", "Kind", sort="kind", value=lambda row: row.get_kind_display()),
        Column("unit.name", "Unit", sort="unit__name"),
        Column("measures", "Brings", value=lambda row: ", ".join(row.brings)),
        Column("loaded", "Batches", sort="loaded", numeric=True, down_first=True),
        Column("watermark", "Complete until", sort="watermark"),
        Column("last", "Last delivery", sort="last", down_first=True),
        Column("style", "Style", on_page=False, value=lambda row: row.get_style_display()),
        Column("quiet", "Quiet", on_page=False),
        Column("retired_at", "Retired", on_page=False),
    )
    filters = (
        Choices("kind", "Kind", FeedKind.choices),
        Flag("quiet", "Quiet only", Q(quiet=True)),
        Flag("retired", "Retired", Q(retired_at__isnull=False)),
    )


class BatchTable(Table[FeedBatch]):
    """What a feed delivered, the newest first."""

    id = "batches"
    noun = ("delivery", "deliveries")
    caption = "Deliveries"
    file_name = "kpi-deliveries"
    search = ("scope__icontains", "file__name__icontains")
    search_label = "Find a scope or file"
    default_sort = "-loaded_at"
    page_size = 25
    empty_title = "Nothing has been delivered"
    empty_text = "The first file that is loaded stands here, with its report."
    columns = (
        Column("scope", "Batch", sort="scope"),
        Column("rows", "Rows", sort="rows", numeric=True, down_first=True),
        Column("state", "State", value=lambda row: row.get_state_display()),
        Column("loaded_at", "Loaded", sort="loaded_at", down_first=True),
        Column("file.name", "File", on_page=False),
        Column("watermark", "Complete until", on_page=False),
        Column("sha256", "SHA-256", on_page=False),
    )
    filters = (Choices("state", "State", BatchState.choices),)
