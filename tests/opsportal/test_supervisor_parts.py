"""The parts of the supervisor alone: its voice, its children, its place."""

import io
import signal
import sys
from pathlib import Path

import pytest

from opsportal.supervisor import place as places
from opsportal.supervisor.child import LIVED_WELL, LONGEST_DELAY, Child, describe_end
from opsportal.supervisor.place import CannotStartError, Place, is_on, read_place
from opsportal.supervisor.voice import Voice
from tests.processes import wait_until_gone


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    """A stream whose reader went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(root=tmp_path, var=tmp_path / "var", host="127.0.0.1", port=8000)


def test_each_line_carries_the_name_of_its_process():
    stream = io.StringIO()
    voice = Voice(stream)
    voice.relay("web", b"one\ntw")
    voice.relay("worker", b"three\r\n")
    voice.relay("web", b"o\nhalf \xff")
    voice.finish("web")
    voice.finish("web")
    assert stream.getvalue().splitlines() == [
        "web     | one",
        "worker  | three",
        "web     | two",
        "web     | half \ufffd",
    ]


def test_names_are_coloured_on_a_terminal_only_and_not_against_the_wish(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    voice = Voice(stream)
    for name in ("web", "beat", "web"):
        voice.say("x", name=name)
    first, second, third = stream.getvalue().splitlines()
    assert first == third == "\x1b[36mweb     |\x1b[0m x"
    assert second == "\x1b[33mbeat    |\x1b[0m x"
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    Voice(plain).say("x")
    assert plain.getvalue() == "start   | x\n"


def test_a_reader_that_went_away_stops_nothing():
    voice = Voice(Gone())
    voice.say("nobody")
    voice.say("hears this")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-9, "died of SIGKILL"),
        (-99, "died of signal 99"),
    ],
)
def test_an_end_is_told_in_words(code, words):
    assert describe_end(code) == words


def test_restarts_come_later_each_time_until_one_start_went_well():
    child = Child(name="x", command=[sys.executable, "-c", "pass"])
    child.start()
    delays = [child.plan_restart() for _ in range(10)]
    assert delays[:4] == [0.2, 0.4, 0.8, 1.6]
    assert delays[-1] == LONGEST_DELAY
    child.started_at -= LIVED_WELL + 1
    assert child.plan_restart() == 0.2
    while child.ended() is None:
        pass
    child.forget()
    assert not child.is_alive
    child.send(signal.SIGTERM)
    assert child.ended() is None


def test_what_a_dead_child_started_dies_as_well():
    source = (
        "import os, subprocess, sys\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        "print(inner.pid, flush=True)\n"
    )
    child = Child(name="x", command=[sys.executable, "-c", source])
    child.start()
    assert child.process is not None
    assert child.process.stdout is not None
    while (line := child.process.stdout.readline()) in {b"", None}:
        pass
    while child.ended() is None:
        pass
    child.forget()
    wait_until_gone(int(line))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),  # noqa: S104 -- a word in a table
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("2001:db8::1", "http://[2001:db8::1]:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_opens(tmp_path, host, address):
    assert Place(root=tmp_path, var=tmp_path, host=host, port=8000).address == address


def test_the_environment_goes_before_the_env_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("PORT=8111\nHOST=192.0.2.7\n")
    monkeypatch.setenv("HOST", "127.0.0.1")
    for name in ("PORT", "OPSPORTAL_VAR"):
        # Set first, so that what the file brings in is taken out again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    place = read_place(tmp_path)
    assert (place.host, place.port) == ("127.0.0.1", 8111)
    assert place.var == tmp_path / "var"


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (None, True),
        ("1", True),
        ("yes", True),
        ("0", False),
        ("Off", False),
        ("", False),
    ],
)
def test_yes_and_no_from_the_environment(monkeypatch, value, answer):
    monkeypatch.delenv("OPSPORTAL_DEMO", raising=False)
    if value is not None:
        monkeypatch.setenv("OPSPORTAL_DEMO", value)
    assert is_on("OPSPORTAL_DEMO", default=True) is answer


def test_a_host_that_is_none_and_a_port_of_root_are_told_apart(place, monkeypatch):
    nowhere = Place(root=place.root, var=place.var, host="no.such.invalid", port=8000)
    with pytest.raises(CannotStartError, match="is not an address of this machine"):
        places.check_port(nowhere)
    sentence = places._explain_bind(place, PermissionError(13, "Permission denied"))
    assert sentence.startswith("Port 8000 is for root alone: choose one from 1024 on")


def test_a_broker_folder_that_cannot_be_made_is_one_sentence(place):
    place.var.mkdir()
    (place.var / "valkey").write_text("in the way")
    with pytest.raises(
        CannotStartError, match="Cannot make the socket of the embedded"
    ):
        places.prepare_broker(place)


def test_static_files_are_collected_again_when_one_changed(place):
    lock = place.root / "requirements.lock"
    settings = place.root / "opsportal" / "settings.py"
    sheet = place.root / "app" / "static" / "app" / "a.css"
    for path in (lock, settings, sheet):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a")
    seen = [places.describe_static(place)]
    collected = place.var / "static" / "app" / "a.css"
    collected.parent.mkdir(parents=True)
    collected.write_text("a")
    assert places.describe_static(place) == seen[0]
    for path in (lock, settings, sheet):
        path.write_text("a b")
        seen.append(places.describe_static(place))
    assert len(set(seen)) == 4


def test_settings_are_read_before_setup_ends_unless_the_demo_may_change_them(
    place, monkeypatch
):
    monkeypatch.delenv("OPSPORTAL_DEMO", raising=False)
    assert not places.knows_settings(place)
    monkeypatch.setenv("OPSPORTAL_DEMO", "0")
    assert places.knows_settings(place)
    monkeypatch.delenv("OPSPORTAL_DEMO")
    (place.var / "demo").mkdir(parents=True)
    (place.var / "demo" / "allow.env").touch()
    assert places.knows_settings(place)
