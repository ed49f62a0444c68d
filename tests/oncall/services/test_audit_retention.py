"""The oldest of the audit log goes, and the rest stays provable."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from checklists.models import RunEvent
from oncall.models import AuditEntry
from oncall.queries.audit import read_log
from oncall.services import audit_retention
from oncall.services.audit import record_change
from oncall.services.audit_retention import preview_audit, purge_audit
from opsportal.kit.append_only import lifted
from tests.factories.oncall import TeamFactory
from tests.factories.runs import NOW, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


@pytest.fixture
def team():
    return TeamFactory()


def write(team, *ages):
    for age in ages:
        record_change(f"old.{age}", team, by=None, now=NOW - age * DAY, team_id=team.pk)


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def tamper(**more):
    first = AuditEntry.objects.order_by("pk").first()
    with lifted():
        AuditEntry.objects.filter(pk=first.pk).update(**more)
    return first


def test_entries_go_after_a_year_by_whole_days_and_leave_a_seal(team):
    write(team, 400, 367, 365, 364, 1)
    assert preview_audit(NOW).count == 2
    assert purge_audit(now=NOW) == 2
    assert actions() == ["old.365", "old.364", "old.1", "audit.purge"]
    state = read_log()
    assert (state.entries, state.seal.entries, state.broken) == (4, 2, "")
    assert purge_audit(now=NOW) == 0
    assert purge_audit(now=NOW + 2 * DAY) == 2
    assert (read_log().seal.entries, read_log().broken) == (4, "")


def test_a_year_of_silence_leaves_the_seal_alone(team):
    write(team, 400, 399)
    assert purge_audit(now=NOW) == 2
    assert purge_audit(now=NOW + 500 * DAY) == 1
    assert actions() == ["audit.purge"]
    state = read_log()
    assert (state.seal.entries, state.broken) == (3, "")


def test_an_old_moment_behind_a_young_entry_waits_for_it(team):
    write(team, 400, 10, 390)
    assert purge_audit(now=NOW) == 1
    assert actions() == ["old.10", "old.390", "audit.purge"]


def test_batches_are_sealed_each_and_one_sweep_ends_in_time(team, monkeypatch):
    monkeypatch.setattr(audit_retention, "BATCH", 2)
    monkeypatch.setattr(audit_retention, "MOST_ROWS", 4)
    write(team, *range(405, 400, -1))
    assert [purge_audit(now=NOW) for _ in range(3)] == [4, 1, 0]
    assert actions() == ["audit.purge"] * 3
    assert (read_log().seal.entries, read_log().broken) == (5, "")


def test_who_loses_the_race_forgets_nothing(team):
    write(team, 400, 399, 1)
    raced = []

    def race(execute, sql, params, many, context):
        if sql.startswith("DELETE") and not raced:
            raced.append(sql)
            AuditEntry.objects.get(action="old.400").delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(race):
        assert purge_audit(now=NOW) == 0
    assert raced
    assert actions() == ["old.400", "old.399", "old.1"]


def test_a_beginning_that_was_removed_without_a_seal_is_found(team):
    write(team, 3, 2, 1)
    with lifted():
        AuditEntry.objects.order_by("pk").first().delete()
    assert read_log().broken.endswith(f"old.2 oncall.team:{team.pk}")


def test_an_entry_that_was_edited_after_a_purge_is_named(team):
    write(team, 400, 2, 1)
    purge_audit(now=NOW)
    first = tamper(target_label="only shown")
    assert read_log().broken == ""
    tamper(action="something.else")
    assert read_log().broken == (
        f"entry {first.pk} of 2026-01-12 05:00:00 UTC:"
        f" something.else oncall.team:{team.pk}"
    )


def test_an_empty_log_is_whole():
    state = read_log()
    assert (state.entries, state.first_at, state.seal, state.broken) == (
        0,
        None,
        None,
        "",
    )


def test_the_command_says_what_it_read_and_names_what_does_not_fit(team, capsys):
    write(team, 400, 2, 1)
    purge_audit(now=NOW)
    run = open_run()
    with time_machine.travel(NOW, tick=False):
        call_command("verify_audit")
        out = capsys.readouterr().out
        assert "entries from 2026-01-12 05:00 to 2026-01-14 0" in out
        assert "1 older ones were past their time and forgotten" in out
        assert out.endswith("The log and the story of every run are whole.\n")
        tamper(action="no")
        with lifted():
            RunEvent.objects.filter(run=run).update(reason="because")
        with pytest.raises(CommandError) as raised:
            call_command("verify_audit")
    assert raised.value.returncode == 1
    out = capsys.readouterr().out
    assert "Does not fit: entry" in out
    assert f"Does not fit: run {run.pk}: event 1" in out
