"""The first call on a fresh clone: what it installs, waits for, repairs and says."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsportal.bootstrap import (
    DEVELOPMENT_LOCK,
    RUNTIME_LOCK,
    BootstrapError,
    Environment,
    enter,
)

# In place of uv: it notes that it ran, and fails with words when told to.
FAKE_UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> calls
[ -f refuse ] && cat refuse && exit 2
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Environment:
    """Make a folder with locks and a program in the place of uv."""
    for name in (RUNTIME_LOCK, DEVELOPMENT_LOCK):
        (tmp_path / name).write_text("one==1.0 \\\ntwo==2.0 \\\n")
    environment = Environment(tmp_path)
    environment.uv.parent.mkdir(parents=True)
    environment.uv.write_text(FAKE_UV)
    environment.uv.chmod(0o755)
    return environment


def calls(checkout: Environment) -> list[str]:
    log = checkout.root / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_installs_once_with_hashes_and_knows_it(checkout, capsys):
    assert not checkout.has(RUNTIME_LOCK)
    checkout.install(RUNTIME_LOCK)
    checkout.install(RUNTIME_LOCK)
    assert checkout.has(RUNTIME_LOCK)
    assert not checkout.has(DEVELOPMENT_LOCK)
    assert checkout.python.exists()
    (call,) = calls(checkout)
    assert "--require-hashes" in call
    assert call.endswith(f"--python {checkout.python} -r {RUNTIME_LOCK}")
    assert "installing 2 packages of requirements.lock" in capsys.readouterr().err


def test_a_python_that_was_chosen_before_stays(checkout):
    checkout.install(RUNTIME_LOCK)
    made = (checkout.folder / "pyvenv.cfg").stat()
    checkout.install(DEVELOPMENT_LOCK)
    assert (checkout.folder / "pyvenv.cfg").stat() == made


def test_what_tests_need_holds_what_the_portal_needs(checkout):
    checkout.install(DEVELOPMENT_LOCK)
    assert checkout.has(RUNTIME_LOCK)
    assert checkout.has(DEVELOPMENT_LOCK)


def test_a_changed_lock_is_installed_again(checkout):
    checkout.install(DEVELOPMENT_LOCK)
    (checkout.root / RUNTIME_LOCK).write_text("one==1.1\n")
    assert not checkout.has(RUNTIME_LOCK)
    checkout.install(RUNTIME_LOCK)
    assert checkout.has(RUNTIME_LOCK)
    assert len(calls(checkout)) == 2


@pytest.mark.parametrize("was", ["installing\n", "requirements.lock 1 /gone/python3\n"])
def test_an_interrupted_install_and_a_replaced_python_begin_from_nothing(checkout, was):
    checkout.install(RUNTIME_LOCK)
    (checkout.folder / "installed.txt").write_text(was)
    half = checkout.folder / "lib" / "half.py"
    half.write_text("")
    checkout.install(RUNTIME_LOCK)
    assert checkout.has(RUNTIME_LOCK)
    assert not half.exists()


def test_a_second_caller_waits_for_the_first(checkout):
    lock = checkout.root / ".uv" / "lock"
    source = (
        "from pathlib import Path\n"
        "from opsportal.bootstrap import Environment\n"
        f"Environment(Path({str(checkout.root)!r})).install({RUNTIME_LOCK!r})\n"
    )
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-c", source], stderr=subprocess.PIPE, text=True
        )
        assert second.stderr is not None
        assert "waiting for another manage.py" in second.stderr.readline()
        assert calls(checkout) == []
    _, rest = second.communicate(timeout=60)
    assert second.returncode == 0, rest
    assert checkout.has(RUNTIME_LOCK)


def test_an_installer_that_outlives_its_caller_keeps_the_next_one_waiting(checkout):
    checkout.uv.write_text("#!/bin/sh\n[ $1 = --version ] || exec sleep 60\n")
    source = (
        "import os, signal, threading\n"
        "from pathlib import Path\n"
        "from opsportal.bootstrap import Environment\n"
        "die = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "threading.Timer(0.5, die).start()\n"
        f"Environment(Path({str(checkout.root)!r})).install({RUNTIME_LOCK!r})\n"
    )
    first = subprocess.Popen([sys.executable, "-c", source], start_new_session=True)
    assert first.wait(60) == -signal.SIGKILL
    with (checkout.root / ".uv" / "lock").open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.killpg(first.pid, signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_EX)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("error: dns error: failed to lookup", "Cannot reach the package index: check"),
        (
            "Temporary failure in name resolution",
            "Cannot reach the package index: check",
        ),
    ],
)
def test_no_network_is_one_sentence(checkout, words, sentence):
    (checkout.root / "refuse").write_text(words)
    with pytest.raises(BootstrapError, match=sentence):
        checkout.install(RUNTIME_LOCK)
    assert not checkout.has(RUNTIME_LOCK)


def test_what_uv_cannot_do_pip_is_asked_for_and_its_words_are_shown(checkout):
    (checkout.root / "refuse").write_text("uv does not know this machine")
    with pytest.raises(BootstrapError, match=r"the installer said:\nERROR: "):
        checkout.install(RUNTIME_LOCK)


def test_no_pip_is_one_sentence(checkout, monkeypatch):
    shutil.rmtree(checkout.uv.parent)
    bare = checkout.root / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(bare))
    monkeypatch.setenv("PATH", "/nowhere")
    (checkout.folder / "bin").mkdir(parents=True)
    checkout.python.symlink_to(bare)
    monkeypatch.setattr("venv.create", lambda *_, **__: None)
    with pytest.raises(BootstrapError, match="This Python has no pip: install it"):
        checkout.install(RUNTIME_LOCK)


def test_a_folder_that_cannot_be_written_is_one_sentence():
    with pytest.raises(
        BootstrapError, match=r"Cannot write in /proc \(.+\): make that"
    ):
        Environment(Path("/proc")).install(RUNTIME_LOCK)


def test_an_image_that_brings_its_own_packages_is_left_alone(monkeypatch):
    monkeypatch.setenv("OPSPORTAL_BOOTSTRAP", "0")
    enter(["manage.py", "start"])


def test_an_old_python_is_told_so():
    manage = Path(__file__).resolve().parents[2] / "manage.py"
    source = (
        f"import sys; sys.version_info = (3, 9, 2); sys.argv = [{str(manage)!r}]\n"
        f"exec(compile(open({str(manage)!r}).read(), 'manage.py', 'exec'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"OPSPORTAL_BOOTSTRAP": "0"},
    )
    assert done.returncode == 1
    assert done.stderr == (
        "opsportal needs Python 3.11 or newer and this is 3.9: run it with a newer "
        "python3.\n"
    )
