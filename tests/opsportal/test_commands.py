"""`manage.py test` and `manage.py start` as commands: what they hand on and add up."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from opsportal.management.commands import start, test

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def apart(tmp_path, monkeypatch) -> Path:
    """Keep what the inner run measures away from what the outer one does."""
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / ".coverage"))
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    # Its own files alone: reading all of ours takes longer than the whole test.
    rules = tmp_path / "coverage.ini"
    rules.write_text(f"[run]\nbranch = true\nsource = {tmp_path}\n")
    monkeypatch.setenv("COVERAGE_RCFILE", str(rules))
    # What the options of ours need, and nothing else of what is installed.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_django,pytest_socket,pytest_cov")
    return tmp_path


def test_arguments_go_to_pytest_as_they_are(apart, capfd):
    with pytest.raises(SystemExit, match="0"):
        test.Command().run_from_argv(["manage.py", "test", "--version", "-x"])
    assert capfd.readouterr().out.startswith("pytest ")


def part(folder: Path, name: str, body: str) -> test.Part:
    (folder / f"test_{name}.py").write_text(body)
    return test.Part(title=name, arguments=[str(folder / f"test_{name}.py")])


def test_the_full_run_adds_up_its_parts_and_names_what_it_missed(
    apart, monkeypatch, capfd
):
    good = part(apart, "good", "def test_it(): pass\ndef test_too(): pass\n")
    (apart / "unseen.py").write_text("HALF = 1 / 2\n")
    poor = part(
        apart,
        "poor",
        "import pytest\n"
        "def test_it(): assert False\n"
        "def test_too(): pytest.skip('needs the program lynx, which is not installed')\n",
    )
    none = part(apart, "none", "")
    monkeypatch.setattr(test, "GROUPS", ((good,), (poor, none)))
    floors = (
        ("coverage", ["--fail-under", "0"]),
        ("all of it", ["--fail-under", "100"]),
    )
    monkeypatch.setattr(test, "FLOORS", floors)
    monkeypatch.setattr(test, "is_measured", lambda: True)
    with pytest.raises(SystemExit, match="1"):
        test.Command().run_from_argv(["manage.py", "test"])
    said = capfd.readouterr().out
    summary = said[said.index("== summary ==") :].splitlines()
    assert summary[1].startswith("good: 2 passed, 0 failed, 0 skipped in ")
    assert summary[2].startswith("poor: 0 passed, 1 failed, 1 skipped in ")
    assert summary[2].endswith("pytest ended with 1")
    assert summary[3].startswith("none: 0 passed, 0 failed, 0 skipped in ")
    assert summary[4:] == [
        "coverage: holds",
        "all of it: is below its floor",
        "skipped: needs the program lynx, which is not installed",
        "2 passed, 1 failed, 1 skipped",
    ]


def test_the_word_domain_runs_the_tests_of_all_domain_code(apart, monkeypatch, capfd):
    folders = {str(path.relative_to(ROOT)) for path in ROOT.glob("tests/*/domain")}
    named = [name for each in test.DOMAIN for name in each.arguments]
    assert sorted(name for name in named if name.startswith("tests/")) == sorted(
        folders
    )
    pure = part(apart, "pure", "def test_it(): pass\n")
    monkeypatch.setattr(test, "DOMAIN", (pure,))
    monkeypatch.setattr(test, "is_measured", lambda: True)
    with pytest.raises(SystemExit, match="0"):
        test.Command().run_from_argv(["manage.py", "test", "domain"])
    assert capfd.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")


def test_domain_code_is_tested_without_django():
    collect = (
        "import sys, pytest\n"
        "assert pytest.main(['--co', '-q', *sys.argv[1:]]) == 0\n"
        "assert 'django' not in sys.modules\n"
    )
    arguments = [name for each in test.DOMAIN for name in each.arguments]
    done = subprocess.run(
        [sys.executable, "-c", collect, *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_processes_are_killed_nowhere_but_where_that_part_looks():
    marked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark." + "faults" in path.read_text()
    }
    assert {path for path in marked if not path.startswith(test.KILLING)} == set()


@pytest.mark.parametrize(("value", "is_measured"), [("true", True), ("", False)])
def test_coverage_is_measured_in_ci(monkeypatch, value, is_measured):
    monkeypatch.setenv("CI", value)
    assert test.is_measured() is is_measured


def test_the_full_run_is_good_when_its_parts_are(apart, monkeypatch, capfd):
    good = part(apart, "good", "def test_it(): pass\n")
    monkeypatch.setattr(test, "GROUPS", ((good,),))
    monkeypatch.setattr(test, "FLOORS", ())
    with pytest.raises(SystemExit, match="0"):
        test.Command().handle()
    assert capfd.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")


def test_a_pytest_that_cannot_start_is_no_success(apart, monkeypatch, capfd):
    broken = test.Part(title="broken", arguments=["--no-such-option"])
    monkeypatch.setattr(test, "GROUPS", ((broken,),))
    monkeypatch.setattr(test, "FLOORS", ())
    with pytest.raises(SystemExit, match="1"):
        test.Command().handle()
    assert "broken: 0 passed, 0 failed, 0 skipped" in capfd.readouterr().out


def test_start_ends_with_the_code_of_the_supervisor(monkeypatch, capfd):
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setattr("os.umask", lambda mask: 0o022)
    with pytest.raises(SystemExit, match="1"):
        start.Command().handle()
    assert capfd.readouterr().err.startswith("PORT=http is not a port")


def test_both_locks_hold_what_the_requirements_name():
    for name in ("requirements", "requirements-dev"):
        lock = (ROOT / f"{name}.lock").read_text().lower()
        pins = [
            line.split("#")[0].strip().lower()
            for line in (ROOT / f"{name}.txt").read_text().splitlines()
            if "==" in line
        ]
        assert len(pins) > 10
        for pin in pins:
            package, _, version = pin.partition("==")
            assert f"\n{package.split('[')[0]}=={version} \\" in lock, pin


def test_the_lock_of_the_tests_changes_nothing_that_the_portal_runs_on():
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line[:60]}

    runtime = {pin for pin in pins("requirements.lock") if not pin.startswith("#")}
    plain = {pin.split("[")[0] for pin in runtime if "[" not in pin}
    assert plain <= pins("requirements-dev.lock"), json.dumps(
        sorted(plain - pins("requirements-dev.lock"))
    )
