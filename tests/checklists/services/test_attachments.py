"""Files and photos of items: what comes in, and under which name it lies."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.models import Attachment, ChecklistItem
from checklists.services import attachments
from checklists.services.attachments import (
    Upload,
    attach_file,
    clean_name,
    sniff_type,
)
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from opsportal.kit.errors import PortalError, Refused
from tests.factories.oncall import UserFactory
from tests.factories.runs import MINUTE, NOW, open_run

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
KIND = ChecklistItem.Kind


@pytest.fixture
def uploads(tmp_path, settings):
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**place, "OPTIONS": {"location": tmp_path}},
    }
    return tmp_path


@pytest.fixture
def ann(db):
    return UserFactory()


def item(kind=KIND.FILE):
    return open_run([ItemPlan(text="Report", kind=kind)]).items.get()


def send(row, body, ann, name="report.txt"):
    upload = Upload(name, io.BytesIO(body))
    return attach_file(row.pk, upload, Edit(by=ann, now=NOW + MINUTE))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF0000WEBP", "image/webp"),
        (b"RIFF0000WAVE\x00", ""),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"<script>alert(1)</script>", "text/plain"),
        (b"MZ\x90\x00", ""),
        (b"\xfe\xff", ""),
    ],
)
def test_what_a_file_is_follows_from_its_bytes(body, content_type):
    assert sniff_type(body) == content_type


@given(st.text())
def test_a_name_never_leaves_its_folder(name):
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= 120
    assert "/" not in cleaned
    assert "\\" not in cleaned
    assert cleaned.isprintable()


@pytest.mark.django_db
@pytest.mark.database
def test_a_file_lies_under_its_hash_and_answers_the_item(uploads, ann):
    row = item()
    kept = send(row, b"p99 180 ms", ann, name="../load test.txt")
    digest = hashlib.sha256(b"p99 180 ms").hexdigest()
    assert (uploads / "attachments" / digest[:2] / digest).read_bytes() == b"p99 180 ms"
    assert (kept.name, kept.content_type, kept.size, kept.digest) == (
        "load test.txt",
        "text/plain",
        10,
        digest,
    )
    row.refresh_from_db()
    assert (row.state, row.value, row.done_by) == ("done", "load test.txt", ann)


@pytest.mark.django_db
@pytest.mark.database
def test_the_same_content_is_stored_once(uploads, ann):
    one, two = send(item(), PNG, ann), send(item(), PNG, ann)
    assert one.file.name == two.file.name
    assert len([path for path in uploads.rglob("*") if path.is_file()]) == 1


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (KIND.FILE, b"", "empty"),
        (KIND.FILE, b"MZ\x00", "Send a picture, a PDF"),
        (KIND.PHOTO, b"%PDF-1.7", "Send a photo"),
        (KIND.PHOTO, b"\x00", "Send a photo"),
        (KIND.FILE, b"0" * 33, "larger than"),
    ],
)
def test_what_is_not_allowed_leaves_nothing(
    kind, body, words, uploads, ann, monkeypatch
):
    monkeypatch.setattr(attachments, "MOST_BYTES", 32)
    row = item(kind)
    with pytest.raises(PortalError, match=words):
        send(row, body, ann)
    row.refresh_from_db()
    assert row.state == "open"
    assert not Attachment.objects.exists()
    assert not list(uploads.iterdir())


@pytest.mark.django_db
@pytest.mark.database
def test_an_answered_item_takes_no_second_file(uploads, ann):
    row = item()
    send(row, PNG, ann)
    with pytest.raises(Refused, match="untick it first"):
        send(row, b"other", ann)
    assert Attachment.objects.count() == 1
