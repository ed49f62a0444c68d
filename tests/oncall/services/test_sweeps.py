"""Sweeps: what they leave behind, and rows that fail."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from oncall.models import SweepRecord
from oncall.services.sweeps import TURN, Turns, run_sweep, sweep_each

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


class TestTurns:
    @pytest.fixture
    def keys(self):
        rows = [SweepRecord(name=str(number)) for number in range(3 * TURN)]
        SweepRecord.objects.bulk_create(rows)
        return list(SweepRecord.objects.order_by("-pk").values_list("pk", flat=True))

    def test_who_is_alone_gets_every_key_once_in_its_order(self, keys):
        turns = Turns(keys, still_due=SweepRecord.objects.all())
        given = []
        for key in turns:
            turns.note(won=True)
            given.append(key)
        assert given == keys

    def test_who_loses_a_key_goes_on_with_the_next_turn_and_comes_back(self, keys):
        turns = Turns(keys, still_due=SweepRecord.objects.all())
        given = []
        for key in turns:
            given.append(key)
            turns.note(won=key not in (keys[0], keys[TURN + 1]))
        assert given == [
            keys[0],
            *keys[TURN : TURN + 2],
            *keys[2 * TURN :],
            *keys[: 2 * TURN],
        ]

    def test_what_others_did_meanwhile_is_not_given(self, keys):
        due = SweepRecord.objects.filter(driver="")
        turns = Turns(keys, still_due=due)
        given = []
        for key in turns:
            if not given:
                others = SweepRecord.objects.filter(pk__in=keys[1 : TURN + 5])
                others.update(driver="beat")
            given.append(key)
            turns.note(won=len(given) > 1)
        assert given == [keys[0], *keys[TURN + 5 :], keys[0]]

    def test_a_key_that_fails_does_not_end_its_turn(self, keys):
        turns = Turns(keys[:3], still_due=SweepRecord.objects.all())
        seen = []

        def act(key):
            seen.append(key)
            if len(seen) == 1:
                raise ValueError(key)
            turns.note(won=True)
            return 1

        assert sweep_each(turns, act, what="row") == 2
        assert seen == keys[:3]
