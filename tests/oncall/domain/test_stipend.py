from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.duty_time import DayRules, Kind
from oncall.domain.stipend import Duty, Rates, report_stipends
from tests.oncall.domain.strategies import draw_near, thoroughly, zones_and_changes

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
# Monday 09:00 in Berlin.
MONDAY = datetime(2026, 1, 12, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
RATES = Rates(
    {
        Kind.WEEKDAY: Decimal("2.50"),
        Kind.NIGHT: Decimal(4),
        Kind.WEEKEND: Decimal(5),
        Kind.HOLIDAY: Decimal(10),
    },
    lieu_percent=10,
)


def report(*duties, start=MONDAY, end=MONDAY + WEEK, rates=RATES, holidays=()):
    rules = DayRules(BERLIN, holidays=frozenset(holidays))
    return report_stipends(
        duties, start, end, rules_of=lambda person: rules, rates=rates
    )


def test_a_week_is_split_by_kind_and_paid():
    (line,) = report(Duty("A", "data", MONDAY, None), holidays=[date(2026, 1, 14)])
    assert line.minutes == {
        # Mondays to Fridays without the Wednesday, and the Monday morning after.
        Kind.WEEKDAY: (13 + 3 * 16 + 3) * 60,
        Kind.NIGHT: (2 + 6 + 2 + 6 + 2 + 6 + 2 + 6) * 60,
        Kind.WEEKEND: 48 * 60,
        Kind.HOLIDAY: 24 * 60,
    }
    assert line.total_minutes == 7 * 24 * 60
    assert line.amount == Decimal("2.50") * 64 + 4 * 32 + 5 * 48 + 10 * 24
    assert line.lieu_minutes == 1008


def test_sums_are_rounded_once_and_half_a_cent_goes_up():
    rates = Rates({Kind.WEEKDAY: Decimal("0.30")})
    (line,) = report(Duty("A", "data", MONDAY, MONDAY + MINUTE), rates=rates)
    assert (line.amount, line.lieu_minutes) == (Decimal("0.01"), 0)


def test_shifts_that_follow_one_another_share_the_minute_of_their_edge():
    seam = MONDAY + timedelta(hours=3, seconds=37)
    lines = report(
        Duty("A", "data", MONDAY - WEEK, seam), Duty("B", "data", seam, None)
    )
    assert [line.total_minutes for line in lines] == [180, 7 * 1440 - 180]


def test_time_outside_and_less_than_a_minute_is_no_line():
    assert (
        report(
            Duty("A", "data", MONDAY - WEEK, MONDAY),
            Duty("B", "data", MONDAY + WEEK, None),
            Duty("C", "data", MONDAY, MONDAY + MINUTE / 2),
        )
        == []
    )


def test_each_place_of_a_person_is_a_line():
    lines = report(
        Duty("A", "data", MONDAY, MONDAY + MINUTE),
        Duty("A", "web", MONDAY, MONDAY + MINUTE),
        Duty("A", "data", MONDAY + 5 * MINUTE, MONDAY + 6 * MINUTE),
    )
    assert [(line.place, line.total_minutes) for line in lines] == [
        ("data", 2),
        ("web", 1),
    ]


@thoroughly
@given(zones_and_changes(), st.data())
def test_property_16_the_minutes_are_the_covered_ones_times_the_people(place, data):
    zone, change = place
    change = change.replace(second=0)
    draw_second = st.integers(-9_000, 9_000)
    duties = []
    for person in data.draw(st.lists(st.sampled_from("ABC"), max_size=5)):
        first, last = sorted((data.draw(draw_second), data.draw(draw_second)))
        start, end = (change + timedelta(seconds=each) for each in (first, last))
        duties.append(
            Duty(person, "data", start, data.draw(st.sampled_from((end, None))))
        )
    start = draw_near(data.draw, change, hours=1)
    end = start + data.draw(st.integers(0, 120)) * MINUTE
    rules = DayRules(zone, holidays=frozenset({change.astimezone(zone).date()}))
    lines = report_stipends(
        duties, start, end, rules_of=lambda person: rules, rates=RATES
    )
    # A minute belongs to whoever is on call when it ends.
    covered = sum(
        duty.start < at + MINUTE and (duty.end is None or duty.end >= at + MINUTE)
        for duty in duties
        for at in (start + n * MINUTE for n in range((end - start) // MINUTE))
    )
    assert sum(line.total_minutes for line in lines) == covered
