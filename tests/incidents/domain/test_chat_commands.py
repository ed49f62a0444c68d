"""What people shout into a chat, and what is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.chat_commands import (
    ChatCommand,
    KnownService,
    Meant,
    read_command,
    resolve_command,
)

API = KnownService("architect-api", "Architect API", ("P1", "P2"))
ARQ = KnownService("arq", "ARQ", ("Critical", "Major"))
WEB = KnownService("web", "Web", ("P1", "P2"))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "@incident-commander DECLARE P1 - API DOWN",
            ChatCommand("API DOWN", ("P1",), False),
        ),
        (
            "@incident-commander EMERGENCY - PRODUCTION DOWN",
            ChatCommand("PRODUCTION DOWN", (), True),
        ),
        (
            "<@U012AB>: declare p2 web – logins  fail ",  # noqa: RUF001 -- as phones make it
            ChatCommand("logins fail", ("p2", "web"), False),
        ),
        ("emergency arq: all of it", ChatCommand("all of it", ("arq",), True)),
        (
            "DECLARE SEV1 - re-deploy - failed",
            ChatCommand("re-deploy - failed", ("SEV1",), False),
        ),
        ("DECLARE - API DOWN", None),
        ("DECLARE P1 API DOWN", None),
        ("DECLARE P1 - ", None),
        ("DECLARE P1 a b - c", None),
        ("EMERGENCY one two - c", None),
        ("please declare P1 - x", None),
        ("DECLARED P1 - x", None),
        ("", None),
    ],
)
def test_what_is_understood(text, command):
    assert read_command(text) == command


@pytest.mark.parametrize(
    ("text", "services", "meant"),
    [
        ("DECLARE P1 - API DOWN", [API], Meant("architect-api", "P1")),
        ("DECLARE p2 - API DOWN", [API, ARQ], Meant("architect-api", "P2")),
        ("DECLARE major - x", [API, ARQ, WEB], Meant("arq", "Major")),
        ("DECLARE P1 web - x", [API, WEB], Meant("web", "P1")),
        ("DECLARE P1 - Architect API down", [API, WEB], Meant("architect-api", "P1")),
        ("EMERGENCY - x", [ARQ], Meant("arq", "Critical")),
        ("EMERGENCY web - x", [API, WEB, ARQ], Meant("web", "P1")),
        ("DECLARE P1 - x", [API, WEB], "Say which service, before the dash: architect"),
        ("EMERGENCY - x", [API, WEB], "Say which service"),
        ("DECLARE P9 - x", [API, ARQ], "No service here has a severity “P9”."),
        ("DECLARE P1 arq - x", [API, ARQ], "No service here has a severity “P1”."),
        ("DECLARE P1 db - x", [API], "There is no service “db” here."),
        ("DECLARE P1 - x", [], "There is no service for which you may"),
    ],
)
def test_what_is_meant(text, services, meant):
    found = resolve_command(read_command(text), services)
    if isinstance(meant, str):
        assert found.startswith(meant)
    else:
        assert found == meant


@given(st.text(max_size=80))
def test_no_words_break_the_reader(text):
    command = read_command(f"DECLARE P1 - {text}")
    assert command is None or (command.title and len(command.title) <= 250)
    read_command(text)
