"""A receipt is checked by somebody who has the file, the public key, Python and `cryptography`, and nothing else."""

import base64
import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from caio_portal.audit import verify_receipt
from caio_portal.audit.verify_receipt import FORMAT, Broken, main, problems, verify
from caio_portal.common.canonical import canonical_json
from governance import receipts

CONTENT = {
    "review": "R-2026-0117", "use_case": "UC-2026-0042", "outcome": "approved_with_conditions",
    "decided_at": "2026-11-21T10:00:00+00:00", "snapshot_sha256": "ab" * 32, "policy": "2026-11",
    "reason": "Nützlich – “with care”.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _key(settings, tmp_path):
    settings.RECEIPT_KEY_PATH = str(tmp_path / "keys" / "receipts.pem")


@pytest.fixture
def file(tmp_path):
    signed = receipts.sign(CONTENT)
    path = tmp_path / "receipt.json"
    path.write_text(
        canonical_json(
            {
                "receipt": signed.text,
                "sha256": signed.hash,
                "signature": signed.signature,
                "public_key": signed.signed_with,
            }
        )
    )
    return path


def test_a_whole_receipt_tells_its_decision(file, capsys):
    code = main([str(file), "--key", receipts.public_key()])

    assert code == 0
    assert capsys.readouterr().out.startswith(
        "Whole: R-2026-0117 on UC-2026-0042, approved with conditions, 2026-11-21T10:00:00+00:00."
    )


def test_the_key_may_lie_in_a_file(file, tmp_path):
    (tmp_path / "key.txt").write_text(f"{receipts.public_key()}\n")

    assert main([str(file), "--key", str(tmp_path / "key.txt")]) == 0


def test_every_flipped_bit_is_found(file):
    content, key = file.read_bytes(), receipts.public_key()
    verify(content, key)

    unnoticed = []
    for place in range(len(content)):
        for bit in (1, 2, 4, 8, 16, 32, 64, 128):
            changed = bytearray(content)
            changed[place] ^= bit
            try:
                verify(bytes(changed), key)
            except Broken:
                continue
            unnoticed.append((place, bit))

    assert unnoticed == []


def test_the_key_of_somebody_else_proves_nothing(file, settings, tmp_path, capsys):
    settings.RECEIPT_KEY_PATH = str(tmp_path / "other.pem")

    code = main([str(file), "--key", receipts.public_key()])

    assert code == 1
    assert "another key" in capsys.readouterr().err


def test_a_receipt_signed_by_a_forger_is_found(file, settings, tmp_path):
    """The forger signs properly, and names the portal's key."""
    key = receipts.public_key()
    settings.RECEIPT_KEY_PATH = str(tmp_path / "forger.pem")
    forged = receipts.sign(CONTENT | {"outcome": "rejected"})
    wrapper = json.loads(file.read_text()) | {
        "receipt": forged.text, "sha256": forged.hash, "signature": forged.signature,
    }  # fmt: skip

    with pytest.raises(Broken, match="The signature is not of this text and key"):
        verify(canonical_json(wrapper).encode(), key)


def test_spare_bits_of_the_signature_are_not_free(file):
    wrapper = json.loads(file.read_text())
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = wrapper["signature"][-3]
    twin = wrapper["signature"][:-3] + letters[letters.index(last) ^ 1] + "=="

    assert base64.b64decode(twin) == base64.b64decode(wrapper["signature"])
    assert problems(wrapper["receipt"], wrapper["sha256"], twin, wrapper["public_key"]) == [
        "The signature is not of this text and key."
    ]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"receipt":1,"sha256":"","signature":"","public_key":""}']
)
def test_what_is_no_receipt_is_refused(content):
    with pytest.raises(Broken):
        verify(content, receipts.public_key())


def test_a_missing_file_is_told(tmp_path, capsys):
    assert main([str(tmp_path / "nothing.json"), "--key", receipts.public_key()]) == 1
    assert "nothing.json" in capsys.readouterr().err


def test_it_runs_without_anything_of_the_portal(file, tmp_path):
    """A copy in an empty folder, with no site-packages but those of `cryptography`."""
    folder = tmp_path / "auditor"
    folder.mkdir()
    shutil.copy(Path(verify_receipt.__file__), folder / "verify_receipt.py")
    packages = Path(sysconfig.get_path("purelib"))
    for name in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in packages.glob(name):
            (folder / found.name).symlink_to(found)

    done = subprocess.run(
        [sys.executable, "-S", "-E", str(folder / "verify_receipt.py"), str(file), "--key", receipts.public_key()],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert FORMAT == "caio-portal/decision/1"
