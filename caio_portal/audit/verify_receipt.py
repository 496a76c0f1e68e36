"""Verify the receipt of a decision: `python -m caio_portal.audit.verify_receipt FILE --key PUBLIC_KEY`.

Needs no database, no network and nothing of the portal but this file; only the package `cryptography`.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIELDS = ("public_key", "receipt", "sha256", "signature")
FORMAT = "caio-portal/decision/1"


class Broken(Exception):
    """The receipt is not what the portal signed; the message says why."""


def verify(content: bytes, key: str) -> dict[str, Any]:
    """Check the file of a receipt against the public KEY (base64); returns what it says. Raises Broken."""
    wrapper = _wrapper(content)
    if wrapper["public_key"] != key:
        raise Broken("The receipt names another key than the one that you were given.")
    found = problems(wrapper["receipt"], wrapper["sha256"], wrapper["signature"], key)
    if found:
        raise Broken(" ".join(found))
    told: dict[str, Any] = json.loads(wrapper["receipt"])
    if told.get("format") != FORMAT:
        raise Broken(f"The receipt is not in the form {FORMAT}.")
    return told


def problems(text: str, sha256: str, signature: str, key: str) -> list[str]:
    """What is wrong with a receipt, in sentences; nothing if it is whole."""
    found = [] if hashlib.sha256(text.encode()).hexdigest() == sha256 else ["The text does not have this hash."]
    try:
        Ed25519PublicKey.from_public_bytes(_decoded(key)).verify(_decoded(signature), text.encode())
    except (InvalidSignature, ValueError):
        found.append("The signature is not of this text and key.")
    return found


def _wrapper(content: bytes) -> dict[str, str]:
    """The four texts of the file; written in any other way than the portal writes it, the file was touched."""
    try:
        wrapper = json.loads(content.decode())
    except ValueError as error:
        raise Broken("The file is not readable as a receipt.") from error
    if not isinstance(wrapper, dict) or tuple(sorted(wrapper)) != FIELDS:
        raise Broken(f"A receipt has these parts and no others: {', '.join(FIELDS)}.")
    if not all(isinstance(part, str) for part in wrapper.values()) or _written(wrapper) != content.strip():
        raise Broken("The file is not written as the portal writes receipts.")
    return wrapper


def _written(wrapper: dict[str, str]) -> bytes:
    return json.dumps(wrapper, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _decoded(text: str) -> bytes:
    """The bytes of base64 TEXT; spare bits at its end would let two texts stand for one signature."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise ValueError("The text is not base64 as it is written.")
    return content


def _key(named: str) -> str:
    """The key itself, or the content of the file of that name."""
    try:
        return Path(named).read_text().strip()
    except OSError:
        return named.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify_receipt", description="Verify the receipt of a decision, offline.")
    parser.add_argument("file", type=Path, help="the receipt as the portal gave it")
    parser.add_argument("--key", required=True, help="the portal's public key (base64), or a file that holds it")
    given = parser.parse_args(arguments)
    try:
        told = verify(given.file.read_bytes(), _key(given.key))
    except (Broken, OSError) as error:
        print(f"BROKEN: {error}", file=sys.stderr)
        return 1
    print(f"Whole: {told['review']} on {told['use_case']}, {told['outcome'].replace('_', ' ')}, {told['decided_at']}.")
    print(f"It was decided on the snapshot {told['snapshot_sha256']} under policy {told['policy']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
