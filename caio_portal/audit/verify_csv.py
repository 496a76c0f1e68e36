"""Verify an exported audit trail with nothing but Python: `python verify_csv.py trail.csv [--segment]`.

A segment is a part of the trail; of events that are not the reader's business it shows the links alone.
Needs no database and no other module of the portal, so that an auditor need not trust it.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping

GENESIS = hashlib.sha256(b"genesis").digest()
HASHED = (
    "id",
    "recorded_at_us",
    "occurred_at_us",
    "db_user",
    "actor_id",
    "action",
    "subject_type",
    "subject_id",
    "unit_id",
    "payload",
)
NUMBERS = {"id", "actor_id", "unit_id"}
COLUMNS = ("seq", *HASHED, "salt", "leaf", "prev", "head")


class Broken(Exception):
    """The trail does not hold together; the message says where."""


def verify(rows: Iterable[Mapping[str, str]]) -> tuple[int, str]:
    """Check every link of the trail; returns the last sequence number and head. Raises Broken."""
    previous, seq = GENESIS, 0
    for seq, row in enumerate(rows, start=1):
        if row["seq"] != str(seq):
            raise Broken(f"Number {seq} is missing: {row['seq']} follows {seq - 1}.")
        leaf = leaf_of(row)
        if leaf.hex() != row["leaf"]:
            raise Broken(f"Event {seq} was altered: its contents do not give its hash.")
        previous = _linked(row, seq, previous, leaf)
    return seq, previous.hex() if seq else ""


def verify_segment(rows: Iterable[Mapping[str, str]]) -> tuple[int, int, str]:
    """Check a part of the trail; returns how many events it tells, its last number and head. Raises Broken."""
    previous, seq, told = b"", 0, 0
    for row in rows:
        if seq and row["seq"] != str(seq + 1):
            raise Broken(f"Number {seq + 1} is missing: {row['seq']} follows {seq}.")
        previous, seq = previous or _bytes(row["prev"]), _number(row["seq"])
        leaf = _bytes(row["leaf"])
        if row["salt"]:
            told += 1
            if leaf_of(row) != leaf:
                raise Broken(f"Event {seq} was altered: its contents do not give its hash.")
        elif any(row[key] for key in HASHED):
            raise Broken(f"Event {seq} tells something without the salt that proves it.")
        previous = _linked(row, seq, previous, leaf)
    return told, seq, previous.hex()


def _linked(row: Mapping[str, str], seq: int, previous: bytes, leaf: bytes) -> bytes:
    """The head after an event that follows on PREVIOUS."""
    if previous.hex() != row["prev"]:
        raise Broken(f"Event {seq} does not follow event {seq - 1}.")
    head = hashlib.sha256(b"\x01" + previous + seq.to_bytes(8, "big") + leaf).digest()
    if head.hex() != row["head"]:
        raise Broken(f"The head after event {seq} is not the hash of what comes before.")
    return head


def leaf_of(row: Mapping[str, str]) -> bytes:
    """The salted SHA-256 of what one event says."""
    said = [(_number(row[key]) if row[key] else None) if key in NUMBERS else row[key] for key in HASHED]
    text = json.dumps(said, ensure_ascii=False)
    return hashlib.sha256(b"\x00" + _bytes(row["salt"]) + text.encode()).digest()


def _bytes(text: str) -> bytes:
    """What hexadecimal digits stand for, if they are written as the portal writes them."""
    value = bytes.fromhex(text)
    if value.hex() != text:
        raise Broken(f"{text} is not written in small hexadecimal digits.")
    return value


def _number(text: str) -> int:
    value = int(text)
    if str(value) != text:
        raise Broken(f"{text} is not written like a number.")
    return value


def main(path: str, *options: str) -> int:
    csv.field_size_limit(1 << 20)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            if options:
                told, seq, head = verify_segment(csv.DictReader(file))
                print(f"Whole: tells {told} events, ends with number {seq}, head {head}")
                return 0
            seq, head = verify(csv.DictReader(file))
    except (Broken, KeyError, ValueError) as error:
        print(f"BROKEN: {error}")
        return 1
    print(f"Whole: {seq} events, head {head}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
