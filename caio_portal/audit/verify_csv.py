"""Verify an exported audit trail with nothing but Python: `python verify_csv.py trail.csv`.

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
        if previous.hex() != row["prev"]:
            raise Broken(f"Event {seq} does not follow event {seq - 1}.")
        previous = hashlib.sha256(b"\x01" + previous + seq.to_bytes(8, "big") + leaf).digest()
        if previous.hex() != row["head"]:
            raise Broken(f"The head after event {seq} is not the hash of what comes before.")
    return seq, previous.hex() if seq else ""


def leaf_of(row: Mapping[str, str]) -> bytes:
    """The salted SHA-256 of what one event says."""
    said = [(int(row[key]) if row[key] else None) if key in NUMBERS else row[key] for key in HASHED]
    text = json.dumps(said, ensure_ascii=False)
    return hashlib.sha256(b"\x00" + bytes.fromhex(row["salt"]) + text.encode()).digest()


def main(path: str) -> int:
    csv.field_size_limit(1 << 20)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            seq, head = verify(csv.DictReader(file))
    except (Broken, KeyError, ValueError) as error:
        print(f"BROKEN: {error}")
        return 1
    print(f"Whole: {seq} events, head {head}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
