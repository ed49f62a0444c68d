import json
from datetime import timedelta

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.slack import (
    MOST_BLOCKS,
    SlackTransport,
    build_payload,
    disarm,
    escape_text,
)
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply, free_port

# What others write into alerts to wake everybody up or to hide a link.
CALLS = (
    "<!channel>", "<!here>", "<!everyone>", "<!channel|channel>", "<!here|@here>",
    "<!subteam^S123>", "<!subteam^S123|@ops>", "<@U123>", "<@U123|boss>", "<@W123>",
    "<!date^1392734382^{date}|x>", "<! channel>", "<!CHANNEL>", "a<!channel>b",
    "<<!channel>>", "&lt;!channel&gt;<!channel>", "<http://evil.example|bank>",
    "<mailto:a@b|click>", "<#C123>", "<#C123|general>", "<tel:1|call>",
    "<https://x|<!here>>", "<!channel\n>", "& < >", "<", ">", "<!channel", "!channel>",
    "<@channel>", "<!group>",
)  # fmt: skip


@pytest.fixture
def slack():
    return SlackTransport(policy=lambda: POLICY, clock=lambda: NOW)


def refusal(slack, url):
    with pytest.raises(TransportError) as caught:
        slack.send(Message("s", "t"), url, key="k")
    assert "hook" not in caught.value.message
    return caught.value


def texts_in(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


def test_a_message_becomes_blocks_with_a_button(site, slack):
    site.routes["/hook"] = Reply(200, b"ok")
    message = Message("Late: ARQ", "2 < 3 & open", url="https://ops.example.com/r/7")
    receipt = slack.send(message, f"{site.url}/hook", key="run:7")
    assert receipt.provider_id == "run:7"
    sent = json.loads(site.seen[0].body)
    assert sent["text"] == "Late: ARQ\n2 &lt; 3 &amp; open"
    assert [block["type"] for block in sent["blocks"]] == [
        "header",
        "section",
        "actions",
    ]
    assert sent["blocks"][1]["text"]["text"] == "2 &lt; 3 &amp; open"
    assert sent["blocks"][2]["elements"][0]["url"] == "https://ops.example.com/r/7"
    assert sent["unfurl_links"] is False


@pytest.mark.parametrize("call", CALLS)
def test_what_others_wrote_calls_nobody(call):
    payload = build_payload(Message(f"a {call}", f"b {call}"))
    for text in [payload["text"], payload["blocks"][1]["text"]["text"]]:
        assert "<" not in text
        assert ">" not in text
    header = payload["blocks"][0]["text"]
    assert header["type"] == "plain_text"


@pytest.mark.parametrize("call", [c for c in CALLS if c.startswith(("<!", "<@"))])
def test_ready_blocks_call_nobody_either(call):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": call}}]
    payload = build_payload(Message("s", "t", blocks=blocks))
    for text in texts_in(payload["blocks"]):
        assert not any(f"<{mark}" in text and ">" in text for mark in "!@")


def test_ready_blocks_keep_their_links():
    link = "<https://ops.example.com/r/7|run 7>"
    assert disarm([{"text": link, "n": 1}]) == [{"text": link, "n": 1}]
    blocks = [{"type": "divider"}] * 60
    payload = build_payload(Message("s", "t", blocks=blocks))
    assert len(payload["blocks"]) == MOST_BLOCKS


def test_long_texts_are_cut_to_what_slack_takes():
    payload = build_payload(
        Message("s" * 500, "<" * 9000, url="https://x/" + "y" * 4000)
    )
    header, section = payload["blocks"]
    assert len(header["text"]["text"]) == 150
    assert len(section["text"]["text"]) <= 3000
    assert section["text"]["text"].endswith("&lt;…")
    assert len(payload["blocks"]) == 2


def test_a_message_without_text_is_a_header():
    assert len(build_payload(Message("s", ""))["blocks"]) == 1


def test_text_means_itself():
    assert escape_text("<&>") == "&lt;&amp;&gt;"


@pytest.mark.parametrize("body", [b"ok", b"ok\n", b'{"ok": true}'])
def test_slack_says_that_it_took_it(site, slack, body):
    site.routes["/hook"] = Reply(200, body)
    assert slack.send(Message("s", "t"), f"{site.url}/hook", key="k").detail


@pytest.mark.parametrize(
    ("body", "permanent"),
    [
        (b"", False),
        (b"no_service", True),
        (b'{"ok": false, "error": "channel_not_found"}', True),
        (b'{"ok": false, "error": "internal_error"}', False),
        (b'{"ok": "true"}', False),
        (b"<html>hook proxy</html>", False),
        (b"[]", False),
        (b"invalid_payload", True),
    ],
)
def test_a_200_that_is_not_ok_is_a_refusal(site, slack, body, permanent):
    site.routes["/hook"] = Reply(200, body)
    error = refusal(slack, f"{site.url}/hook")
    assert (error.code, error.permanent) == ("slack_refused", permanent)


@pytest.mark.parametrize(
    ("reply", "code", "permanent", "wait"),
    [
        (Reply(429, headers={"Retry-After": "30"}), "rate_limited", False, 30),
        (Reply(429), "rate_limited", False, None),
        (Reply(500), "http_status", False, None),
        (Reply(503, headers={"Retry-After": "5"}), "http_status", False, 5),
        (Reply(400, b"invalid_payload"), "http_status", True, None),
        (Reply(403, b"action_prohibited"), "http_status", True, None),
        (Reply(404, b"no_service"), "http_status", True, None),
        (Reply(410), "http_status", True, None),
        (Reply(408), "http_status", False, None),
        (Reply(302, headers={"Location": "http://x/"}), "http_status", True, None),
    ],
)
def test_a_status_decides_whether_to_try_again(
    site, slack, reply, code, permanent, wait
):
    site.routes["/hook"] = reply
    error = refusal(slack, f"{site.url}/hook")
    assert (error.code, error.permanent) == (code, permanent)
    assert error.retry_after == (timedelta(seconds=wait) if wait else None)


def test_nobody_there_is_worth_repeating_and_a_denied_address_is_not(slack):
    error = refusal(slack, f"http://127.0.0.1:{free_port()}/hook")
    assert (error.code, error.permanent) == ("connect_refused", False)
    error = refusal(slack, "http://169.254.169.254/hook")
    assert (error.code, error.permanent) == ("egress_denied", True)


def test_the_portal_sends_with_its_own_policy_and_clock(settings):
    settings.EGRESS_ALLOW = ""
    error = refusal(SlackTransport(), f"http://127.0.0.1:{free_port()}/hook")
    assert error.code == "egress_denied"
