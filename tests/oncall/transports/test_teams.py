import json

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.teams import TeamsTransport, build_card
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply

PAGE = Message("Queue is full", "[bank](https://evil.example)", url="https://x.example")


@pytest.fixture
def teams():
    return TeamsTransport(policy=lambda: POLICY, clock=lambda: NOW)


def test_a_message_becomes_a_card_with_a_button(site, teams):
    site.routes["/hook"] = Reply(202)
    assert teams.send(PAGE, f"{site.url}/hook", key="k").provider_id == "k"
    sent = json.loads(site.seen[0].body)
    (attachment,) = sent["attachments"]
    assert sent["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["actions"][0]["url"] == "https://x.example"
    # Rich text knows no Markdown, so no link can hide in it.
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert card["body"][1]["inlines"][0]["text"] == PAGE.text


@pytest.mark.parametrize(
    ("reply", "code", "permanent"),
    [
        (Reply(200, b"failed with error: HTTP error 429"), "rate_limited", False),
        (Reply(200, b"failed with error: HTTP error 413"), "teams_refused", True),
        (Reply(200, b"failed with error: HTTP error 503"), "teams_refused", False),
        (Reply(404), "http_status", True),
        (Reply(502), "http_status", False),
    ],
)
def test_a_refusal_may_hide_in_a_good_answer(site, teams, reply, code, permanent):
    site.routes["/hook"] = reply
    with pytest.raises(TransportError) as caught:
        teams.send(PAGE, f"{site.url}/hook", key="k")
    assert (caught.value.code, caught.value.permanent) == (code, permanent)


def test_a_card_is_small_enough_for_teams():
    card = build_card(Message("s" * 999, "😀" * 9_000))
    assert len(json.dumps(card, ensure_ascii=False).encode()) < 28_000
    assert "actions" not in card
    assert len(build_card(Message("s", ""))["body"]) == 1
