"""Sending files in and getting them back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from checklists.models import Attachment

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _uploads(tmp_path, settings):
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**place, "OPTIONS": {"location": tmp_path}},
    }


def send(client, item, body, name="rack.png", **headers):
    url = reverse("item_upload", args=[item.pk])
    file = SimpleUploadedFile(name, body, content_type="text/html")
    return client.post(url, {"file": file}, headers=headers)


def test_a_photo_is_shown_in_place_and_opens_in_the_browser(item_of, run, sign_in):
    client = sign_in("responder")
    send(client, item_of("Rack"), PNG)
    row = Attachment.objects.get()
    url = reverse("attachment_detail", args=[row.pk])
    assert (
        f'<img class="photo" src="{url}"'
        in client.get(f"/runs/{run.pk}/").content.decode()
    )
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'inline; filename="rack.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_anything_else_is_kept_not_shown(item_of, run, sign_in):
    client = sign_in("responder")
    send(client, item_of("Report"), b"<script>alert(1)</script>", name="evil.html")
    answer = client.get(
        reverse("attachment_detail", args=[Attachment.objects.get().pk])
    )
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"] == 'attachment; filename="evil.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"<script>")
    assert "evil.html" in client.get(f"/runs/{run.pk}/").content.decode()


def test_a_file_is_for_its_team(item_of, sign_in):
    send(sign_in("responder"), item_of("Report"), b"text")
    url = reverse("attachment_detail", args=[Attachment.objects.get().pk])
    assert sign_in().get(url).status_code == 404
    answer = sign_in("viewer").get(url)
    assert b"".join(answer.streaming_content) == b"text"


def test_a_file_that_is_gone_is_not_there(item_of, sign_in):
    client = sign_in("responder")
    send(client, item_of("Report"), b"text")
    row = Attachment.objects.get()
    row.file.storage.delete(row.file.name)
    assert client.get(reverse("attachment_detail", args=[row.pk])).status_code == 404


@pytest.mark.parametrize(
    ("text", "body", "words"),
    [
        ("Rack", b"%PDF-1.7", "Send a photo"),
        ("Report", b"MZ\x00", "Send a picture, a PDF"),
        ("Report", b"", "The file is empty"),
    ],
)
def test_what_is_refused_is_said_where_it_was_chosen(
    text, body, words, item_of, sign_in
):
    client, item = sign_in("responder"), item_of(text)
    answer = send(client, item, body, **HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    plain = send(client, item, body)
    assert plain.status_code == 422
    assert 'enctype="multipart/form-data"' in plain.content.decode()
    assert not Attachment.objects.exists()


def test_nothing_chosen_is_said(item_of, sign_in):
    url = reverse("item_upload", args=[item_of("Report").pk])
    answer = sign_in("responder").post(url, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()
