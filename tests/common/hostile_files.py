"""Files that attack, confuse or merely tire a reader, and good ones; each as bytes, made when asked for."""

import gzip
import io
import zipfile
from collections.abc import Callable

_TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK = (
    f"<workbook xmlns='{MAIN}' xmlns:r='{_LINKS}'><sheets><sheet name='A' sheetId='1' r:id='rId1'/></sheets></workbook>"
)
_RELATIONS = "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>"
_HEADER = (
    "<row r='1'><c r='A1' t='inlineStr'><is><t>one</t></is></c><c r='B1' t='inlineStr'><is><t>two</t></is></c></row>"
)
_LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>"
    f"<sst xmlns='{MAIN}'><si><t>&c;</t></si></sst>"
)
_OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + f"<sst xmlns='{MAIN}'><si><t>&a;</t></si></sst>"
STYLES = (
    "<styleSheet><numFmts count='1'><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd;@'/></numFmts>"
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>"
)


def workbook(rows: str = "", **parts: str | bytes) -> bytes:
    """A workbook of one sheet; parts by name, with `__` for `/`, replace or add to the usual ones."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "xl/workbook.xml": _WORKBOOK,
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{MAIN}'><sheetData>{_HEADER}{rows}</sheetData></worksheet>",
    }
    files |= {f"xl/{name.replace('__', '/')}": content for name, content in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _cell(reference: str, value: object = 1) -> str:
    return f"<c r='{reference}'><v>{value}</v></c>"


def _one_huge_cell() -> bytes:
    out = io.BytesIO(workbook())
    archive = zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("xl/sharedStrings.xml", "w") as part:
        part.write(f"<sst xmlns='{MAIN}'><si><t>".encode())
        for _ in range(160):
            part.write(b"a" * (1 << 20))
    return out.getvalue()


def _lying_size() -> bytes:
    """The part has 4 MB; the archive says 1,000 bytes, in both places where it says it."""
    size = 4 << 20
    content = f"<sst xmlns='{MAIN}'><si><t>".encode() + b"ab" * (size // 2)
    data = workbook(**{"sharedStrings.xml": content})
    return data.replace(len(content).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def _cut_in_half() -> bytes:
    data = workbook("".join(f"<row r='{n}'>{_cell(f'A{n}', n * 7919)}</row>" for n in range(2, 500)))
    return data[: len(data) // 2]


def _blank_cells() -> bytes:
    row = "".join(f"<c r='{letter}{{0}}' s='1'/>" for letter in "ABCDEFGHIJ")
    return workbook("".join(f"<row r='{number}'>{row.format(number)}</row>" for number in range(2, 60_000)))


def _blank_rows() -> bytes:
    return workbook("".join(f"<row r='{number}' ht='12'/>" for number in range(2, 1_048_576)))


def _many_rows(count: int, row: str) -> bytes:
    return workbook("".join(row.format(number) for number in range(2, count)))


def _many_texts(count: int) -> str:
    return f"<sst xmlns='{MAIN}'>" + "".join(f"<si><t>{number}</t></si>" for number in range(count)) + "</sst>"


def _many_styles(count: int) -> str:
    styles = "".join(f"<xf numFmtId='{number % 997}'/>" for number in range(count))
    return f"<styleSheet><cellXfs>{styles}</cellXfs></styleSheet>"


def _names(count: int) -> bytes:
    return ",".join(f"c{number}" for number in range(count)).encode() + b"\n"


_ONE_CELL = "<row r='{0}'><c r='A{0}'><v>{0}</v></c></row>"
_UNSAVED = "<row r='{0}'><c r='A{0}'><f>NOW()</f></c></row>"
_MERGED_HEADERS = (
    f"<worksheet xmlns='{MAIN}'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>Use case</t></is></c><c r='B1'/>"
    "<c r='C1' t='inlineStr'><is><t>Stage</t></is></c></row></sheetData>"
    "<mergeCells count='1'><mergeCell ref='A1:B1'/></mergeCells></worksheet>"
)


# A word of the sentence with which each is refused.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "one huge cell": (_one_huge_cell, "unpacks"),
    "larger than any workbook": (lambda: b"PK\x03\x04" + bytes(21 << 20), "larger"),
    "a cell in the last corner": (lambda: workbook(f"<row r='1048576'>{_cell('XFD1048576')}</row>"), "row 1,048,576"),
    "size that lies": (_lying_size, "damaged"),
    "billion laughs": (lambda: workbook(**{"sharedStrings.xml": _LAUGHS}), "entities"),
    "external entity": (lambda: workbook(**{"sharedStrings.xml": _OUTSIDE}), "entities"),
    "too many columns": (lambda: workbook(f"<row r='2'>{_cell('ZZ2')}</row>"), "columns"),
    "macros": (lambda: workbook(**{"vbaProject.bin": b"x"}), "macros"),
    "a document renamed": (lambda: workbook().replace(b"xl/workbook.xml", b"wd/workbook.xml"), "not an Excel workbook"),
    "old or encrypted Excel": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "password"),
    "cut in half": (_cut_in_half, "damaged"),
    "a text that is not there": (lambda: workbook("<row r='2'><c r='A2' t='s'><v>99</v></c></row>"), "row 2"),
    "a million columns": (lambda: b"a," * 900_000 + b"\n", "first line"),
    "NUL": (lambda: b"a,b\n1,2\n1,\x00\n", "Line 3 has a NUL character at position 3"),
    "Latin-1": (lambda: b"a,b\n1,2\nM\xfcller,3\n", "Line 3 is not UTF-8"),
    "mixed encodings": (lambda: "a,b\n1,2\nMüller,3\n".encode() + b"K\xf6ln,4\n", "Line 4 is not UTF-8, but line 3 is"),
    "UTF-16 without a mark": (lambda: "a,b\n1,2\n".encode("utf-16-le"), "NUL character"),
    "UTF-16 cut in a character": (lambda: "a,b\n1,2\n".encode("utf-16")[:-1], "UTF-16"),
    "millions of blank lines": (lambda: b"a,b\n" + b"\n" * (4 << 20), "blank rows"),
    "millions of blank cells": (lambda: b"a,b\n" + b",\n" * (4 << 20), "blank rows"),
    "blank cells of a sheet": (_blank_cells, "blank cells"),
    "blank rows of a sheet": (_blank_rows, "rows"),
    "merged headers": (
        lambda: workbook("", **{"worksheets__sheet1.xml": _MERGED_HEADERS}),
        "column 2 no name",
    ),
    "many parts": (lambda: workbook(**{f"media__{n}.png": b"x" for n in range(300)}), "too many parts"),
    "a bomb in a part nobody reads": (lambda: workbook(**{"media__1.bin": bytes(200 << 20)}), "unpacks"),
    "XML as deep as it is long": (lambda: workbook("".join(f"<a{n * 7919}>" for n in range(100_000))), "damaged"),
    "same header twice": (lambda: b"Use Case,b,use_case\n1,2,3\n", "Use Case, use_case"),
    "a header missing": (lambda: b"a,,c\n1,2,3\n", "column 2 no name"),
    "quote never closed": (lambda: b'a,b\n1,2\n"1,2\n3,4\n', "line 3 is never closed"),
    "text after a quote": (lambda: b'a,b\n"1"x,2\n', "Line 2 has text after"),
    "a cell of 5 MB": (lambda: b"a,b\n" + b"1" * (5 << 20) + b",2\n", "Line 2"),
    "a quoted cell of 5 MB": (lambda: b'a,b\n"' + b"1\n" * (5 << 19) + b'",2\n', "line 2"),
    "a ragged row": (lambda: b"a,b\n1,2\n\n1,2,3\n", "Line 4 has 3 cells"),
    "a short row": (lambda: b"a,b\n1\n", "Line 2 has 1 cells"),
    "200,001 rows": (lambda: b"a,b\n" + b"1,2\n" * 200_001, "200,000 rows"),
    "200,001 rows in quotes": (lambda: b"a,b\n" + b'"x\ny\nz",1\n' * 200_001, "200,000 rows"),
    "too many cells": (lambda: _names(20) + (b"some words," * 19 + b"1\n") * 200_001, "cells"),
    "200,001 rows in an archive": (lambda: gzip.compress(b"a,b\n" + b"1,23\n2,1\n" * 900_000, 1), "200,000 rows"),
    "wrong in its last row": (lambda: b"a,b\n" + b"1,2\n" * 199_000 + b"1,2,3\n", "Line 199002"),
    "NUL in its last row": (lambda: b"a,b\n" + b"1,2\n" * 199_000 + b"1,\0\n", "Line 199002"),
    "Latin-1 in its last row": (lambda: b"a,b\n" + b"1,2\n" * 199_000 + b"1,\xfc\n", "Line 199002"),
    "too many rows of a sheet": (lambda: _many_rows(220_000, _ONE_CELL), "row 200,101"),
    "a sheet of formulas without values": (lambda: _many_rows(400_000, _UNSAVED), "blank cells"),
    "a sheet of other marks": (lambda: workbook("".join(f"<a{n}/>" for n in range(900_000))), "hardly any cells"),
    "a tag without end": (lambda: workbook(f"<row {' '.join(f'a{n}=1' for n in range(300_000))}/>"), "1 MB"),
    "too many texts": (lambda: workbook(**{"sharedStrings.xml": _many_texts(1_100_000)}), "too much text"),
    "texts of nothing": (lambda: workbook(**{"sharedStrings.xml": "<sst>" + "<r/>" * 900_000 + "</sst>"}), "too much"),
    "too many styles": (lambda: workbook(**{"styles.xml": _many_styles(900_000)}), "elements"),
    "a gzip bomb": (lambda: gzip.compress(b"a,b\n" + (b"1" * 99 + b",2\n") * (1 << 16), 9), "unpacks"),
    "a damaged gzip": (lambda: gzip.compress(b"a,b\n1,2\n")[:-6], "damaged"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(600), "UTF-8"),
    "nothing": (lambda: b"", "empty"),
    "a letter": (lambda: b"Dear Sir or Madam\nhow are you\n", "no table"),
}

_GOOD_ROWS = (
    "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' s='1'><v>45566</v></c></row>"
    "<row r='9'><c r='B9' s='2'><v>45566.5</v></c></row>"
)
_RICH = f"<sst xmlns='{MAIN}'><si><r><t>Mül</t></r><r><t>ler_x000A_</t></r><rPh><t>no</t></rPh></si></sst>"

GOOD: dict[str, tuple[bytes, list[list[str]]]] = {
    "a newline in every cell": (
        b'\xef\xbb\xbf"on\ne",two\r\n"1\n1","2\r\n2"\r\n"3\n\n","4"\r\n',
        [["on\ne", "two"], ["1\n1", "2\r\n2"], ["3\n\n", "4"]],
    ),
    "UTF-16": ("a,b\nMüller,2\n".encode("utf-16"), [["a", "b"], ["Müller", "2"]]),
    "semicolons and a blank column": (b"a;b;\n1;2,5;\n", [["a", "b"], ["1", "2,5"]]),
    "a gzipped file": (gzip.compress(b"a,b\n1,2"), [["a", "b"], ["1", "2"]]),
    "a workbook": (
        workbook(_GOOD_ROWS, **{"sharedStrings.xml": _RICH, "styles.xml": STYLES}),
        [["one", "two"], ["Müller\n", "2024-10-01 00:00:00"], ["", "2024-10-01 12:00:00"]],
    ),
}
