import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checklists.probes import PROBES
from checklists.probes.files import fill_dates

NOW = datetime(2026, 1, 14, 23, 30, tzinfo=UTC)


@pytest.fixture
def backups(tmp_path):
    """Eight nights of dumps, the newest one hour old and half as large."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for night in range(8):
        path = folder / f"dump_{night}.sql"
        path.write_bytes(b"x" * (1000 if night else 500))
        at = datetime.now(UTC) - timedelta(days=night, hours=1)
        os.utime(path, (at.timestamp(), at.timestamp()))
    (folder / "notes.txt").write_text("not a dump")
    (folder / "dump_folder.sql").mkdir()
    (folder / "dump_link.sql").symlink_to("/etc/passwd")
    return folder


def test_the_newest_file_of_a_folder_is_seen(backups, see):
    seen = see("file", {"path": str(backups), "pattern": "dump_*.sql"})
    assert seen.failure is None
    assert seen.fields["age"] == pytest.approx(3600, abs=5)
    assert seen.fields["size"] == 500
    assert seen.fields["median_size"] == 1000.0
    assert (seen.fields["count"], seen.fields["name"]) == (8, "dump_0.sql")
    assert seen.detail.startswith("dump_0.sql, 500 bytes, 1:00:0")


def test_one_file_is_seen(backups, see):
    fields = see("file", {"path": str(backups / "dump_3.sql")}).fields
    assert (fields["size"], fields["count"]) == (1000, 1)


def test_todays_file_is_found_by_its_date(backups, see):
    today = datetime.now(UTC).strftime("%Y%m%d")
    (backups / f"day_{today}.sql").write_text("x")
    spec = {"path": str(backups), "pattern": "day_%Y%m%d.sql", "zone": "UTC"}
    assert see("file", spec).fields["name"] == f"day_{today}.sql"


def test_the_date_is_that_of_the_zone():
    assert fill_dates("d_%Y-%m-%d.*", NOW, "UTC") == "d_2026-01-14.*"
    assert fill_dates("d_%Y-%m-%d.*", NOW, "Europe/Berlin") == "d_2026-01-15.*"


@pytest.mark.parametrize(
    ("name", "pattern", "failure"),
    [
        ("gone.sql", None, ("fail", "missing")),
        ("", "nothing*", ("fail", "missing")),
        ("", None, ("unknown", "not_a_file")),
        ("dump_link.sql", None, ("unknown", "not_allowed")),
        ("dump_0.sql", "x*", ("unknown", "access_denied")),
        ("dump_0.sql/x", None, ("unknown", "access_denied")),
    ],
)
def test_what_is_missing_is_broken_and_what_is_hidden_unknown(
    backups, code, name, pattern, failure
):
    spec = {"path": str(backups / name)} | ({"pattern": pattern} if pattern else {})
    assert code("file", spec) == failure


@pytest.mark.parametrize("path", ["/etc/passwd", "/", "/proc/self/environ", "/tmp"])  # noqa: S108
def test_only_allowed_folders_are_looked_into(code, path):
    assert code("file", {"path": path}) == ("unknown", "not_allowed")


def test_a_link_out_of_the_allowed_folders_leads_nowhere(tmp_path, code):
    (tmp_path / "way").symlink_to("/etc")
    spec = {"path": str(tmp_path / "way"), "pattern": "*"}
    assert code("file", spec) == ("unknown", "not_allowed")


def test_a_loop_of_links_is_unknown(tmp_path, code):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert code("file", {"path": str(tmp_path / "a")}) == ("unknown", "access_denied")


def test_a_file_from_the_future_proves_nothing(tmp_path, code):
    path = tmp_path / "x"
    path.write_text("x")
    later = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
    os.utime(path, (later, later))
    assert code("file", {"path": str(path)}) == ("unknown", "clock_skew")


def test_a_folder_without_end_is_given_up(backups, code, monkeypatch):
    monkeypatch.setattr("checklists.probes.file.MOST_ENTRIES", 3)
    spec = {"path": str(backups), "pattern": "*"}
    assert code("file", spec) == ("unknown", "too_large")


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, ["path"]),
        ({"path": "x"}, ["path"]),
        ({"path": "/a/../b"}, ["path"]),
        ({"path": "/a\0"}, ["path"]),
        ({"path": "/a", "pattern": "../x"}, ["pattern"]),
        ({"path": "/a", "pattern": 7}, ["pattern"]),
        ({"path": "/a", "zone": "Mars/Base"}, ["zone"]),
        ({"path": "/a", "zone": 7}, ["zone"]),
    ],
)
def test_a_wrong_spec_is_named(spec, fields):
    assert [error.field for error in PROBES["file"].check_spec(spec)] == fields
    assert Path(PROBES["file"].host_of(spec)) == Path("file:")
