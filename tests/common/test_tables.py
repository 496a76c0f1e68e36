from typing import NamedTuple

import pytest
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict

from caio_portal.common.models import Job, JobState
from caio_portal.common.tables import Choices, Column, Flag, MemoryTable, Table


class JobTable(Table[Job]):
    id = "jobs"
    columns = (
        Column("kind", "Kind", sort=Lower("kind")),
        Column("attempts", "Attempts", sort="attempts", numeric=True, down_first=True),
        Column("steps_total", "Steps", sort="steps_total", numeric=True),
        Column("state", "State", value=lambda job: job.get_state_display()),
        Column("idem_key", "Key", on_page=False),
    )
    filters = (
        Choices("state", "State", JobState.choices),
        Choices("steps", "Steps", [(1, "One"), (2, "Two")], lookup="steps_total", none="Not known"),
        Flag("tried", "Tried before", Q(attempts__gt=0)),
    )
    search = ("kind__icontains", "idem_key__icontains")
    default_sort = "kind"
    page_size = 2
    noun = ("job", "jobs")


@pytest.fixture
def jobs(db):
    rows = [("beta", 0, None), ("Alpha", 3, 1), ("gamma", 1, 2), ("delta", 0, 1)]
    return [
        Job.objects.create(kind=kind, idem_key=f"key-{kind}", attempts=attempts, steps_total=steps)
        for kind, attempts, steps in rows
    ]


def _table(query=""):
    return JobTable(QueryDict(query), Job.objects.all(), path="/jobs/")


def _kinds(query):
    return [job.kind for job in _table(query).found]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["Alpha", "beta", "delta", "gamma"]),
        ("sort=-kind", ["gamma", "delta", "beta", "Alpha"]),
        ("sort=-attempts", ["Alpha", "gamma", "beta", "delta"]),
        ("sort=steps_total", ["Alpha", "delta", "gamma", "beta"]),
        ("sort=-steps_total", ["gamma", "Alpha", "delta", "beta"]),
        ("sort=state", ["Alpha", "beta", "delta", "gamma"]),
        ("sort=;drop", ["Alpha", "beta", "delta", "gamma"]),
    ],
)
def test_sort(jobs, query, kinds):
    assert _kinds(query) == kinds


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("q=ALPH", ["Alpha"]),
        ("q=key+mm", ["gamma"]),
        ("q=%00", ["Alpha", "beta", "delta", "gamma"]),
        ("steps=1", ["Alpha", "delta"]),
        ("steps=1&steps=2", ["Alpha", "delta", "gamma"]),
        ("steps=none", ["beta"]),
        ("steps=none&steps=2", ["beta", "gamma"]),
        ("steps=x", ["Alpha", "beta", "delta", "gamma"]),
        ("tried=1", ["Alpha", "gamma"]),
        ("tried=1&steps=1", ["Alpha"]),
        ("state=done", []),
    ],
)
def test_filters(jobs, query, kinds):
    assert _kinds(query) == kinds


def test_facets_count_rows_under_the_other_filters(jobs):
    table = _table("tried=1&steps=1")

    facets = {facet.key: {option.label: option.count for option in facet.options} for facet in table.facets}

    assert facets["steps"] == {"One": 1, "Two": 1, "Not known": 0}
    assert facets["state"]["Waiting"] == 1
    assert [facet.chosen for facet in table.facets] == [0, 1]


def test_a_list_takes_three_queries_however_many_rows_and_facets(jobs, django_assert_num_queries):
    table = _table("tried=1")

    with django_assert_num_queries(3):
        assert (len(table.rows), table.total, len(table.facets)) == (2, 2, 2)


def test_pages(jobs):
    first, last = _table(), _table("page=9&q=a")

    assert ([job.kind for job in first.rows], first.next_url, first.previous_url) == (
        ["Alpha", "beta"],
        "/jobs/?page=2",
        "",
    )
    assert ([job.kind for job in last.rows], last.previous_url) == (["delta", "gamma"], "/jobs/?q=a&page=1")
    assert first.page_links == [("1", "/jobs/?page=1", True), ("2", "/jobs/?page=2", False)]
    assert first.total_words == "4 jobs"


def test_addresses_keep_the_rest_of_the_query(jobs):
    table = _table("q=a&steps=1&steps=2&sort=-kind&page=2")

    assert [(chip.label, chip.value, chip.url) for chip in table.applied] == [
        ("Search", "a", "/jobs/?steps=1&steps=2&sort=-kind"),
        ("Steps", "One", "/jobs/?q=a&steps=2&sort=-kind"),
        ("Steps", "Two", "/jobs/?q=a&steps=1&sort=-kind"),
    ]
    assert table.clear_url == "/jobs/?sort=-kind"
    assert table.export_urls[1] == ("CSV", "/jobs/?q=a&steps=1&steps=2&sort=-kind&format=csv")


def test_heads_turn_the_order_around(jobs):
    heads = {head.label: head for head in _table("sort=kind").heads}

    assert (heads["Kind"].direction, heads["Kind"].url) == ("ascending", "/jobs/?sort=-kind")
    assert (heads["Attempts"].direction, heads["Attempts"].url) == ("", "/jobs/?sort=-attempts")
    assert (heads["State"].url, "Key" in heads) == ("", False)


def test_options_of_a_request_replace_those_of_the_table(jobs):
    table = JobTable(QueryDict("steps=2"), Job.objects.all(), options={"steps": [(2, "A pair")]})

    assert [(chip.label, chip.value) for chip in table.applied] == [("Steps", "A pair")]


def test_export_rows_are_all_that_match(jobs):
    table = _table("q=a&format=csv&sort=kind")

    assert table.file_format == "csv"
    assert next(table.export_rows()) == ["Alpha", 3, 1, "Waiting", "key-Alpha"]
    assert len(list(table.export_rows())) == 4


# --- in memory ----------------------------------------------------------------------------------------------------


class Tool(NamedTuple):
    name: str
    kind: str
    weight: int | None


class ToolTable(MemoryTable):
    columns = (Column("name", "Name", sort="name"), Column("weight", "Weight", sort="weight", numeric=True))
    filters = (Choices("kind", "Kind", (("saw", "Saws"), ("axe", "Axes"))),)
    search = ("name", "kind")
    default_sort = "name"


TOOLS = (Tool("Felling axe", "axe", 3), Tool("bow saw", "saw", None), Tool("Hand saw", "saw", 1))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["bow saw", "Felling axe", "Hand saw"]),
        ("sort=-name", ["Hand saw", "Felling axe", "bow saw"]),
        ("sort=weight", ["Hand saw", "Felling axe", "bow saw"]),
        ("sort=-weight", ["Felling axe", "Hand saw", "bow saw"]),
        ("q=SAW+hand", ["Hand saw"]),
        ("kind=saw&kind=nonsense", ["bow saw", "Hand saw"]),
        ("kind=axe&q=saw", []),
    ],
)
def test_what_is_in_memory_is_searched_filtered_and_sorted(query, names):
    table = ToolTable(QueryDict(query), TOOLS, path="/tools/")

    assert [row.name for row in table.rows] == names
    assert table.total == len(names)
    assert [row[0] for row in table.export_rows()] == names


def test_what_is_in_memory_is_counted_by_facet():
    table = ToolTable(QueryDict("kind=axe"), TOOLS)

    assert [(option.label, option.count) for option in table.facets[0].options] == [("Saws", 2), ("Axes", 1)]
