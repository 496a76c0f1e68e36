"""Receipts: a decision as canonical JSON, hashed and signed, that anybody can check without the portal."""

import base64
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from caio_portal.audit.verify_receipt import FORMAT
from caio_portal.common.canonical import canonical_json, sha256

if TYPE_CHECKING:
    from governance.models import Decision


@dataclass(frozen=True, slots=True)
class Receipt:
    """The text, its SHA-256, the Ed25519 signature of the text and the public key, both in base64."""

    text: str
    hash: str
    signature: str
    signed_with: str


def sign(content: dict[str, Any]) -> Receipt:
    """The receipt of CONTENT, signed with the portal's key."""
    text = canonical_json({"format": FORMAT, **content})
    key = _key(_key_file())
    signature = base64.b64encode(key.sign(text.encode())).decode()
    return Receipt(text, sha256(text), signature, _public(key.public_key()))


def file_of(decision: "Decision") -> str:
    """The receipt as a file: what `caio_portal.audit.verify_receipt` reads."""
    return canonical_json(
        {
            "receipt": decision.receipt, "sha256": decision.receipt_hash, "signature": decision.signature,
            "public_key": decision.signed_with,
        }
    )  # fmt: skip


def public_key() -> str:
    """The portal's public key, base64; an auditor keeps it apart from the receipts."""
    return _public(_key(_key_file()).public_key())


def _public(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _key_file() -> Path:
    return Path(settings.RECEIPT_KEY_PATH)


@cache
def _key(path: Path) -> Ed25519PrivateKey:
    """The key in PATH, made there if nobody has made one; of two processes that try at once one wins."""
    if not path.exists():
        _make_key(path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} does not hold an Ed25519 key.")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    try:
        os.link(draft, path)  # fails if the other was faster; never leaves half a key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
