"""What the target keeps on disk: backups, and the file that plays databases."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAY = timedelta(days=1)
MEBIBYTE = 2**20
KEPT_DAYS = 7
# Name with the date, size in MiB, hour of the day (UTC) in which it is written.
BACKUPS = (
    ("arq_%Y%m%d.dump", 700, 2),
    ("qenergyz_%Y%m%d.dump", 1229, 1),
    ("decision_insights_%Y%m%d.sql", 88, 0),
    ("arca_snapshot_%Y%m%d.tar", 412, 3),
    ("backup_%s.sql.gz", 301, 4),
)
CONNECTIONS = 41
INSIGHTS_A_MINUTE = 4
DAILY_GROWTH = 210_000_000
SIZE_TODAY = 84_000_000_000


def write_backups(folder: Path, now: datetime) -> None:
    """Write the backups of the last week that are due and not there; drop older."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for pattern, size, hour in BACKUPS:
        for days in range(KEPT_DAYS):
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            at = midnight - days * DAY + timedelta(hours=hour)
            # Today's is there from midnight on, dated to when it had to be made.
            at = min(at, now - timedelta(minutes=1))
            stamp = (midnight - days * DAY).astimezone(UTC)
            name = stamp.strftime(pattern.replace("%s", f"{stamp.timestamp():.0f}"))
            wanted.add(name)
            _write_sparse(folder / name, (size + days % 3) * MEBIBYTE, at)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()


def _write_sparse(path: Path, size: int, at: datetime) -> None:
    """Make a file of that size that takes no room on the disk."""
    if path.exists():
        return
    path.touch()
    os.truncate(path, size)
    os.utime(path, (at.timestamp(), at.timestamp()))


def make_database(path: Path, now: datetime) -> None:
    """Write the tables that SQL checks ask, in the place of an older file."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as connection, connection:
        connection.executescript(_TABLES)
        connection.executemany(
            "INSERT INTO pg_stat_statements VALUES (?, ?)",
            [(f"demo query {place}", ms) for place, ms in enumerate(_QUERY_TIMES)],
        )
        connection.executemany(
            "INSERT INTO decision_insights VALUES (?)",
            ((_text(at),) for at in _insight_times(now)),
        )
        connection.executemany(
            "INSERT INTO pg_stat_activity VALUES (?, ?, ?)",
            (
                (number, "idle" if number % 3 else "active", _text(now))
                for number in range(CONNECTIONS)
            ),
        )
    refresh_database(fresh, now)
    fresh.replace(path)


def refresh_database(path: Path, now: datetime) -> None:
    """Move on by a minute what moves."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO decision_insights VALUES (?)",
            [(_text(now),)] * INSIGHTS_A_MINUTE,
        )
        connection.execute(
            "DELETE FROM decision_insights WHERE created_at < ?", [_text(now - 2 * DAY)]
        )
        connection.execute("UPDATE pg_stat_activity SET state_change = ?", [_text(now)])
        archived_at = now - timedelta(seconds=20)
        connection.execute(
            "UPDATE pg_stat_archiver SET last_archived_time = ?", [_text(archived_at)]
        )
        connection.executemany(
            "INSERT OR REPLACE INTO database_sizes VALUES (?, ?)",
            (
                (f"{now - days * DAY:%Y-%m-%d}", SIZE_TODAY - days * DAILY_GROWTH)
                for days in range(60)
            ),
        )


def _insight_times(now: datetime) -> Iterable[datetime]:
    for minutes in range(1, 26 * 60):
        for _ in range(INSIGHTS_A_MINUTE):
            yield now - timedelta(minutes=minutes)


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


_QUERY_TIMES = (812.0, 640.5, 530.2, 212.0, 88.4, 41.7, 12.3, 4.8, 2.2, 0.6)
_TABLES = """
CREATE TABLE pg_stat_statements (query TEXT, mean_exec_time REAL);
CREATE TABLE pg_stat_activity (pid INTEGER, state TEXT, state_change TEXT);
CREATE TABLE pg_settings (name TEXT, setting INTEGER);
CREATE TABLE pg_locks (mode TEXT, granted INTEGER);
CREATE TABLE pg_replication_slots (slot_name TEXT, active INTEGER);
CREATE TABLE pg_stat_archiver (last_archived_time TEXT);
CREATE TABLE database_sizes (on_date TEXT PRIMARY KEY, bytes INTEGER);
CREATE TABLE decision_insights (created_at TEXT);
CREATE INDEX decision_insights_time ON decision_insights (created_at);
INSERT INTO pg_settings VALUES ('max_connections', 100);
INSERT INTO pg_locks VALUES ('AccessShareLock', 1), ('RowExclusiveLock', 1);
INSERT INTO pg_replication_slots VALUES ('standby', 1), ('archive', 1);
INSERT INTO pg_stat_archiver VALUES ('');
"""
