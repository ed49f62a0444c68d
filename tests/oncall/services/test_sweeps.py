"""Sweeps: what they leave behind, and rows that fail."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from oncall.models import SweepRecord
from oncall.services.sweeps import run_sweep, sweep_each

pytestmark = pytest.mark.django_db


def test_a_sweep_is_recorded_with_its_count_and_driver(now):
    assert run_sweep("look", lambda *, now: 3, driver="engine", now=now) == 3
    row = SweepRecord.objects.get()
    assert (row.name, row.driver, row.handled, row.started_at) == (
        "look",
        "engine",
        3,
        now,
    )
    assert now <= row.finished_at < now + timedelta(minutes=5)


def test_an_error_is_recorded_and_raised_and_the_next_success_clears_it(now):
    def fail(*, now):
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        run_sweep("look", fail, driver="beat", now=now)
    row = SweepRecord.objects.get()
    assert (row.failures, row.finished_at) == (1, None)
    assert "no such thing" in row.last_error
    run_sweep("look", lambda *, now: 0, driver="beat", now=now)
    row.refresh_from_db()
    assert (row.failures, row.last_error) == (1, "")


def test_a_row_that_fails_is_told_and_holds_up_no_other(caplog):
    def act(key):
        if key == 2:
            raise KeyError(key)
        return key

    assert sweep_each([1, 2, 3], act, what="cadence") == 4
    (record,) = caplog.records
    assert (record.msg, record.what, record.key) == ("sweep_row_failed", "cadence", 2)


def test_when_every_row_fails_the_sweep_fails():
    def act(key):
        raise KeyError(key)

    with pytest.raises(KeyError, match="2"):
        sweep_each([1, 2], act, what="cadence")
    assert sweep_each([], act, what="cadence") == 0


def test_a_database_that_is_away_ends_the_sweep():
    def act(key):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        sweep_each([1], act, what="cadence")
