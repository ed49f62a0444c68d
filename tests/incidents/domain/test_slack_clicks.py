"""Only what Slack signed lately counts, and only presses of buttons are read."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.slack_clicks import Click, is_genuine, read_click
from tests.conftest import NOW

# The example that Slack's documentation of signatures computes.
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNED = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
SENT_AT = "1531420618"
MOMENT = NOW.fromtimestamp(1531420618, NOW.tzinfo)


def test_the_example_of_slack_s_documentation_is_genuine():
    for late in (0, 300, -300):
        moment = MOMENT + timedelta(seconds=late)
        assert is_genuine(("other", SECRET), SENT_AT, SIGNED, BODY, moment)
    for late in (301, -301):
        moment = MOMENT + timedelta(seconds=late)
        assert not is_genuine((SECRET,), SENT_AT, SIGNED, BODY, moment)
    assert not is_genuine((), SENT_AT, SIGNED, BODY, MOMENT)
    assert not is_genuine((SECRET,), SENT_AT, "v0=ä", BODY, MOMENT)
    for odd in ("", "x", "-1531420618", "1" * 12, "١٥٣"):
        assert not is_genuine((SECRET,), odd, SIGNED, BODY, MOMENT)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_change_anywhere_is_a_forgery(place, change):
    other = bytearray(BODY)
    other[place] ^= change
    assert not is_genuine((SECRET,), SENT_AT, SIGNED, bytes(other), MOMENT)
    base = f"v0:{SENT_AT}:".encode() + bytes(other)
    made = hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    assert is_genuine((SECRET,), SENT_AT, f"v0={made}", bytes(other), MOMENT)


def payload(**changes):
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "message": {"ts": "1.2"},
        "actions": [{"action_id": "acknowledge", "value": "alert:1"}],
        **changes,
    }


def test_a_press_of_a_button_is_read():
    expected = Click("T1", "U1", "C1:1.2", "acknowledge", "alert:1", "")
    assert read_click(payload()) == expected


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "x",
        payload(type="view_submission"),
        payload(actions=[]),
        payload(actions=[{"action_id": "a", "value": 1}]),
        payload(user={"id": None}),
        payload(message=None),
        payload(response_url=1),
    ],
)
def test_anything_else_is_none(odd):
    assert read_click(odd) is None
