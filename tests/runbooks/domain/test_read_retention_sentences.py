"""How long things are kept in flowing sentences, and what only sounds like it."""

import time

import pytest

from runbooks.domain.plan import read_plan


def kept_of(*lines):
    found = read_plan("\n".join(("# R", "", *lines)).encode()).retention
    return [(each.what, each.days) for each in found]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Logs are kept for 30 days, backups for 12 weeks.", [("Logs", 30), ("backups", 84)]),
        ("Base backups are retained for 12 weeks and WAL for 14 days; the dump of 31 December stays for 7 years.", [("Base backups", 84), ("WAL", 14), ("dump of 31 December", 2555)]),
        ("We keep tokens of cards for 13 months and never keep the CVC.", [("tokens of cards", 390)]),
        ("Logs are kept for 30 days in Loki and backups for 12 weeks in Glacier.", [("Logs", 30), ("backups", 84)]),
        ("Loki retains logs for two weeks; Prometheus keeps its data for 15 days.", [("logs", 14), ("data", 15)]),
        ("We keep 30 days of logs and 1 year of audit events in S3.", [("logs", 30), ("audit events in S3", 365)]),
        ("Retention is 30 days for logs and 1 year for audit events.", [("logs", 30), ("audit events", 365)]),
        ("Log retention is 30 days, trace retention is 72 hours.", [("Log", 30), ("trace", 3)]),
        ("The retention period of metrics is 13 months.", [("metrics", 390)]),
        ("Metrics have a retention of 15 days.", [("Metrics", 15)]),
        ("Recordings of calls: stored 90 days, encrypted.", [("Recordings of calls", 90)]),
        ("Webhook bodies are deleted after 14 days.", [("Webhook bodies", 14)]),
        ("A job purges records of visits after 6 months.", [("records of visits", 180)]),
        ("Data older than 30 days are deleted.", [("Data", 30)]),
        ("Nightly dumps go to S3 and are kept for a year.", [("Nightly dumps", 365)]),
        ("Postgres sends its logs to Loki, where they are kept for 30 days.", [("logs", 30)]),
        ("Snapshots go to the vault. They stay there for 35 days.", [("Snapshots", 35)]),
        ("We store logs in Loki (30 days), not here.", [("logs in Loki", 30)]),
        ("Access-Logs werden 14 Tage aufbewahrt, Metriken 13 Monate. Die etcd-Snapshots bleiben 4 Wochen liegen.", [("Access-Logs", 14), ("Metriken", 390), ("etcd-Snapshots", 28)]),
        ("Logs werden 30 Tage, Backups 12 Wochen aufbewahrt.", [("Logs", 30), ("Backups", 84)]),
        ("Protokolle werden nach 90 Tagen automatisch gelöscht.", [("Protokolle", 90)]),
        ("Wir bewahren Sicherungen 8 Wochen auf.", [("Sicherungen", 56)]),
        ("Les sauvegardes sont conservées 30 jours.", [("sauvegardes", 30)]),
        ("Логи хранятся 30 дней, бэкапы 12 недель.", [("Логи", 30), ("бэкапы", 84)]),
        ("日志保留 30 天。备份保留 90 天。", [("日志", 30), ("备份", 90)]),
        ("\uff2cogs are kept for 30 days…", [("logs", 30)]),
    ],
)  # fmt: skip
def test_a_sentence_says_how_long_something_is_kept(said, kept):
    assert kept_of(said) == kept
    assert kept_of(f"- {said}") == kept


@pytest.mark.parametrize(
    "said",
    [
        "Keep the call open for 30 minutes after the last error.",
        "Keep an eye on the logs for 2 days.",
        "The on-call keeps the pager for 7 days, then hands it over.",
        "The old primary is kept for 14 days as a spare.",
        "If logs are kept for 30 days the disk fills.",
        "Are logs kept for 30 days?",
        "Logs were kept for 30 days in May.",
        "We do not keep logs for 30 days.",
        "Tokens expire after 90 days, passwords every 90 days.",
        "Old branches are deleted after 30 days.",
        "Messages that fail are dropped after 3 hours.",
        "Tickets stay open for 5 days.",
        "Every 2 weeks we archive the logs, and the keys each 90 days.",
        "Backups are kept, and run every 6 hours.",
        "Restoring takes 4 hours from a backup that is kept 2 racks away for a day.",
        "The vault is far away. They stay there for 35 days.",
        "Log shippers go to the vault and are kept for 35 days.",
        "It goes to the vault and is kept for 35 days.",
        "The very large and rather slow copies of all that we wrote down of them are kept for 30 days.",
        "Logs are kept for 30 sprints a year.",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_is_not_read(said):
    assert kept_of(said) == []


def test_what_else_is_said_in_the_sentence_is_not_kept():
    said = "Logs are kept for 30 days and the pager rings for 2 hours, if awake for 3 days."
    assert kept_of(said) == [("Logs", 30)]


def test_a_sentence_goes_on_in_the_next_line_and_counts_in_that_of_its_length():
    plan = read_plan(
        b"# R\n\nDumps go to the vault and we keep\nthem; logs are kept\nfor 30 days.\n"
    )
    assert [(each.what, each.days, each.line) for each in plan.retention] == [
        ("logs", 30, 5)
    ]


def test_below_a_title_about_it_anything_is_kept():
    said = "Boxes of cables are kept for 2 years."
    assert kept_of(said) == []
    assert kept_of("## Retention", said) == [("Boxes of cables", 730)]


def test_what_a_procedure_tells_to_keep_is_done_once():
    assert kept_of("## Rollback", "1. Keep the dump for 7 days") == []
    assert kept_of("## Rollback", "- Keep the dump for 7 days") == []
    assert kept_of("## Where things are", "- Keep the dump for 7 days") == [("dump", 7)]
    assert kept_of("## Incident report template", "Logs are kept for 30 days.") == []


def test_lengths_in_a_list_behind_a_label_have_their_names():
    assert kept_of("- **Retention**: logs 30 days, backups for 12 weeks, 7 years") == [
        ("logs", 30), ("backups", 84), ("retention", 2555),
    ]  # fmt: skip


def test_what_nobody_writes_by_hand_costs_little_and_is_not_read():
    long = "and so on " * 100
    assert kept_of(f"Logs {long} are kept for 30 days.") == []
    lines = ["logs are kept for 30 days"] * 5_000
    began = time.process_time()
    assert kept_of(*lines) == []
    assert kept_of(*(f"{line}." for line in lines)) == [("logs", 30)] * 5_000
    assert time.process_time() - began < 10
