import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.domain.pace import Unit
from oncall.domain.planner import Leave, PlanWish, make_plan
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Rotation, RotationVersion, Schedule, ScheduleError
from tests.oncall.domain.strategies import PROFILE

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime.fromisoformat("2026-01-05T09:00")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
EXAMPLES = {"ci": 60, "nightly": 2_000}.get(PROFILE, 2)


def wish(people=4, weeks=52, **more):
    names = tuple("ABCDEFGHIJKLMNOP"[:people])
    return PlanWish(names, FIRST, weeks, BERLIN, **more)


def a_year(people, chance, *, has_secondary=False):
    """A wish with ten holidays, and five weeks away for each person.

    Enough people are always there: otherwise no plan could be without a clash.
    """
    names = wish(people).people
    away = {week: set() for week in range(-1, 54)}
    leaves = []
    for name in names:
        left = 5
        for _ in range(200):
            length = chance.choice((1, 1, 2, 3))
            week = chance.randrange(52)
            stretch = range(week - 1, week + length + 1)
            if length <= left and all(
                len(away[at] | {name}) <= people - 3 for at in stretch if at in away
            ):
                for at in range(week, min(week + length, 53)):
                    away[at].add(name)
                begin = START + week * WEEK
                leaves.append(Leave(name, begin, begin + length * WEEK))
                left -= length
    days = chance.sample(range(364), 10)
    holidays = frozenset((FIRST + day * DAY).date() for day in days)
    return wish(
        people,
        absences=tuple(leaves),
        holidays=dict.fromkeys(names, holidays),
        has_secondary=has_secondary,
    )


def apart(values):
    return max(values) - min(values)


@settings(max_examples=EXAMPLES)
@given(st.integers(4, 12), st.integers(0, 10**6), st.booleans())
def test_a_year_is_shared_fairly_and_clashes_with_no_absence(people, seed, both):
    plan = make_plan(a_year(people, chance(seed), has_secondary=both))
    assert plan.spread <= 0.05
    assert apart([share.weekends for share in plan.shares]) <= 1
    assert apart([share.holidays for share in plan.shares]) <= 1
    if people >= 5:
        assert plan.clashes == ()
    assert sum((share.time for share in plan.shares), timedelta()) == 364 * DAY


def chance(seed):
    return random.Random(seed)  # noqa: S311 -- the same story every time


def test_the_same_wish_gives_the_same_plan():
    first, second = (make_plan(a_year(7, chance(3))) for _ in range(2))
    assert first == second


def test_four_people_take_thirteen_whole_weeks_each_and_never_two_in_a_row():
    plan = make_plan(wish())
    assert plan.unit is Unit.WEEK
    assert len(plan.members) == 52
    assert all(one != other for one, other in pairwise(plan.members))
    assert {plan.members.count(person) for person in "ABCD"} == {13}
    assert plan.stretches[0] == ("A", START, START + WEEK)


def test_weeks_that_do_not_divide_are_cut_unless_they_must_be_whole():
    cut = make_plan(wish(12))
    assert (cut.unit, len(cut.members)) == (Unit.DAY, 364)
    whole = make_plan(wish(12, whole_weeks=True))
    assert (whole.unit, len(whole.members)) == (Unit.WEEK, 52)
    assert whole.spread > 0.05 >= cut.spread


def test_what_cannot_be_avoided_is_named():
    away = tuple(Leave(who, START + DAY, START + 2 * DAY) for who in "ABCD")
    plan = make_plan(wish(weeks=4, absences=away, whole_weeks=True))
    (clash,) = plan.clashes
    assert (clash.start, clash.end) == (START + DAY, START + 2 * DAY)
    assert not clash.is_secondary


def test_a_week_that_nobody_can_serve_whole_is_shared_by_days():
    away = [
        Leave(who, START + DAY * day, START + DAY * day + DAY / 2)
        for day, who in enumerate("ABCDE")
    ]
    plan = make_plan(wish(5, weeks=6, absences=tuple(away)))
    assert plan.clashes == ()
    assert plan.stretches[0].end < START + WEEK


def test_the_next_of_the_order_is_secondary_and_is_there_as_well():
    away = (Leave("B", START, START + 3 * WEEK),)
    plan = make_plan(wish(weeks=8, absences=away, has_secondary=True))
    assert plan.clashes == ()
    version = RotationVersion(START, FIRST, plan.unit, plan.members, concurrency=2)
    rotation = Rotation("r", (version,), ("primary", "secondary"))
    parts = timeline(Schedule(BERLIN, (rotation,)), START, START + 3 * WEEK)
    assert "B" not in {part.user for part in parts}
    seconds = {share.person: share.secondary for share in plan.shares}
    assert sum(seconds.values(), timedelta()) == 8 * WEEK
    assert not any(share.secondary for share in make_plan(wish()).shares)


def test_a_plan_is_what_the_rotation_of_its_members_says():
    plan = make_plan(a_year(7, chance(1)))
    version = RotationVersion(START, FIRST, plan.unit, plan.members)
    schedule = Schedule(BERLIN, (Rotation("r", (version,)),))
    parts = timeline(schedule, START, plan.stretches[-1].end)
    assert [(part.user, part.start, part.end) for part in parts] == list(plan.stretches)


@pytest.mark.parametrize(
    ("people", "weeks", "field"),
    [(1, 52, "people"), (0, 52, "people"), (4, 0, "weeks"), (4, 105, "weeks")],
)
def test_too_few_and_too_many_are_refused(people, weeks, field):
    with pytest.raises(ScheduleError) as caught:
        make_plan(wish(people, weeks))
    assert caught.value.field == field


def test_a_person_named_twice_is_refused():
    twice = PlanWish(("A", "B", "A"), FIRST, 4, BERLIN)
    with pytest.raises(ScheduleError, match="different"):
        make_plan(twice)
