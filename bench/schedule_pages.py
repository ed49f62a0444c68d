"""What the pages of on call cost with 200 schedules beside one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, median, percentile

NEEDS_DATABASE = True
SCHEDULES, PEOPLE, OVERRIDES, ROUNDS = 200, 6, 10, 30
NOTE = (
    "in process, through the whole middleware; each schedule has a weekly rotation of "
    f"{PEOPLE} in two roles and {OVERRIDES} overrides; first: nothing is kept yet"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A browser of one person, and the short name of one schedule of theirs."""

    client: Any
    slug: str

    def ask(self, path: str, *, is_first: bool = False) -> float:
        """Return the milliseconds of a page."""
        from django.core.cache import caches  # noqa: PLC0415 -- needs settings

        if is_first:
            caches["fragments"].clear()
        began = time.perf_counter()
        answer = self.client.get(path)
        took = time.perf_counter() - began
        assert answer.status_code == 200, path
        return took * 1000

    def count(self, path: str) -> int:
        """Return the number of queries of a page of which nothing is kept."""
        from django.db import connection  # noqa: PLC0415 -- needs settings
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- needs settings

        with CaptureQueriesContext(connection) as queries:
            self.ask(path, is_first=True)
        return len(queries)


def make_desk(schedules: int, now: datetime) -> Desk:
    """Make a team with so many schedules."""
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench import desk  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import (  # noqa: PLC0415 -- needs settings
        ContactMethodFactory,
        OverrideFactory,
        make_weekly_schedule,
    )

    team, user = desk.make_team()
    made = [make_weekly_schedule(team, people=PEOPLE) for _ in range(schedules)]
    for schedule in made:
        for person in schedule.people:
            ContactMethodFactory(user=person)
        for number in range(OVERRIDES):
            start = now + timedelta(days=3 * number - 6)
            OverrideFactory(
                schedule=schedule,
                add_user=schedule.people[number % PEOPLE],
                takes_role=True,
                starts_at=start,
                ends_at=start + timedelta(hours=8),
                created_at=now - timedelta(days=30),
            )
    client = Client(headers={"host": "localhost"})
    client.cookies.load(desk.sign_in(user))
    return Desk(client, made[0].slug)


def measure() -> list[Figure]:
    """Ask the same pages of a team with one schedule and of one with 200."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    small, large = make_desk(1, now), make_desk(SCHEDULES, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    month = "/oncall/{}/?range=month"
    figures = []
    for what, path, is_first, goal in (
        ("a schedule's month", month, False, "150 ms"),
        ("a schedule's month, first", month, True, ""),
        ("a schedule's quarter", "/oncall/{}/?range=quarter", False, "150 ms"),
        ("my shifts", "/oncall/mine/", False, ""),
        (f"the board of {SCHEDULES}", "/oncall/", False, ""),
    ):
        few, many = path.format(small.slug), path.format(large.slug)
        for each, address in ((small, few), (large, many)):
            each.ask(address, is_first=True)
        # In turns, so that what else the machine does falls on both.
        pairs = [
            (small.ask(few, is_first=is_first), large.ask(many, is_first=is_first))
            for _ in range(ROUNDS)
        ]
        limit, value = zip(*pairs, strict=True)
        figures.append(
            Figure(
                what=f"{what}: p95",
                value=percentile(value, 95),
                unit="ms",
                limit=median(limit),
                limit_is="the median of the same page with one schedule",
                goal=goal,
                note=NOTE,
            )
        )
        figures.append(
            Figure(
                what=f"{what}: queries",
                value=large.count(many),
                unit="",
                limit=small.count(few),
                goal="1 x",
            )
        )
    return figures
