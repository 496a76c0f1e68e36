"""Files: stored under random names, served only as downloads."""

import hashlib
from pathlib import PurePath
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.http import FileResponse

from caio_portal.common.models import StoredFile


def store(name: str, content: bytes | File, media_type: str) -> StoredFile:
    """Keep CONTENT with its SHA-256; NAME is only what a reader will see."""
    file = ContentFile(content) if isinstance(content, bytes) else content
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    uuid = uuid4()
    storage_name = default_storage.save(f"{uuid.hex[:2]}/{uuid.hex}", file)
    return StoredFile.objects.create(
        uuid=uuid, sha256=digest.hexdigest(), size=file.size, media_type=media_type[:120],
        name=PurePath(name).name[:255] or "file", storage_name=storage_name,
    )  # fmt: skip


def content_of(stored: StoredFile) -> bytes:
    """The bytes of a stored file."""
    with default_storage.open(stored.storage_name) as file:
        return bytes(file.read())


def download(stored: StoredFile) -> FileResponse:
    """An answer that a browser saves and never shows, whatever the file holds."""
    response = FileResponse(
        default_storage.open(stored.storage_name), as_attachment=True, filename=stored.name,
        content_type=stored.media_type,
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    return response
