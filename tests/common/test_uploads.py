import io
import json
import resource
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caio_portal.common.uploads import child, guard, text
from caio_portal.common.uploads.limits import Refused
from caio_portal.common.uploads.styles import dates_in
from caio_portal.common.uploads.workbook import unescaped
from tests.common.hostile_files import GOOD, HOSTILE, MAIN, workbook

LATIN = b"name,town\nM\xfcller,K\xf6ln\n"


def read(content: bytes, encoding: str = "") -> list[list[str]]:
    with guard.opened(io.BytesIO(content), encoding) as table:
        return [table.header, *(row for _, row in table)]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_a_sentence_quickly_and_in_little_memory(name):
    make, words = HOSTILE[name]
    content = make()
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()

    with pytest.raises(Refused) as caught, guard.opened(io.BytesIO(content)) as table:
        list(table)

    after, ours = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time() - begun
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert "Traceback" not in caught.value.sentence
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime + ours <= 1
    assert caught.value.peak_kilobytes <= 100 * 1024


@pytest.mark.parametrize("name", GOOD)
def test_good_file_is_read_as_it_is(name):
    content, rows = GOOD[name]

    assert read(content) == rows


def test_opened_says_on_which_line_each_row_begins():
    with guard.opened(io.BytesIO(b'a,b\n"1\n1",2\n\n3,4\n')) as table:
        lines = [line for line, _ in table]

    assert lines == [2, 5]


def test_formulas_and_merged_cells_are_told_beside_the_rows():
    rows = (
        "<row r='2'><c r='A2'><f>1+1</f><v>2</v></c><c r='B2'><f>NOW()</f></c></row></sheetData>"
        "<mergeCells><mergeCell ref='A3:A5'/></mergeCells><sheetData>"
    )

    with guard.opened(io.BytesIO(workbook(rows))) as table:
        found = list(table)

    assert found == [(2, ["2", ""])]
    assert table.notes == [
        (0, "1 cell holds a formula: the values saved are read."),
        (2, "1 cell holds a formula without a saved value, from this row on, and read as blank."),
        (0, "Cells are merged (A3:A5): the first of each holds the value, the others are blank."),
    ]


@pytest.mark.parametrize("name", [name for name in HOSTILE if "last row" in name or "200,001" in name])
def test_a_text_is_refused_before_anybody_works_on_its_rows(name):
    content = HOSTILE[name][0]()

    with pytest.raises(Refused), guard.opened(io.BytesIO(content)):
        pytest.fail("The file was opened.")


@pytest.mark.parametrize("tag", ["{}", "x:{}"])
def test_cells_are_read_whatever_the_prefix_of_their_tags(tag):
    row, cell, value = tag.format("row"), tag.format("c"), tag.format("v")
    name = tag.format("worksheet")
    sheet = f"<{name} xmlns{':x' if ':' in tag else ''}='{MAIN}'>" + "".join(
        f"<{row} r='{number}'><{cell} r='A{number}'><{value}>{number}</{value}></{cell}>"
        f"<{cell} r='B{number}'><{value}>{number}0</{value}></{cell}></{row}>"
        for number in range(1, 4)
    )

    found = read(workbook(**{"worksheets__sheet1.xml": f"{sheet}</{name}>"}))

    assert found == [["1", "10"], ["2", "20"], ["3", "30"]]


