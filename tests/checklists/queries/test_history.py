"""What conditions learn of earlier values."""

from datetime import timedelta

import pytest

from checklists.queries.history import CheckHistory
from tests.factories.checklists import CheckFactory, CheckResultFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def check():
    return CheckFactory()


@pytest.fixture
def history(check, now):
    return CheckHistory(check.pk, now)


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
    assert history.median(DAY) == 4.0


def test_the_median_is_over_the_window_without_the_present(check, history, now):
    for hours, value in ((30, 900.0), (3, 1.0), (2, 2.0), (1, 6.0), (0, 700.0)):
        keep(check, now - hours * HOUR, value)
    assert history.median(DAY) == 2.0


def test_in_a_long_window_every_hour_weighs_the_same(check, history, now):
    hour = now.replace(minute=0)
    for days in (1, 2, 3):
        keep(check, hour - days * DAY - 6 * HOUR, 10.0)
    for minute in range(0, 30, 5):
        keep(check, hour - HOUR + timedelta(minutes=minute), 99.0)
    assert history.median(7 * DAY) == 10.0
    assert history.median(HOUR * 3) == 99.0


def test_the_slope_is_a_day(check, history, now):
    for hours in (2, 4, 6):
        keep(check, now - hours * HOUR, 100.0 - hours)
    assert history.slope(DAY) == pytest.approx(24.0)


def test_one_value_has_no_slope(check, history, now):
    keep(check, now - HOUR, 5.0)
    assert history.slope(DAY) is None


def test_each_question_is_asked_once(check, history, now, django_assert_num_queries):
    keep(check, now - HOUR, 5.0)
    with django_assert_num_queries(2):
        for _ in range(3):
            history.median(DAY)
            history.at(HOUR)
