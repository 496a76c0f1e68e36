"""The form field for documents: what is uploaded is examined by the guard before anything keeps it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from caio_portal.common.uploads.documents import KINDS, shown_name
from caio_portal.common.uploads.guard import Refused, examined
from caio_portal.common.uploads.limits import DOCUMENT_BYTES
from caio_portal.common.words import size

ENDINGS = ",".join(f".{ending}" for ending in KINDS)


class DocumentField(forms.FileField):
    """One document of a known kind. Its media type is that of its content, whatever the browser said."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", f"PDF, office document, image or text, at most {size(DOCUMENT_BYTES)}.")
        options.setdefault("widget", forms.ClearableFileInput(attrs={"accept": ENDINGS}))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            _examine(upload)
        return upload


def _examine(upload: UploadedFile) -> None:
    if (upload.size or 0) > DOCUMENT_BYTES:
        raise ValidationError(f"The file has {size(upload.size or 0)}; {size(DOCUMENT_BYTES)} are allowed.")
    name = shown_name(upload.name or "file")
    try:
        upload.content_type = examined(upload, name)
    except Refused as refused:
        raise ValidationError(refused.sentence) from refused
    upload.name = name
    upload.seek(0)
