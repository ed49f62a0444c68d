"""Results summed up before they go: exactly, once, and as often as one likes."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.observation import Outcome
from checklists.domain.rollup import FIVE_MINUTES, HOUR, Look, roll_up
from checklists.models import Check, CheckDay, CheckResult
from checklists.queries.check_past import read_buckets
from checklists.services import rolling
from checklists.services.retention import purge_results
from checklists.services.rolling import roll_up_results
from tests.factories.checklists import CheckFactory

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
OUTCOMES = ("pass", "pass", "fail", "unknown", "pass")


@pytest.fixture
def check():
    return CheckFactory()


def keep(check, start, count, step):
    """Write results that differ; returns them as looks."""
    looks = [
        Look(
            start + n * step,
            Outcome(OUTCOMES[n % 5]),
            None if n % 7 == 3 else float(n * n % 101),
            n * 1.5,
            n % 11 == 5,
        )
        for n in range(count)
    ]
    CheckResult.objects.bulk_create(
        CheckResult(
            check_ref=check,
            scheduled_for=look.at,
            observed_at=look.at,
            outcome=look.outcome.value,
            value=look.value,
            latency_ms=look.latency,
            in_maintenance=look.is_quiet,
        )
        for look in looks
    )
    return looks


def test_what_is_summed_up_is_what_counting_gives(check, now):
    looks = keep(check, now - 50 * HOUR, 400, 7 * MINUTE)
    assert roll_up_results(now=now) == 1
    assert CheckDay.objects.count() == 3
    for step in (HOUR, 6 * HOUR, 4 * DAY):
        found = read_buckets(check.pk, now - 60 * HOUR, now, step)
        wanted = roll_up(looks, step)
        assert [(b.starts_at, b.failed, b.quiet) for b in found] == [
            (b.starts_at, b.failed, b.quiet) for b in wanted
        ]
        for one, other in zip(found, wanted, strict=True):
            assert one.value.mean == pytest.approx(other.value.mean)
            assert one.value.greatest == other.value.greatest
    assert read_buckets(check.pk, now - 60 * HOUR, now, HOUR) == roll_up(looks, HOUR)


def test_the_single_results_may_go_and_the_past_reads_the_same(check, now):
    keep(check, now - 60 * HOUR, 700, 5 * MINUTE)
    before = read_buckets(check.pk, now - 70 * HOUR, now, FIVE_MINUTES)
    roll_up_results(now=now)
    assert read_buckets(check.pk, now - 70 * HOUR, now, FIVE_MINUTES) == before
    assert purge_results(now=now) == 12 * 12
    assert read_buckets(check.pk, now - 70 * HOUR, now, FIVE_MINUTES) == before


def test_an_hour_is_summed_up_ten_minutes_after_its_end_and_once(check, now):
    hour = now.replace(minute=0)
    keep(check, hour - HOUR, 6, 10 * MINUTE)
    keep(check, hour, 1, MINUTE)
    assert roll_up_results(now=hour + 9 * MINUTE) == 1
    assert not CheckDay.objects.exists()
    assert roll_up_results(now=hour + 10 * MINUTE) == 1
    assert roll_up_results(now=hour + 20 * MINUTE) == 0
    assert roll_up_results(now=hour + 70 * MINUTE) == 1
    assert [b.starts_at for b in read_buckets(check.pk, hour - DAY, now, HOUR)] == [
        hour - HOUR,
        hour,
    ]


def test_doing_it_again_changes_nothing(check, now):
    keep(check, now - 30 * HOUR, 300, 5 * MINUTE)
    roll_up_results(now=now)
    rows = list(CheckDay.objects.values_list("on", "hours", "fives"))
    Check.objects.update(rolled_until=now - 20 * HOUR - 30 * MINUTE)
    roll_up_results(now=now)
    assert list(CheckDay.objects.values_list("on", "hours", "fives")) == rows


def test_of_two_sweeps_at_once_one_does_it(check, now, monkeypatch):
    keep(check, now - 3 * HOUR, 10, 5 * MINUTE)
    first_hour = rolling._first_hour

    def be_late(*arguments):
        Check.objects.update(rolled_until=now.replace(minute=0) - HOUR)
        return first_hour(*arguments)

    monkeypatch.setattr(rolling, "_first_hour", be_late)
    assert roll_up_results(now=now) == 0
    assert not CheckDay.objects.exists()
    closed = now.replace(minute=0)
    Check.objects.update(rolled_until=closed)
    assert rolling._roll_check(check.pk, closed) == 0


def test_a_check_that_paused_goes_on_where_it_has_looked_again(check, now):
    Check.objects.update(rolled_until=now.replace(minute=0) - 20 * DAY)
    keep(check, now - 5 * HOUR, 3, 5 * MINUTE)
    assert roll_up_results(now=now) == 1
    assert CheckDay.objects.count() == 1
    check.refresh_from_db()
    assert check.rolled_until == datetime(2026, 1, 14, 10, tzinfo=UTC)


def test_where_five_minutes_are_gone_hours_stand_for_them(check, now):
    looks = keep(check, now - 5 * HOUR, 24, 5 * MINUTE)
    roll_up_results(now=now)
    CheckDay.objects.update(fives=None)
    assert read_buckets(check.pk, now - DAY, now, FIVE_MINUTES) == roll_up(looks, HOUR)
