"""What conditions learn of earlier values."""

from datetime import timedelta

import pytest

from checklists.models import CheckResult
from checklists.queries.history import CheckHistory, PastValues
from checklists.services.rolling import roll_up_results
from tests.factories.checklists import CheckFactory, CheckResultFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def check():
    return CheckFactory()


@pytest.fixture
def history(check, now):
    return CheckHistory(check.pk, PastValues([check.pk], now), now)


def keep(check, at, value, **more):
    CheckResultFactory(check_ref=check, scheduled_for=at, value=value, **more)


def test_nothing_is_known_of_a_check_that_never_ran(history):
    assert history.at(HOUR) is None
    assert history.median(DAY) is None
    assert history.slope(DAY) is None


def test_the_newest_value_before_a_moment_counts(check, history, now):
    for hours, value in ((3, 30.0), (2, 20.0), (1, 10.0)):
        keep(check, now - hours * HOUR, value)
    assert history.at(2 * HOUR) == 20.0
    assert history.at(150 * timedelta(minutes=1)) == 30.0
    assert history.at(4 * HOUR) is None


def test_other_checks_empty_values_and_maintenance_do_not_count(check, history, now):
    keep(CheckFactory(), now - HOUR, 1.0)
    keep(check, now - 2 * HOUR, None)
    keep(check, now - 3 * HOUR, 99.0, in_maintenance=True)
    keep(check, now - 4 * HOUR, 4.0)
    assert history.at(HOUR) == 4.0
    assert history.median(6 * HOUR) == 4.0


def test_the_median_is_over_the_window_without_the_present(check, history, now):
    for hours, value in ((30, 900.0), (3, 1.0), (2, 2.0), (1, 6.0), (0, 700.0)):
        keep(check, now - hours * HOUR, value)
    assert history.median(6 * HOUR) == 2.0


def test_in_a_long_window_every_hour_weighs_the_same(check, history, now):
    hour = now.replace(minute=0)
    for days in (1, 2, 3, 4):
        keep(check, hour - days * DAY - 6 * HOUR, 10.0)
    for minute in range(0, 30, 5):
        keep(check, hour - HOUR + timedelta(minutes=minute), 99.0)
    assert history.median(7 * DAY) == 10.0
    assert history.median(2 * HOUR) == 99.0


def test_the_slope_is_a_day(check, history, now):
    for hours in (2, 4, 6):
        keep(check, now - hours * HOUR, 100.0 - hours)
    assert history.slope(12 * HOUR) == pytest.approx(24.0)


def test_one_value_has_no_slope(check, history, now):
    keep(check, now - HOUR, 5.0)
    assert history.slope(2 * HOUR) is None


def test_a_window_is_unknown_until_half_of_it_is_known(check, history, now):
    for hours in range(1, 83):
        keep(check, now - hours * HOUR, float(hours))
    assert history.median(7 * DAY) is None
    assert history.slope(7 * DAY) is None
    assert history.median(5 * DAY) == pytest.approx(41.5)


def test_what_is_much_older_than_what_is_asked_for_is_unknown(check, history, now):
    keep(check, now - 3 * DAY, 5.0)
    assert history.at(HOUR) is None
    assert history.at(2 * DAY) == 5.0


def test_the_past_is_the_same_when_single_results_are_gone(check, now):
    for hours in range(7 * 24):
        for step in (0, 20, 40):
            at = now - hours * HOUR - timedelta(minutes=step + 1)
            keep(check, at, float(hours % 24 + step))

    def ask():
        history = CheckHistory(check.pk, PastValues([check.pk], now), now)
        known = (history.at(DAY), history.at(6 * DAY))
        return (*known, history.median(7 * DAY), history.slope(6 * DAY))

    before = ask()
    assert None not in before
    roll_up_results(now=now)
    CheckResult.objects.filter(scheduled_for__lt=now - 48 * HOUR).delete()
    assert ask() == pytest.approx(before)


def test_many_checks_are_asked_together(now, django_assert_num_queries):
    checks = CheckFactory.create_batch(3)
    for n, check in enumerate(checks):
        keep(check, now - 5 * HOUR, float(n))
    roll_up_results(now=now - 2 * HOUR)
    for n, check in enumerate(checks):
        keep(check, now - HOUR, n + 10.0)
    past = PastValues([check.pk for check in checks], now)
    with django_assert_num_queries(5):
        for n, check in enumerate(checks):
            history = CheckHistory(check.pk, past, now)
            for _ in range(2):
                assert history.median(8 * HOUR) == n + 5.0
                assert history.at(2 * HOUR) == n
