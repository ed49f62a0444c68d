"""The operations report of a month."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from incidents.domain import monthly_report as monthly
from incidents.domain.incident_metrics import Story, spread, time_to_resolve
from incidents.domain.monthly_report import Kept, MonthFacts

ZONE = ZoneInfo("Europe/Berlin")
BEGAN = datetime(2026, 10, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def facts(**more) -> MonthFacts:
    said = {
        "team": "Platform",
        "month": date(2026, 10, 1),
        "stories": (),
        "measures": (("Time to resolve", None),),
        "levels": (),
        "people": (),
        "pages": ((date(2026, 9, 28), 0), (date(2026, 10, 5), 1)),
        "actions_written": 2,
        "actions_done": 1,
        "actions_overdue": 0,
        "postmortems_owed": 1,
    }
    return MonthFacts(**said | more)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", date(2026, 10, 1)),
        ("2026-13", None),
        ("1026-01", None),
        ("26-01", None),
        ("now", None),
    ],
)
def test_reading_a_month(text, month):
    assert monthly.read_month(text) == month


def test_a_month_ends_where_the_next_begins_whatever_the_clock_does():
    start, end = monthly.bounds_of(date(2026, 10, 1), ZONE)
    assert start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert monthly.month_before(date(2026, 1, 1)) == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 11, 1, 7, tzinfo=UTC), 9),
        (datetime(2026, 11, 1, 8, tzinfo=UTC), 10),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), 10),
    ],
)
def test_it_is_sent_at_nine_on_the_first(now, month):
    assert monthly.month_to_send(now, ZONE) == date(2026, month, 1)


def test_a_quiet_month_is_short():
    document = monthly.write_report(facts())
    assert document.startswith("# Operations of Platform, October 2026\n")
    assert "0 real incidents, 1 page." in document
    assert "|" not in document
    assert "resolved within" not in monthly.say_in_short(facts())
    assert [each.title for each in monthly.draw_pictures(facts())] == [
        "Pages in the week from"
    ]


def kept(name, bad_s):
    return Kept(name=name, target=Decimal("99.90"), bad_s=bad_s, length_s=30 * 86_400)


def test_objectives_are_told_and_drawn_with_what_they_spent():
    good, missed = kept("API", 1_296), kept("Web", 5_184)
    told = facts(objectives=(good, missed))
    document = monthly.write_report(told)
    assert "| API | 99.9 % | 99.95 % | 21.6 min | 50 % |" in document
    assert "| Web | 99.9 % | 99.8 % | 86.4 min | 200 % |" in document
    assert "Missed 1 of 2 objectives: Web 99.8 %." in monthly.say_in_short(told)
    calm = monthly.say_in_short(facts(objectives=(good,)))
    assert "All objectives were kept (1)." in calm
    spent = monthly.draw_pictures(told)[0]
    assert (spent.unit, [round(value) for _, value in spent.rows]) == ("%", [50, 200])
    # A second of a month is never rounded away.
    assert "| 99.999 % |" in monthly.write_report(facts(objectives=(kept("X", 1),)))


def test_a_busy_month_has_its_tables():
    story = Story(
        ref="INC-2026-10-03-001",
        service="A|B",
        severity="P1",
        level=1,
        started_at=BEGAN,
        detected_at=BEGAN,
        declared_at=BEGAN,
        acknowledged_at=None,
        resolved_at=BEGAN + HOUR,
        levels=(),
    )
    going_on = Story(
        **{name: getattr(story, name) for name in Story.__dataclass_fields__}
        | {"resolved_at": None}
    )
    busy = facts(
        stories=(story, going_on),
        measures=(("Time to resolve", spread([time_to_resolve(story)])),),
        levels=(("critical", HOUR),),
        people=(("Engineer A", HOUR / 2, 3),),
    )
    document = monthly.write_report(busy)
    assert "| INC-2026-10-03-001 | A/B | P1 | 2026-10-03 08:00 UTC | 60 |" in document
    assert "| 2026-10-03 08:00 UTC | open |" in document
    assert "| Time to resolve | 60 | 60 | 60 |" in document
    assert "| Critical | 1.0 |" in document
    assert "| Engineer A | 0.5 | 3 |" in document
    assert "within 60 minutes" in monthly.say_in_short(busy)
    lasted = monthly.draw_pictures(busy)[0]
    assert lasted.rows == (("INC-2026-10-03-001", 60.0),)