def test_opened_reads_a_file_on_disk(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n1,2\n")

    with path.open("rb") as file, guard.opened(file) as table:
        file.read(3)
        rows = list(table)

    assert rows == [(2, ["1", "2"])]


def test_wrong_encoding_is_offered_as_windows_1252_with_a_preview():
    with pytest.raises(Refused) as caught:
        read(LATIN)

    assert caught.value.code == "windows-1252"
    assert caught.value.line == 2
    assert caught.value.preview == [["line 2", "Müller,Köln"]]


def test_many_wrong_lines_are_shown_by_the_first():
    with pytest.raises(Refused) as caught:
        read(b"a,b\n" + b"M\xfcller,1\n" * 9)

    assert [where for where, _ in caught.value.preview] == ["line 2", "line 3", "line 4", "line 5", "line 6"]


def test_wrong_encoding_can_be_read_as_windows_1252():
    assert read(LATIN, "windows-1252") == [["name", "town"], ["Müller", "Köln"]]


def test_bytes_that_windows_1252_does_not_have_are_not_offered():
    with pytest.raises(Refused) as caught:
        read(b"a,b\n\x81,2\n")

    assert caught.value.code == "encoding"


def test_unknown_encoding_is_refused():
    with pytest.raises(Refused):
        read(b"a,b\n", "rot13")


def test_hidden_sheets_are_passed_over():
    content = workbook().replace(b"", b"")
    hidden = (
        "<workbook xmlns:r='r'><sheets><sheet name='A' state='hidden' r:id='rId2'/><sheet name='B' r:id='rId1'/>"
        "</sheets></workbook>"
    )

    assert read(workbook(**{"workbook.xml": hidden})) == read(content)


def test_styles_with_dates_are_found():
    styles = [
        ("numFmt", {"numFmtId": "165", "formatCode": '0.00" days"'}),
        ("numFmt", {"numFmtId": "166", "formatCode": "[h]:mm"}),
        ("cellXfs", {}),
        *(("xf", {"numFmtId": number}) for number in ("0", "165", "166", "22")),
        ("cellStyles", {}),
    ]

    dates = dates_in(styles, epoch_1904=False)

    assert [dates.text("1.5", str(style)) for style in range(4)] == [
        "1.5", "1.5", "1899-12-31 12:00:00", "1899-12-31 12:00:00",
    ]  # fmt: skip
    assert dates.text("-1", "3") == "-1"
    assert dates.text("x", "3") == "x"
    assert dates.text("0.25", "3") == "06:00:00"
    assert dates.text("12.0", "0") == "12"


@pytest.mark.parametrize(
    ("raw", "plain"), [("a_x000A_b", "a\nb"), ("_x0000_", "_x0000_"), ("_xD800_", "_xD800_"), ("_x00e9_", "é")]
)
def test_unescaped(raw, plain):
    assert unescaped(raw) == plain


def test_child_that_dies_is_a_refusal(monkeypatch):
    monkeypatch.setattr(guard, "_CHILD", "import os; os.abort()")

    with pytest.raises(Refused, match="time and memory"):
        read(b"a,b\n1,2\n")


def test_child_needs_no_packages():
    # -S leaves site-packages out: whatever the reader imports, it is not Django.
    assert read(b"a,b\n1,2\n") == [["a", "b"], ["1", "2"]]


def test_table_that_is_not_read_to_its_end_leaves_no_child():
    with guard.opened(io.BytesIO(b"a,b\n" + b"1,2\n" * 100_000)) as table:
        next(iter(table))

    assert table.header == ["a", "b"]


def outcome(content: bytes) -> dict:
    lines: list[str] = []
    child.serve(io.BytesIO(content), "", lines.append)
    return json.loads(lines[-1])


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content):
    assert "rows" in outcome(content) or outcome(content)["refused"]["sentence"].endswith(".")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_mutated_workbook_is_read_or_refused(data):
    content = bytearray(GOOD["a workbook"][0])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    assert {"rows", "refused"} & outcome(bytes(content)).keys()


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_csv_writes_is_read_back(rows):
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["h1", "h2"], *rows])

    found = [row for _, row in text.rows(io.BytesIO(out.getvalue().encode()))]

    assert found == [["h1", "h2"], *rows]


def test_a_loose_table_is_read_as_tools_export_it():
    content = b"Key,Labels,Labels\na,x\nb,x,y,z\n"

    with guard.opened(io.BytesIO(content), loose=True) as table:
        rows = list(table)

    assert table.header == ["Key", "Labels", "Labels"]
    assert rows == [(2, ["a", "x", ""]), (3, ["b", "x", "y"])]
