import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from caio_portal.audit.verify_receipt import FORMAT, problems
from governance import receipts


@pytest.fixture(autouse=True)
def _key(settings, tmp_path):
    settings.RECEIPT_KEY_PATH = str(tmp_path / "keys" / "receipts.pem")


def test_sign_gives_a_receipt_that_verifies():
    receipt = receipts.sign({"review": "R-2026-0117", "outcome": "approved"})

    assert json.loads(receipt.text) == {"format": FORMAT, "outcome": "approved", "review": "R-2026-0117"}
    assert problems(receipt.text, receipt.hash, receipt.signature, receipt.signed_with) == []


def test_sign_is_the_same_for_the_same_content():
    assert receipts.sign({"b": 1, "a": 2}) == receipts.sign({"a": 2, "b": 1})


def test_problems_finds_a_changed_text():
    receipt = receipts.sign({"outcome": "rejected"})

    found = problems(receipt.text.replace("rejected", "approved"), receipt.hash, receipt.signature, receipt.signed_with)

    assert found == ["The text does not have this hash.", "The signature is not of this text and key."]


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA"])
def test_problems_finds_a_bad_signature(signature):
    receipt = receipts.sign({"outcome": "approved"})

    assert problems(receipt.text, receipt.hash, signature, receipt.signed_with) == [
        "The signature is not of this text and key."
    ]


def test_key_is_private_and_kept(settings):
    first = receipts.public_key()
    receipts._key.cache_clear()

    path = receipts._key_file()
    assert receipts.public_key() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["receipts.pem"]


def test_processes_that_start_at_once_agree_on_the_key(tmp_path):
    path = tmp_path / "keys" / "shared.pem"

    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(_public_key_of, [path] * 8))

    assert len(keys) == 1


def _public_key_of(path):
    return receipts._public(receipts._key(path).public_key())
