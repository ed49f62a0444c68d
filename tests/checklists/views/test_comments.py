"""The thread of a run on its page and in the API."""

from datetime import timedelta

import pytest

from checklists.services.signing import skip_run
from oncall.services.tokens import create_token
from tests.factories.runs import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_a_plain_form_comes_back_to_the_thread(run, sign_in):
    client, url = sign_in("responder"), f"/runs/{run.pk}/comment/"
    answer = client.post(url, {"text": "Look at **lag** <script>"})
    assert answer.url == f"/runs/{run.pk}/#comments"
    html = client.get(f"/runs/{run.pk}/").content.decode()
    assert "<strong>lag</strong>" in html
    assert "<script>" not in html.split('id="comments"')[1].split("</section>")[0]
    assert f"@{client.user.username}" in html
    html = client.post(url, {"text": " "}, follow=True).content.decode()
    assert "Write 1 to 2000 characters." in html


def test_htmx_gets_the_thread_alone(run, sign_in):
    client, url = sign_in("responder", **HTMX), f"/runs/{run.pk}/comment/"
    answer = client.post(url, {"text": "Mine"})
    assert answer.content.decode().count("Mine") == 1
    assert b"<html" not in answer.content
    answer = client.post(url, {"text": ""})
    assert answer.status_code == 422
    assert b"Write 1 to 2000 characters." in answer.content


def test_whoever_looks_sees_what_others_say(run, sign_in):
    looker, writer = sign_in("viewer", **HTMX), sign_in("responder")
    live = f"/runs/{run.pk}/live/"
    writer.post(f"/runs/{run.pk}/comment/", {"text": "Heard?"})
    html = looker.get(live, {"since": "1."}).content.decode()
    assert 'id="comment-list" hx-swap-oob="true"' in html
    assert "Heard?" in html
    writer.post(f"/items/{run.items.last().pk}/note/", {"note": "x"})
    seen = run.events.get(verb="commented").number
    html = looker.get(live, {"since": f"{seen}."}).content.decode()
    assert "Heard?" not in html


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 404)])
def test_who_may_not_work_on_it_says_nothing(run, sign_in, role, status):
    client = sign_in(role)
    answer = client.post(f"/runs/{run.pk}/comment/", {"text": "x"})
    assert answer.status_code == status
    assert b"comment-text" not in client.get(f"/runs/{run.pk}/").content


def test_a_closed_run_has_no_form(run, sign_in):
    client = sign_in("responder")
    skip_run(run.pk, by=client.user, reason="a holiday", now=NOW)
    assert b"comment-text" not in client.get(f"/runs/{run.pk}/").content
    url = f"/runs/{run.pk}/comment/"
    answer = sign_in("responder", **HTMX).post(url, {"text": "x"})
    assert answer.status_code == 409


def test_the_api_reads_and_adds(run, client, sign_in):
    user = sign_in("responder").user
    _, plain = create_token(
        user,
        name="test",
        scopes=["read", "respond"],
        team=None,
        lifetime=timedelta(days=1),
        now=NOW,
    )
    key = {"headers": {"Authorization": f"Bearer {plain}"}}
    url = f"/api/v1/runs/{run.pk}/comments"
    said = {"text": f"I look, @{user.username}"}
    answer = client.post(url, said, content_type="application/json", **key)
    assert answer.status_code == 201
    row = answer.json()
    assert (row["text"], row["mentions"]) == (said["text"], [user.username])
    assert client.get(url, **key).json() == {
        "items": [row],
        "count": 1,
        "has_more": False,
    }
    assert client.get("/api/v1/runs/0/comments", **key).status_code == 404
