"""The commands, as people and other programs run them."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories.oncall import ServiceFactory, UserFactory

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "runbooks" / "samples"
SAMPLE = SAMPLES / "ledger-cadences.md"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "manage.py", "import_runbook", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def told(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_dry_run_prints_one_json_object():
    shown = json.loads(
        told("import_runbook", str(SAMPLE), "--dry-run", "--format=json")
    )
    assert list(shown)[:3] == ["service", "title", "checklists"]
    assert shown["checklists"][0]["items"][2]["check"]["condition"] == "value < 500"


def test_file_that_cannot_be_read_is_one_line_and_two():
    done = run("no/such/file.md", "--dry-run")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().endswith("no such file or directory.")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_is_shown_file_by_file(tmp_path):
    (tmp_path / "a.md").write_text("# A\n\n## Daily\n- [ ] one\n- [ ] two\n")
    said = told("import_runbook", str(tmp_path), "--dry-run")
    assert said == "a.md  read       1 checklists, 2 items\n"
    (tmp_path / "b.md").write_bytes(b"\xff")
    out = StringIO()
    with pytest.raises(CommandError, match="1 file failed") as error:
        call_command("import_runbook", str(tmp_path), "--dry-run", "--format=json", stdout=out)  # fmt: skip
    assert error.value.returncode == 2
    first, second = json.loads(out.getvalue())
    assert first["plan"]["title"] == "A"
    assert second == {"path": "b.md", "error": "it is not UTF-8"}
    assert told("import_runbook", str(tmp_path), "--dry-run", "--glob=c*") == (
        "No file fits.\n"
    )


@pytest.mark.django_db
@pytest.mark.database
def test_files_are_brought_in_and_applied_by_a_manager(tmp_path):
    service = ServiceFactory(slug="kestrel", policy=None)
    manager = UserFactory(team=service.team, team__role="manager")
    path = tmp_path / "a.md"
    path.write_text("# A\n\n## Daily Checklist\n- [ ] Look at the queue\n")
    with pytest.raises(CommandError, match="--service or --team"):
        call_command("import_runbook", str(path), "--team=nobody")
    with pytest.raises(CommandError, match="a manager of the team"):
        call_command("import_runbook", str(path), "--service=kestrel", "--apply")
    with pytest.raises(CommandError, match=r"no/such: no such file"):
        call_command("import_runbook", "no/such", "--service=kestrel")
    said = told("import_runbook", str(path), f"--team={service.team.slug}")
    assert said.startswith("a.md  waits")
    by = ("--service=kestrel", f"--team={service.team.slug}", "--apply", f"--by={manager.username}")  # fmt: skip
    said = told("import_runbook", str(tmp_path), *by, "--format=json")
    assert json.loads(said) == [
        {"path": "a.md", "result": "applied", "detail": "version 1"}
    ]


@pytest.mark.django_db
def test_without_dry_run_or_a_service_nothing_is_done():
    with pytest.raises(CommandError, match="Say --dry-run"):
        call_command("import_runbook", str(SAMPLE))


@pytest.mark.parametrize("name", ["ledger-cadences", "meridian-thresholds"])
def test_text_shows_what_was_found_with_its_line(name):
    said = told("import_runbook", str(SAMPLES / f"{name}.md"), "--dry-run")
    assert re.search(r"^ +\d+  \S", said, re.MULTILINE)


def test_json_has_every_kind():
    said = told("import_runbook", str(SAMPLE), "--dry-run", "--format=json")
    assert set(json.loads(said)) >= {"alert_rules", "slos", "warnings"}


def test_score_prints_a_table_for_a_folder(tmp_path):
    (tmp_path / "a.md").write_text("# A\n\n## Daily\n- [ ] one\n- [ ] two\n")
    truth = {
        "checklists": [{"cadence": "daily", "items": ["one", "three"], "lines": [4, 6]}]
    }
    (tmp_path / "a.expect.json").write_text(json.dumps(truth))
    (tmp_path / "b.expect.json").write_text("{}")
    out = StringIO()
    call_command("score_runbooks", str(tmp_path), stdout=out)
    said = out.getvalue()
    assert "a.md: checklists: missed 6 daily three" in said
    assert "a.md: checklists: invented 5 daily two" in said
    assert "checklists         2      1      2    50.0%      50.0%" in said


def test_score_without_a_folder_takes_what_is_there():
    out = StringIO()
    call_command("score_runbooks", stdout=out)
    assert "100.0%" in out.getvalue()


def test_score_of_a_folder_without_truth_says_so(tmp_path):
    with pytest.raises(CommandError, match="holds no runbook"):
        call_command("score_runbooks", str(tmp_path))
