"""Where a runbook is read from, and when it is reviewed, on its pages."""

import pytest
import time_machine

from runbooks.models import Draft, Runbook, RunbookSource
from tests.conftest import NOW
from tests.runbooks.conftest import KESTREL
from tests.runbooks.views.test_reviewing import ticked

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEWER = KESTREL.replace("Check backup completion", "Check the backups").encode()


@pytest.fixture(autouse=True)
def _at_a_fixed_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def test_an_address_is_pasted_reviewed_and_read_from_then_on(sign_in, server, service):
    client = sign_in("manager")
    data = {"service": "kestrel", "text": "", "url": "http://127.0.0.1:1/a.md"}
    refused = client.post("/runbooks/new/", data)
    assert refused.status_code == 422
    page = client.post("/runbooks/new/", data | {"url": server.url}, follow=True)
    done = client.post(page.redirect_chain[-1][0], ticked(page), follow=True)
    html = done.content.decode()
    assert f"127.0.0.1:{server.port}" in html
    assert "every day" in html
    assert "token=secret" not in html
    server.body = NEWER
    path = "/runbooks/kestrel-operations-runbook/"
    html = client.post(f"{path}source/read/", follow=True).content.decode()
    assert "A newer text waits for a review." in html
    assert "The runbook changed." in html
    draft = Draft.objects.get()
    assert f'href="/runbooks/drafts/{draft.pk}/"' in html
    assert '<span class="pill acc">changed</span>' in (
        client.get("/runbooks/").content.decode()
    )
    # Whoever of the team is first reviews it; a viewer only hears of it.
    other = sign_in("manager")
    page = other.get(f"/runbooks/drafts/{draft.pk}/")
    assert "only what you tick is changed" in page.content.decode()
    assert sign_in("viewer").get(f"/runbooks/drafts/{draft.pk}/").status_code == 404
    other.post(f"/runbooks/drafts/{draft.pk}/", ticked(page))
    assert Runbook.objects.get().versions.count() == 2
    assert "The runbook changed." not in client.get(path).content.decode()


def test_an_address_is_given_changed_and_taken_away(sign_in, server, apply):
    path = f"/runbooks/{apply().runbook.slug}/"
    manager, responder = sign_in("manager"), sign_in("responder")
    assert manager.post(f"{path}source/read/").status_code == 404
    assert responder.get(f"{path}source/").status_code == 403
    assert sign_in().get(f"{path}source/").status_code == 404
    html = manager.get(f"{path}source/").content.decode()
    assert "Read it from an address" in html
    data = {"url": server.url, "header": "Bearer abc", "interval": "hourly"}
    for wrong in ({"url": ""}, {"url": "ftp://a"}):
        assert manager.post(f"{path}source/", data | wrong).status_code == 422
    manager.post(f"{path}source/", data)
    html = manager.get(f"{path}source/").content.decode()
    assert f"Now at 127.0.0.1:{server.port}" in html
    assert "abc" not in html
    manager.post(f"{path}source/", {"interval": "weekly"})
    assert RunbookSource.objects.get().interval == "weekly"
    server.body, server.status = b"no", 503
    page = responder.post(f"{path}source/read/", follow=True).content.decode()
    assert "The server answered 503. Failed 1 time in a row." in page
    assert "not read" in manager.get("/runbooks/").content.decode()
    assert responder.post(f"{path}source/remove/").status_code == 403
    manager.post(f"{path}source/remove/")
    assert not RunbookSource.objects.exists()


def test_a_review_is_marked_and_its_interval_chosen(sign_in, apply):
    runbook = apply().runbook
    path = f"/runbooks/{runbook.slug}/"
    manager, responder = sign_in("manager"), sign_in("responder")
    assert "No review is due" in manager.get("/runbooks/?due=yes").content.decode()
    assert manager.post(f"{path}review-interval/", {"review_interval": "now"}, follow=True)  # fmt: skip
    manager.post(f"{path}review-interval/", {"review_interval": "monthly"})
    Runbook.objects.update(reviewed_on="2025-01-01")
    html = manager.get("/runbooks/?due=yes").content.decode()
    assert "due since 1 Feb" in html
    assert "due since 1 Feb 2025" in responder.get(path).content.decode()
    url = f"{path}review-interval/"
    assert responder.post(url, {"review_interval": ""}).status_code == 403
    assert sign_in("viewer").post(f"{path}reviewed/").status_code == 403
    html = responder.post(f"{path}reviewed/", follow=True).content.decode()
    assert "Marked as reviewed." in html
    assert f"by {responder.user.display_name}" in html


def test_new_texts_of_a_folder_are_in_the_library(sign_in, service):
    Draft.objects.create(
        service=service, path="docs/a.md", raw=b"# A", digest="x", created_at=NOW
    )
    assert "docs/a.md" in sign_in("responder").get("/runbooks/").content.decode()
    assert "docs/a.md" not in sign_in("viewer").get("/runbooks/").content.decode()
