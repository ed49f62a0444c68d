"""Uptime out of confirmed changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checklists.domain.downtime import Span
from checklists.queries.uptime import (
    DayUptime,
    days_of,
    downtime_of,
    spans_by_check,
    watched_since,
)
from tests.factories.checklists import CheckFactory, CheckFlipFactory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def flip(check, at, status):
    CheckFlipFactory(check_ref=check, at=at, new_status=status)


def test_failing_time_lies_between_flips(now):
    check = CheckFactory()
    flip(check, now - 5 * HOUR, "fail")
    flip(check, now - 3 * HOUR, "pass")
    flip(check, now - HOUR, "fail")
    assert downtime_of(check, now - DAY, now) == 3 * HOUR


def test_what_failed_before_the_window_fails_into_it(now):
    check = CheckFactory()
    flip(check, now - 3 * DAY, "pass")
    flip(check, now - 2 * DAY, "fail")
    assert downtime_of(check, now - DAY, now - 6 * HOUR) == 18 * HOUR


def test_unknown_is_not_failing(now):
    check = CheckFactory()
    flip(check, now - 5 * HOUR, "fail")
    flip(check, now - 4 * HOUR, "unknown")
    assert downtime_of(check, now - DAY, now) == HOUR


def test_many_checks_take_two_questions(now, django_assert_num_queries):
    checks = CheckFactory.create_batch(3)
    for check in checks:
        flip(check, now - HOUR, "fail")
    with django_assert_num_queries(2):
        spans = spans_by_check([check.pk for check in checks], now - DAY, now)
    assert set(spans) == {check.pk for check in checks}
    assert all(found == [Span(now - HOUR, now)] for found in spans.values())


def test_watching_began_with_the_first_flip(now):
    check = CheckFactory()
    assert watched_since(check.pk) is None
    flip(check, now - HOUR, "pass")
    flip(check, now - 2 * HOUR, "unknown")
    assert watched_since(check.pk) == now - 2 * HOUR


def test_days_are_local_and_begin_with_watching():
    now = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    since = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
    spans = [Span(since + HOUR, since + 13 * HOUR)]
    days = days_of(spans, zone=BERLIN, since=since, first_on=date(2026, 3, 27), now=now)
    assert days == [
        DayUptime(date(2026, 3, 27), timedelta(), timedelta()),
        DayUptime(date(2026, 3, 28), 11 * HOUR, 12 * HOUR),
        # The clock jumped from 02:00 to 03:00: fourteen on its face, 13 hours.
        DayUptime(date(2026, 3, 29), HOUR, 13 * HOUR),
    ]
    assert days[0].percent is None
    assert days[1].percent == pytest.approx(100 / 12)
