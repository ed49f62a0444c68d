"""What is forgotten, and what conditions still know."""

from datetime import timedelta

import pytest

from checklists.models import CheckResult, HeartbeatPing
from checklists.queries.history import CheckHistory
from checklists.services import retention
from checklists.services.heartbeats import create_heartbeat
from checklists.services.retention import purge_results
from tests.factories.checklists import CheckFactory, CheckResultFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = timedelta(minutes=10)


@pytest.fixture
def check():
    return CheckFactory()


def make_results(check, *moments):
    for at in moments:
        CheckResultFactory(check_ref=check, scheduled_for=at)


def left():
    return sorted(CheckResult.objects.values_list("scheduled_for", flat=True))


def test_the_last_48_hours_stay_whole(check, now):
    moments = [now - 48 * HOUR + n * TEN for n in range(6)]
    make_results(check, *moments)
    assert purge_results(now=now) == 0
    assert left() == moments


def test_of_older_hours_the_first_result_stays(check, now):
    other = CheckFactory()
    hour = (now - 3 * DAY).replace(minute=0)
    make_results(check, hour, hour + TEN, hour + 2 * TEN, hour + HOUR + TEN)
    make_results(other, hour + TEN)
    assert purge_results(now=now) == 2
    assert left() == [hour, hour + TEN, hour + HOUR + TEN]
    assert purge_results(now=now) == 0


def test_after_30_days_nothing_stays(check, now):
    make_results(check, now - 31 * DAY, now - 29 * DAY)
    assert purge_results(now=now) == 1
    assert left() == [now - 29 * DAY]


def test_pings_stay_for_90_days(now):
    check = CheckFactory(kind="heartbeat", spec={})
    create_heartbeat(check, by=None, now=now - 100 * DAY)
    for age in (91, 89):
        HeartbeatPing.objects.create(
            heartbeat=check.heartbeat, at=now - age * DAY, kind="success"
        )
    assert purge_results(now=now) == 1
    assert HeartbeatPing.objects.get().at == now - 89 * DAY


def test_a_sweep_ends_in_time_and_the_next_goes_on(check, now, monkeypatch):
    monkeypatch.setattr(retention, "MOST_RESULTS", 3)
    monkeypatch.setattr(retention, "DELETE_BATCH", 2)
    hour = (now - 3 * DAY).replace(minute=0)
    make_results(check, *(hour + n * TEN for n in range(6)))
    assert [purge_results(now=now) for _ in range(3)] == [3, 2, 0]
    assert left() == [hour]


def test_a_baseline_of_a_week_is_the_same_after_the_purge(check, now):
    hour = now.replace(minute=0)
    for hours in range(1, 7 * 24, 5):
        for step in range(3):
            at = hour - hours * HOUR + step * TEN
            CheckResultFactory(check_ref=check, scheduled_for=at, value=hours + step)
    before = CheckHistory(check.pk, now).median(7 * DAY)
    assert purge_results(now=now) > 0
    assert CheckHistory(check.pk, now).median(7 * DAY) == before
