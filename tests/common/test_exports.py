import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caio_portal.common import exports

DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x", "\u00a0=1")
NASTY = st.text(st.sampled_from("=+-@'\" \t\r\n,;|!A1()＝＋－＠\u00a0ä"), max_size=12)
CELLS = st.one_of(
    st.none(), NASTY, st.text(st.characters(exclude_categories=("Cs",)), max_size=20), st.integers(-(10**9), 10**9)
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_escape_puts_a_quote_in_front(text):
    assert exports.escape(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "3-4", "'=1", "  plain"])
def test_escape_leaves_the_rest(text):
    assert exports.escape(text) == text


def test_csv_keeps_numbers_and_escapes_text():
    rows = [
        ["=1", -5, Decimal("-2.50"), None, True, date(2026, 11, 3), datetime(2026, 11, 3, 9, 5, tzinfo=UTC), ["a", "b"]]
    ]

    text = "".join(exports.csv_chunks(["+Head", "n"], rows))

    assert text == ('"\'+Head","n"\r\n"\'=1","-5","-2.50","","Yes","2026-11-03","2026-11-03 09:05","a; b"\r\n')


def test_csv_comes_in_chunks():
    chunks = list(exports.csv_chunks(["n"], ([number] for number in range(1200))))

    assert len(chunks) == 3
    assert len("".join(chunks).splitlines()) == 1201


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_no_csv_cell_starts_a_formula(rows):
    text = "".join(exports.csv_chunks(["a", "b", "c"], rows))

    for row, read in zip(rows, list(csv.reader(io.StringIO(text, newline="")))[1:], strict=True):
        for value, cell in zip(row, read, strict=True):
            is_number = isinstance(value, int)
            assert is_number or not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_no_xlsx_cell_is_a_formula(rows):
    sheet = _read(["=a", "b", "c"], rows)

    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert all(cell.hyperlink is None for row in sheet.iter_rows() for cell in row)


def test_xlsx_has_real_numbers_dates_and_texts():
    moment = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)

    sheet = _read(["Name", "n", "on", "at", "sure"], [["=1+1", Decimal("2.5"), date(2026, 11, 3), moment, False]])

    assert [cell.value for cell in sheet[2]] == ["=1+1", 2.5, datetime(2026, 11, 3), datetime(2026, 11, 3, 9, 5), "No"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E2"


def test_a_file_name_is_plain_and_dated():
    response = exports.csv_response('Use cases "x"', ["a"], [])

    assert response["Content-Disposition"].startswith('attachment; filename="use-cases--x-20')
    assert b"".join(response) == b'\xef\xbb\xbf"a"\r\n'


def _read(heads, rows):
    file = io.BytesIO()
    exports.write_xlsx(file, heads, rows, "Use cases: [all]")
    return openpyxl.load_workbook(io.BytesIO(file.getvalue())).active
