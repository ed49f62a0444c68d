"""The words of Today."""

from zoneinfo import ZoneInfo

import pytest

from oncall.queries.schedules import BoardRow, OnCallRow, own_first
from opsportal.views.today_words import people_lines, say_percent, say_period, takeable
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-01-14", ""),
        ("2026-W03-1", "week 3"),
        ("2026-01-14/2", "slot 3"),
        ("adhoc-20260114T050000000000Z", "started by hand"),
        ("2026-Q1", "quarter 1"),
        ("2026-01", "January"),
        ("2026", "year 2026"),
    ],
)
def test_a_period_says_what_its_due_time_does_not(key, words):
    assert say_period(key) == words


@pytest.mark.parametrize(
    ("percent", "words"),
    [(None, "no data"), (100.0, "100%"), (99.999, "99.99%"), (0.0, "0.00%")],
)
def test_what_was_not_always_up_is_never_100(percent, words):
    assert say_percent(percent) == words


def row(team, name, on_call=(), people=()):
    return BoardRow(
        schedule_id=hash((team, name)),
        slug=name,
        name=name,
        team_id=hash(team),
        team_name=team,
        time_zone="America/New_York",
        on_call=[
            OnCallRow("primary", user, f"Engineer {user}", "", NOW) for user in on_call
        ],
        missing_roles=[],
        handoff=None,
        gaps=[],
        unreachable=[],
        people=frozenset(people),
    )


def test_people_are_told_by_team_and_on_the_viewer_s_clock():
    rows = [
        row("Energy", "day", on_call=[1]),
        row("Energy", "night"),
        row("Platform", "all", on_call=[2]),
    ]
    lines = people_lines(rows, NOW, ZoneInfo("Europe/Berlin"))
    assert [(line.sub, line.right) for line in lines] == [
        ("Primary · day", "until 11:30"),
        ("Primary · Platform", "until 11:30"),
    ]


def test_the_first_schedule_can_be_taken_by_those_who_work_there_and_have_it_not():
    first = row("Energy", "day", on_call=[1])
    workable = frozenset({first.team_id})
    assert takeable([first], 2, workable) == "day"
    assert takeable([first], 1, workable) == ""
    assert takeable([first], 2, frozenset()) == ""
    assert takeable([], 2, workable) == ""


def test_one_s_own_teams_and_therein_one_s_own_schedules_come_first():
    board = [
        row("Alpha", "a"),
        row("Beta", "b"),
        row("Beta", "c", people=[7]),
        row("Gamma", "d", people=[7]),
    ]
    mine = [hash("Beta"), hash("Gamma")]
    assert [each.slug for each in own_first(board, 7, mine)] == ["c", "d", "b", "a"]
