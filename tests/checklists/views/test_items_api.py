"""Items of a run through the API: the files that answer them, and who was faster."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from checklists.models import Attachment
from checklists.services import attachments
from checklists.services.reconciling import reconcile_run
from oncall.services.tokens import create_token
from tests.factories.runs import MINUTE, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)


@pytest.fixture(autouse=True)
def _uploads(tmp_path, settings):
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**place, "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def send(client, sign_in):
    """Send a file to an item, as a member of this role with these scopes."""

    def make(item, body, role="responder", *, name="rack.png", scopes=None, **more):
        _, plain = create_token(
            sign_in(role).user,
            name="test",
            scopes=scopes or ["read", "respond"],
            team=None,
            lifetime=timedelta(days=1),
            now=NOW,
        )
        file = SimpleUploadedFile(name, body, content_type="text/html")
        return client.post(
            f"/api/v1/items/{item.pk}/file",
            more if body is None else {"file": file, **more},
            headers={"Authorization": f"Bearer {plain}"},
        )

    return make


def test_a_photo_answers_its_item_and_is_read_back(send, ask, item_of):
    item = item_of("Rack")
    answer = send(item, PNG, name="../rack 1.png", version=0, note="left side")
    assert answer.status_code == 201
    sent = answer.json()
    assert (sent["item"]["state"], sent["item"]["value"]) == ("done", "rack 1.png")
    assert (sent["item"]["version"], sent["item"]["note"]) == (1, "left side")
    file = sent["file"]
    assert file["digest"] == hashlib.sha256(PNG).hexdigest()
    assert (file["content_type"], file["size"]) == ("image/png", len(PNG))
    assert ask("viewer", "get", f"/items/{item.pk}/files").json() == [file]
    bytes_of = ask("viewer", "get", f"/files/{file['id']}")
    assert b"".join(bytes_of.streaming_content) == PNG
    assert bytes_of["Content-Type"] == "image/png"
    assert bytes_of["X-Content-Type-Options"] == "nosniff"


def test_what_a_browser_could_run_is_kept_not_shown(send, ask, item_of):
    send(item_of("Report"), b"<script>alert(1)</script>", name="evil.html")
    row = Attachment.objects.get()
    answer = ask("viewer", "get", f"/files/{row.pk}")
    assert b"".join(answer.streaming_content).startswith(b"<script>")
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"] == 'attachment; filename="evil.html"'


@pytest.mark.parametrize(
    ("text", "body", "words"),
    [
        ("Rack", b"%PDF-1.7", "Send a photo"),
        ("Report", b"MZ\x00", "Send a picture, a PDF"),
        ("Report", b"", "The file is empty"),
        ("Report", b"0" * 33, "larger than"),
    ],
)
def test_what_the_page_refuses_the_api_refuses(
    send, item_of, text, body, words, monkeypatch
):
    monkeypatch.setattr(attachments, "MOST_BYTES", 32)
    error = (answer := send(item_of(text), body)).json()["error"]
    assert (answer.status_code, error["field"]) == (422, "file"), error
    assert words in error["message"]
    assert not Attachment.objects.exists()


def test_as_much_is_taken_as_by_the_page(send, item_of):
    six = PNG + bytes(6 * 1024 * 1024)
    assert send(item_of("Rack"), six).status_code == 201


def test_a_text_beside_a_file_holds_no_nul(send, item_of):
    answer = send(item_of("Rack"), PNG, note="a\0b")
    assert (answer.status_code, Attachment.objects.count()) == (400, 0)


def test_a_note_is_kept_beside_an_item_and_taken_away(ask, item_of):
    path = f"/items/{item_of('Look around').pk}/note"
    noted = ask("responder", "post", path, {"version": 0, "note": "two slow queries"})
    assert (noted.json()["note"], noted.json()["state"]) == ("two slow queries", "open")
    assert ask("responder", "post", path, {"version": 0}).status_code == 409
    assert ask("responder", "post", path, {"version": 1}).json()["note"] == ""
    assert ask("viewer", "post", path, {}).status_code == 403


def test_a_contradicted_item_is_kept_with_a_reason(fail, ask, item_of, run):
    item = item_of("Lag")
    ask("responder", "post", f"/items/{item.pk}/tick", {})
    fail()
    reconcile_run(run.pk, now=NOW + MINUTE)
    path = f"/items/{item.pk}/accept"
    bare = ask("responder", "post", path, {})
    assert bare.json()["error"]["code"] == "reason_required"
    said = {"reason": "known, the ticket is open"}
    kept = ask("responder", "post", path, said).json()
    assert (kept["state"], kept["attention"]) == ("done", "none")


def test_the_checks_of_an_item_are_looked_at_on_demand(ask, item_of, check):
    looked = ask("responder", "post", f"/items/{item_of('Lag').pk}/verify")
    assert looked.status_code == 200
    check.refresh_from_db()
    assert check.last_observed_at >= NOW + MINUTE
    bare = ask("responder", "post", f"/items/{item_of('Review').pk}/verify")
    assert (bare.status_code, bare.json()["error"]["code"]) == (409, "no_check")
    assert (
        ask("viewer", "post", f"/items/{item_of('Lag').pk}/verify").status_code == 403
    )


def test_nothing_sent_is_said(send, item_of):
    answer = send(item_of("Report"), None, version=0)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "file")


def test_an_item_of_another_kind_takes_no_file(send, item_of):
    answer = send(item_of("Look around"), PNG)
    assert answer.status_code == 409
    assert not Attachment.objects.exists()


def test_a_file_is_for_those_who_work_on_the_run(send, ask, item_of):
    item = item_of("Report")
    assert send(item, PNG, "viewer").status_code == 403
    assert send(item, PNG, scopes=["read"]).status_code == 403
    assert send(item, PNG, None).status_code == 404
    assert not Attachment.objects.exists()
    send(item, PNG)
    row = Attachment.objects.get()
    assert ask(None, "get", f"/files/{row.pk}").status_code == 404
    assert ask(None, "get", f"/items/{item.pk}/files").status_code == 404


def test_whoever_comes_second_is_shown_the_item_as_it_is(send, ask, item_of):
    item = item_of("Report")
    first = send(item, b"first", name="a.txt", version=0).json()["item"]
    answer = send(item, b"second", name="b.txt", version=0)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert answer.json()["current"] == first
    assert Attachment.objects.get().name == "a.txt"
    path = f"/items/{item.pk}/untick"
    stale = ask("responder", "post", path, {"version": 0})
    assert (stale.status_code, stale.json()["current"]) == (409, first)
    assert ask("responder", "post", path, {"version": 1}).json()["version"] == 2
