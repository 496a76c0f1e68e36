"""The reader of Parquet files, on files of two writers: every value, and nothing but sentences for damaged ones."""

import io
import json
import random
import struct

import pytest

from caio_portal.common.uploads import child, guard, table
from caio_portal.common.uploads.limits import Refused
from caio_portal.common.uploads.parquet import deltas, packing
from tests.common import parquet_samples as samples

HEADER = ["BillingAccountId", "BillingPeriodStart", "ChargePeriodStart", "EffectiveCost", "BilledCost", "Day", "Maybe",
          "Flag", "Tags", "List", "Struct.x"]  # fmt: skip
START = "2026-09-01T00:00:00+00:00"
ROWS = [
    ["acc", START, "2026-09-01T00:00:00", "0.000000", "0.0", "2026-09-01", "text 0", "", "", "", ""],
    ["acc", START, "2026-09-02T00:00:00", "0.250000", "0.125", "2026-09-02", "", "false", "", "", "1"],
    ["acc", START, "2026-09-03T00:00:00", "0.500000", "0.25", "2026-09-03", "", "true", '{"team": "cx", "n": null}',
     '["a", null]', ""],
    ["acc", START, "2026-09-04T00:00:00", "0.750000", "0.375", "2026-09-04", "text 3", "false", '{"team": "ops"}',
     '["b"]', "3"],
    ["acc", START, "2026-09-05T00:00:00", "1.000000", "0.5", "2026-09-05", "", "true", "", '["c", "d"]', "4"],
    ["acc", START, "2026-09-06T00:00:00", "1.250000", "0.625", "2026-09-06", "", "false", '{"team": "cx"}', "", ""],
]  # fmt: skip


def read(content):
    return list(table.read(io.BytesIO(content)))


@pytest.mark.parametrize(
    "content", [samples.ARROW, samples.ARROW_2, samples.DUCKDB], ids=["arrow", "arrow 2", "duckdb"]
)
def test_every_writer_brings_the_same_table(content):
    (line, header), *rows = read(content)

    assert (line, header) == (1, HEADER)
    assert rows == list(enumerate(ROWS, start=2))


@pytest.mark.parametrize("content", [samples.ZSTD, samples.LZ4, samples.GZIP], ids=["zstd", "lz4", "gzip"])
def test_every_codec_brings_the_same_table(content):
    expected = [["acc", START, repr(number / 4)] for number in range(6)]

    with guard.opened(io.BytesIO(content)) as opened:  # the child finds the package that unpacks Zstandard
        assert [cells for _, cells in opened] == expected


def test_lz4_as_hadoop_frames_it():
    plain, block = b"abcabcabcabcabcX", b"\x38abc\x03\x00\x10X"  # 3 literals, a copy of 12; 1 literal
    frame = struct.pack(">II", len(plain), len(block)) + block

    assert packing.unpacked(frame * 2, 5, 32) == plain * 2
    assert packing.unpacked(block, 5, 16) == packing.unpacked(block, 7, 16) == plain


@pytest.mark.parametrize(
    ("codec", "data"), [(6, b"\x28\xb5\x2f\xfd\x20\x07"), (6, b"no"), (7, b"\x38abc\x04\x00"), (7, b"\xf0\xff")]
)
def test_a_damaged_page_is_refused(codec, data):
    with pytest.raises(Refused, match="cannot be unpacked"):
        packing.unpacked(data, codec, 16)


def test_numbers_and_texts_that_are_stored_as_differences():
    (_, header), *rows = read(samples.DIFFERENCES)

    assert header == ["a", "b", "c", "d", "e", "f", "t"]
    assert [cells for _, cells in rows][:2] == [
        ["", "5301164181119406489", "account-669", "", "0.8729090139610275", "0.6463345289230347",
         "2026-09-01T00:00:00"],
        ["-251401605", "-8417660072779415281", "account-882", "use case 63 of 1", "0.11178746357543434",
         "0.08635488897562027", "2026-09-01T00:17:00"],
    ]  # fmt: skip
    assert rows[-1][1][:4] == ["587055389", "3115413297758639785", "account-310", "use case 75 of 5"]
    assert read(samples.DELTA)[1:] == [(number, ["acc", START]) for number in range(2, 8)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x01\x04\x03\x00",  # it says three where two are wanted
        b"\x80\x01\x00\x02\x00",  # no parts
        b"\x80\x01\x04\x02\x00\x00\x50\x00\x00\x00",  # a width of eighty bits
        b"\xff\xff\xff\xff\x0f\x01\x02\x00",  # a block of four billion
    ],
)
def test_differences_that_cannot_be_are_refused(data):
    for reading in (lambda: deltas.numbers(data, 2, 32), lambda: deltas.texts(data, 2), lambda: deltas.shared(data, 2)):
        with pytest.raises(Refused, match="its differences do not fit"):
            reading()


def test_times_of_older_writers_are_utc():
    assert read(samples.SPARK_TIMES)[1:] == [(number, ["acc", START]) for number in range(2, 8)]


def test_a_file_is_opened_in_the_child_process():
    with guard.opened(io.BytesIO(samples.ARROW)) as opened:
        assert opened.header == HEADER
        assert [cells for _, cells in opened] == ROWS


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (samples.BROTLI, "packed with Brotli"),
        (samples.ARROW[:-9], "breaks off"),
        (b"PAR1PAR1", "breaks off"),
        (b"PAR1" + struct.pack("<I", 2**31) + b"PAR1", "breaks off"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(Refused, match=sentence):
        read(content)


@pytest.mark.parametrize(
    "content",
    [samples.ARROW, samples.ARROW_2, samples.DUCKDB, samples.DIFFERENCES],
    ids=["arrow", "arrow 2", "duckdb", "differences"],
)
def test_no_broken_byte_breaks_the_reader(content):
    dice = random.Random(7)
    for _ in range(400):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        said: list[str] = []

        child.serve(io.BytesIO(bytes(broken)), "", said.append)

        end = json.loads(said[-1])
        assert "rows" in end or end["refused"]["sentence"]


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        (b"\x05\x10hello", b"hello"),
        (b"\x0a\x04ab\x11\x02", b"ababababab"),
        (b"\x06\x00a\x12\x01\x00", b"aaaaaa"),
    ],
)
def test_snappy_copies_what_came_before_even_from_itself(packed, plain):
    assert packing.unpacked(packed, 1, len(plain)) == plain


@pytest.mark.parametrize("packed", [b"\x05\x10hell", b"\x05\x01\x00", b"\x05\x12\x09\x00", b"", b"\xff" * 5])
def test_snappy_that_lies_is_refused(packed):
    with pytest.raises(Refused):
        packing.unpacked(packed, 1, 5)


def test_runs_and_groups():
    assert packing.runs(b"\x0a\x01", 1, 5) == [1] * 5
    assert packing.runs(b"\x03\x88\xc6\xfa", 3, 8) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert packing.runs(b"", 0, 0) == []
