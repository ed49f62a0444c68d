"""Managers choose what webhooks hear of runs."""

import pytest

from tests.factories.oncall import ChannelFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def channel(team):
    ChannelFactory(team=team, name="mail")
    return ChannelFactory(
        team=team, kind="webhook", name="tracker", address="https://example.org/x"
    )


def test_a_manager_chooses_and_ends_it(channel, sign_in):
    client = sign_in("manager")
    html = client.get("/run-webhooks/").content.decode()
    assert "tracker" in html
    assert "mail" not in html.split("<h2>tracker")[1].split("</section>")[0]
    assert "checked" not in html
    url = f"/run-webhooks/{channel.pk}/"
    html = client.post(url, {"moments": ["late", "missed"]}, follow=True)
    html = html.content.decode()
    assert "hears of runs that are late, missed." in html
    assert html.count(" checked>") == 2
    html = client.post(url, {"moments": ["never"]}, follow=True).content.decode()
    assert "Choose among the moments" in html
    html = client.post(url, follow=True).content.decode()
    assert "hears of no runs any more" in html


def test_its_key_is_shown_to_managers(channel, sign_in):
    client = sign_in("manager")
    answer = client.post(f"/run-webhooks/{channel.pk}/key/")
    assert b"whsec_" in answer.content or answer.status_code == 302
    assert b"Webhooks</a>" in client.get("/checklists/").content


@pytest.mark.parametrize(("role", "status"), [("responder", 403), (None, 404)])
def test_others_choose_nothing(channel, sign_in, role, status):
    client = sign_in(role)
    assert client.get("/run-webhooks/").status_code == 403
    for part in ("", "key/"):
        answer = client.post(f"/run-webhooks/{channel.pk}/{part}")
        assert answer.status_code in {status, 302}
    assert not hasattr(channel, "run_webhook")


def test_without_a_webhook_the_page_says_where_to_make_one(sign_in):
    assert b"No webhook yet" in sign_in("manager").get("/run-webhooks/").content


def test_the_api_lists_and_chooses(channel, ask):
    wanted = {"moments": ["missed", "opened"]}
    path = f"/run-webhooks/{channel.pk}"
    assert ask("responder", "put", path, wanted).status_code == 403
    assert ask(None, "put", path, wanted).status_code == 404
    row = {
        "channel": channel.pk,
        "name": "tracker",
        "team": channel.team.slug,
        "is_enabled": True,
        "moments": ["opened", "missed"],
    }
    assert ask("manager", "put", path, wanted).json() == row
    page = {"items": [row], "count": 1, "has_more": False}
    assert ask("viewer", "get", "/run-webhooks").json() == page
