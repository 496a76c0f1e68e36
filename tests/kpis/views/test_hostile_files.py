"""Files that are not what they claim: refused in a sentence, and nothing of them is kept."""

import gzip
import io
import json
import zipfile
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common.errors import Invalid
from kpis.models import DirtyMonth, FeedBatch, FeedKind, Observation, UnmatchedSpend
from kpis.services import feeds
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed, make_file

pytestmark = pytest.mark.django_db
COST = "BillingAccountId,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost"
PLAIN = "date,measure,num,den,key"


def workbook(sheet: bytes) -> bytes:
    """The smallest XLSX around one sheet."""
    parts = {
        "[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet,
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


HOSTILE = {
    "nothing": b"",
    "only spaces": b"  \n \n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "a program": b"\x7fELF" + b"\x00\x01\x02" * 500,
    "a page": b"<!doctype html><html><body>Sign in to download your bill</body></html>",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "zeros": b"\x00" * 5_000,
    "a Parquet file that breaks off": b"PAR1" + b"\x15\x04\x15\x10" * 300,
    "a Parquet file of garbage": b"PAR1" + bytes(range(256)) * 8 + b"\xff\xff\xff\x7fPAR1",
    "another table": b"Name,Age\nAda,36\n",
    "a header without rows": f"{COST}\n".encode(),
    "UTF-16 without a mark": f"{COST}\na,2026-09-01,2026-09-01,5,5\n".encode("utf-16-le"),
    "a quote that never ends": f'{COST}\n"a,2026-09-01,2026-09-01,5,5\n'.encode() + b"b,c,d,e,f\n" * 50,
    "a cell of two megabytes": f"{COST}\n{'x' * 2_000_000},2026-09-01,2026-09-01,5,5\n".encode(),
    "a newline in every cell": f'{COST}\n"a\n\n","2026\n-09-01","2026-\n09-01","\n5\n0","5\n0"\n'.encode(),
    "numbers that are none": f"{COST}\na,2026-09-01,2026-09-01,NaN,Infinity\n".encode(),
    "a number without end": f"{COST}\na,2026-09-01,2026-09-01,1e400,1\n".encode(),
    "a date outside of time": f"{COST}\na,0001-01-01,9999-12-31,5,5\n".encode(),
    "a date before the century": f"{COST}\na,1970-01-01,1970-01-01,5,5\n".encode(),
    "ten thousand columns": (",".join(f"c{n}" for n in range(10_000)) + "\n").encode(),
    "JSON that breaks off": b'{"status": "success", "data": {"result": [',
    "JSON nested to the ground": b"[" * 100_000,
    "JSON of another kind": b'"hello"',
    "a workbook that is none": b"PK\x03\x04" + b"\x00" * 400,
    "an empty workbook": workbook(b"<worksheet><sheetData/></worksheet>"),
    "a workbook that explodes": workbook(b"<worksheet><sheetData>" + b"<row/>" * 9_000_000),
    "a workbook of entities": workbook(
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData>'
        b"<row><c t='inlineStr'><is><t>&b;</t></is></c></row></sheetData></worksheet>"
    ),
    "a gzip that explodes": gzip.compress(b"0" * 120_000_000),
    "a gzip that breaks off": gzip.compress(COST.encode() * 100)[:60],
}  # fmt: skip
KINDS = [
    FeedKind.FOCUS, FeedKind.OBSERVATIONS, FeedKind.LITELLM, FeedKind.PROMETHEUS, FeedKind.PROMPTFOO, FeedKind.GARAK,
    FeedKind.TICKETS, FeedKind.SURVEY,
]  # fmt: skip


def nothing_is_kept():
    return (
        not any(model.objects.exists() for model in (FeedBatch, DirtyMonth, UnmatchedSpend))
        and not Observation.objects.exists()
    )


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_comes_back_with_a_sentence(content):
    root = make_unit("Northwind")
    client, feed = signed_in(make_person(Role.CAIO_OFFICE, unit=root)), make_feed(root, kind=FeedKind.FOCUS)
    upload = SimpleUploadedFile("bill.csv", content, "text/csv")

    response = client.post(reverse("kpis:try_file", args=[feed.pk]), {"file": upload})

    if response.status_code == 422:
        assert response.context["form"].errors["file"]
    else:  # a table whose rows cannot be used: shown, and not to be loaded
        assert response.context["usable"] == 0
        assert b"Load the file" not in response.content
    assert nothing_is_kept()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_no_kind_of_feed_takes_it(kind, content):
    feed, file = make_feed(kind=kind), make_file(content, "delivery")

    with pytest.raises(Invalid):
        feeds.load_file(feed.pk, file, by=None)

    assert nothing_is_kept()


def test_a_file_that_is_good_until_its_last_row_leaves_nothing():
    feed = make_feed(kind=FeedKind.OBSERVATIONS)
    rows = [f"2026-09-{1 + n % 28:02},training,1,2,{n}" for n in range(2_000)]
    file = make_file("\n".join([PLAIN, *rows, "2026-09-31,training,1,2,last"]))

    with pytest.raises(Invalid, match="1 of 2001 rows"):
        feeds.load_file(feed.pk, file, by=None)

    assert nothing_is_kept()


def test_cells_that_look_like_formulas_are_text():
    feed = make_feed(kind=FeedKind.FOCUS)
    tags = json.dumps({"team": "=HYPERLINK(1)"}).replace('"', '""')
    file = make_file(f'{COST},Tags\n=cmd()!A1,2026-09-01,2026-09-01,5,5,"{tags}"\n')

    loaded = feeds.load_file(feed.pk, file, by=None)

    assert loaded.batches[0].scope == "=cmd()!A1 2026-09"
    assert loaded.batches[0].unmatched.get().labels == {"Tags.team": "=HYPERLINK(1)"}


# --- documents of the right kind with something wrong inside ----------------------------------------------------------

LEAVES = (None, "x" * 50, -1, 1e300, "1e400", [], {"a": {}}, "9999-12-31", 10**30)
DOCUMENTS = {
    FeedKind.LITELLM: {
        "results": [
            {
                "date": "2026-09-01",
                "metrics": {"spend": 5, "total_tokens": 10, "successful_requests": 3, "api_requests": 4},
                "breakdown": {"api_keys": {"k": {"metrics": {"spend": 2}, "metadata": {"team_id": "cx"}}}},
            }
        ],
        "metadata": {"has_more": False},
    },
    FeedKind.PROMETHEUS: {
        "status": "success",
        "data": {
            "resultType": "matrix",
            "result": [{"metric": {"code": "200"}, "values": [[1788307200, "10"], [1788393600, "12.5"]]}],
        },
    },
    FeedKind.PROMPTFOO: {
        "evalId": "eval-1",
        "results": {
            "timestamp": "2026-09-01T10:00:00Z",
            "results": [
                {
                    "provider": {"id": "p"}, "failureReason": 0, "testCase": {"metadata": {"use_case": "UC-1"}},
                    "gradingResult": {"componentResults": [{"pass": True, "assertion": {"metric": "m"}}]},
                }
            ],
        },
    },
    FeedKind.INSPECT: {
        "status": "success", "eval": {"run_id": "r", "created": "2026-09-01T10:00:00Z", "task": "t", "metadata": {}},
        "results": {"scores": [{"name": "match"}]}, "samples": [{"scores": {"match": {"value": "C"}}}],
    },
}  # fmt: skip


def places(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from places(inner, (*path, key))


def changed(value, path, leaf):
    if not path:
        return leaf
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], leaf)
    return copy


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_untouched_document_is_read(kind):
    report = feeds.try_file(make_feed(kind=kind), make_file(json.dumps(DOCUMENTS[kind])))

    assert report.rows > report.rejected


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_value_in_any_place_breaks_the_reader(kind):
    feed = make_feed(kind=kind)

    for path in places(DOCUMENTS[kind]):
        for leaf in LEAVES:
            file = make_file(json.dumps(changed(DOCUMENTS[kind], path, leaf)))
            with suppress(Invalid):
                feeds.load_file(feed.pk, file, by=None)
