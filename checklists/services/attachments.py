"""Files and photos of run items: looked at, stored by their hash, kept."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from checklists.models import Attachment, ChecklistItem, RunItem
from checklists.services.items import Edit, enter_value
from opsportal.kit.errors import PortalError

MOST_BYTES = 10 * 1024 * 1024
_MOST_NAME = 120
PHOTO_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name and an open binary stream."""

    name: str
    stream: IO[bytes]


def attach_file(item_pk: int, upload: Upload, edit: Edit) -> Attachment:
    """Answer a file or photo item with an upload.

    What it is follows from its first bytes, never from its name. Raises
    PortalError for what is empty, too large or of no allowed type.
    """
    body = upload.stream.read(MOST_BYTES + 1)
    kind = RunItem.objects.values_list("item__kind", flat=True).get(pk=item_pk)
    content_type = _check(body, is_photo=kind == ChecklistItem.Kind.PHOTO)
    digest = hashlib.sha256(body).hexdigest()
    # Before the transaction: a file that no row names harms nobody.
    path = _store(body, digest)
    name = clean_name(upload.name)
    with transaction.atomic():
        row = enter_value(item_pk, name, edit)
        return Attachment.objects.create(
            run_item=row,
            name=name,
            content_type=content_type,
            size=len(body),
            digest=digest,
            file=path,
            uploaded_at=edit.now,
            uploaded_by=edit.by,
        )


def sniff_type(body: bytes) -> str:
    """Return the content type that the bytes themselves show; empty for none."""
    for signature, content_type in _SIGNATURES:
        if body.startswith(signature):
            return content_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if b"\x00" in body:
        return ""
    try:
        body.decode()
    except UnicodeDecodeError:
        return ""
    return "text/plain"


def clean_name(name: str) -> str:
    """Return a file's name without folders and control characters."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(char for char in last if char.isprintable()).strip()
    return kept[-_MOST_NAME:] or "file"


def _check(body: bytes, *, is_photo: bool) -> str:
    if not body:
        raise PortalError("The file is empty. Choose another one.", field="file")
    if len(body) > MOST_BYTES:
        raise PortalError(
            "The file is larger than 10 MB. Send a smaller one.", field="file"
        )
    content_type = sniff_type(body)
    if is_photo and content_type not in PHOTO_TYPES:
        raise PortalError("Send a photo: PNG, JPEG, GIF or WebP.", field="file")
    if not content_type:
        raise PortalError(
            "Send a picture, a PDF, a text, or a zip or gzip archive.", field="file"
        )
    return content_type


def _store(body: bytes, digest: str) -> str:
    path = f"attachments/{digest[:2]}/{digest}"
    if default_storage.exists(path):
        return path
    return default_storage.save(path, ContentFile(body))
