from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import QueryDict

from caio_portal.common.tables import Choices, Column, Flag, SavedView, Table


class SampleTable(Table[ContentType]):
    """A list of something that every installation has: the kinds of record of the portal itself."""

    id = "kinds"
    caption = "Kinds of record"
    columns = (
        Column("name", "Record", sort="model", value=lambda kind: kind.name),
        Column("app_label", "App", sort="app_label"),
        Column("pk", "Number", sort="pk", numeric=True, down_first=True),
    )
    filters = (
        Choices("app_label", "App", [("accounts", "Accounts"), ("common", "Common"), ("portfolio", "Portfolio")]),
        Choices("model", "Record", [("job", "Job"), ("user", "User"), ("notice", "Notice")]),
        Flag("long", "Long names", Q(model__gte="n")),
    )
    search = ("model__icontains", "app_label__icontains")
    search_label = "Search records"
    default_sort = "name"
    page_size = 8
    noun = ("kind", "kinds")
    file_name = "kinds of record"


class EmptyTable(Table[ContentType]):
    id = "nothing"
    noun = ("incident", "incidents")
    exportable = False
    empty_title = "No incidents"
    empty_text = "Nothing has been reported. Anyone can report an incident in a minute, a near miss too."


def sample_table(query: QueryDict, path: str) -> SampleTable:
    views = [
        SavedView("Only accounts", f"{path}?app_label=accounts"),
        SavedView("All, newest first", f"{path}?sort=-pk"),
    ]
    return SampleTable(query, ContentType.objects.all(), path=path, saved_views=views)


def empty_table(path: str) -> EmptyTable:
    return EmptyTable(QueryDict(), ContentType.objects.none(), path=path)
