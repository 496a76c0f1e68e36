"""The proof of a decision as one ZIP: what was looked at, what was said, the receipt, and its part of the trail."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db.models import Model, Q

from caio_portal.audit.verification import write_segment
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.exports import csv_chunks
from caio_portal.common.models import StoredFile
from governance import receipts
from governance.models import Approval, Condition, Decision, Evidence, Finding, Review, Vote
from governance.snapshots import thaw

FIXED = (1980, 1, 1, 0, 0, 0)  # the same decision gives the same bytes, whenever it is asked for
README = """\
Proof of the decision on {review}: {use_case}, {outcome}.

receipt.json     The decision as it was signed. Check it offline, with the portal's public key that you keep apart:
                   python -m caio_portal.audit.verify_receipt receipt.json --key KEY
snapshots/       What the review looked at, numbered; the SHA-256 of a file is the hash that votes and findings name.
                 The decision was taken on {snapshot}.
votes.csv        Every vote that was kept, changed ones included.
findings.csv     What the reviewers reported, each with the hash of the snapshot that it was reported on.
conditions.csv   What the decision asks for, and what met it.
evidence.csv     The evidence that snapshots and conditions name; files lie in evidence/ under their SHA-256.
trail.csv        The part of the audit trail from the first to the last event of this review. Of other events
                 in between only the links of the chain are shown:
                   python verify_csv.py trail.csv --segment
manifest.json    The SHA-256 of every file here.
"""
_CHUNK = 1 << 20
_VOTES = ("Seat", "Number", "Voter", "Vote", "Reason", "Conditions", "Snapshot", "Cast at")
_FINDINGS = ("Function", "Reviewer", "Severity", "Found", "Control", "Wanted", "Snapshot", "Reported at")
_CONDITIONS = ("Condition", "Owner", "Due", "Met at", "Evidence")
_EVIDENCE = ("Title", "SHA-256", "File", "Link", "Attestation", "By", "Recorded at", "Withdrawn at")


def write_proof(file: IO[bytes], decision: Decision) -> int:
    """Write the ZIP of a decision; returns how many files it holds."""
    manifest: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _texts(decision):
            _put(archive, manifest, name, content.encode())
        for stored in _stored(_evidence(decision)):
            with default_storage.open(stored.storage_name) as kept:
                _copy(archive, manifest, f"evidence/{stored.sha256}-{stored.name}", kept)
        archive.writestr(zipfile.ZipInfo("manifest.json", FIXED), canonical_json(manifest))
    return len(manifest) + 1


def _texts(decision: Decision) -> Iterator[tuple[str, str]]:
    review = decision.review
    yield "README.txt", README.format(
        review=review.ref, use_case=thaw(review.snapshot).use_case, outcome=decision.get_outcome_display().lower(),
        snapshot=review.snapshot_hash,
    )  # fmt: skip
    yield "receipt.json", receipts.file_of(decision)
    for kept in review.snapshots.order_by("number"):
        yield f"snapshots/{kept.number}-{kept.snapshot_hash[:12]}.json", kept.snapshot
    yield "votes.csv", _csv(_VOTES, _votes(review))
    yield "findings.csv", _csv(_FINDINGS, _findings(review))
    yield "conditions.csv", _csv(_CONDITIONS, _conditions(decision))
    yield "evidence.csv", _csv(_EVIDENCE, map(_evidence_row, _evidence(decision)))
    trail = io.StringIO()
    write_segment(trail, _told_of(decision))
    yield "trail.csv", trail.getvalue()


def _votes(review: Review) -> Iterator[Sequence[Any]]:
    for vote in (
        Vote.objects.filter(review=review).select_related("seat", "voter").order_by("cast_at", "seat", "number")
    ):
        named = "; ".join(condition["text"] for condition in vote.conditions)
        yield (vote.seat.title, vote.number, vote.voter.name, vote.get_choice_display(), vote.reason, named,
               vote.snapshot_hash, vote.cast_at)  # fmt: skip


def _findings(review: Review) -> Iterator[Sequence[Any]]:
    for found in Finding.objects.filter(review=review).select_related("user").order_by("reported_at", "pk"):
        yield (found.function, found.user.name, found.get_severity_display(), found.text, found.control, found.wanted,
               found.snapshot_hash, found.reported_at)  # fmt: skip


def _conditions(decision: Decision) -> Iterator[Sequence[Any]]:
    for condition in decision.conditions.select_related("owner", "evidence").order_by("due_on", "pk"):
        evidence = condition.evidence.sha256 if condition.evidence else ""
        yield condition.text, condition.owner.name, condition.due_on, condition.met_at, evidence


def _evidence(decision: Decision) -> list[Evidence]:
    """What any snapshot of the review names, and what met a condition."""
    frozen = [thaw(kept.snapshot) for kept in decision.review.snapshots.all()]
    named = {piece.id for snapshot in frozen for control in snapshot.controls for piece in control.evidence}
    met = Condition.objects.filter(decision=decision).values("evidence")
    return list(Evidence.objects.filter(Q(pk__in=named) | Q(pk__in=met)).select_related("file", "by").order_by("pk"))


def _evidence_row(piece: Evidence) -> Sequence[Any]:
    name = f"evidence/{piece.file.sha256}-{piece.file.name}" if piece.file else ""
    by = piece.by.name if piece.by else ""
    return (piece.title, piece.sha256, name, piece.url, piece.attestation, by, piece.recorded_at,
            piece.withdrawn_at)  # fmt: skip


def _stored(evidence: Iterable[Evidence]) -> list[StoredFile]:
    """Each content once, in a fixed order."""
    files = {f"{piece.file.sha256}-{piece.file.name}": piece.file for piece in evidence if piece.file}
    return [files[name] for name in sorted(files)]


def _told_of(decision: Decision) -> list[Model]:
    """The things whose events belong to the decision: its review, its approval and its conditions."""
    approval = Approval.objects.filter(decision=decision)
    return [decision.review, *approval, *decision.conditions.all()]


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return "".join(csv_chunks(heads, rows))


def _copy(archive: zipfile.ZipFile, manifest: dict[str, str], name: str, kept: IO[bytes]) -> None:
    """A file as it is: most evidence is packed already, and packing it again takes many times as long."""
    digest = hashlib.sha256()
    with archive.open(zipfile.ZipInfo(name, FIXED), "w") as entry:
        while chunk := kept.read(_CHUNK):
            digest.update(chunk)
            entry.write(chunk)
    manifest[name] = digest.hexdigest()


def _put(archive: zipfile.ZipFile, manifest: dict[str, str], name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
    manifest[name] = sha256(content)
