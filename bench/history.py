"""What two years of history cost a page that shows today."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, median

NEEDS_DATABASE = True
ITEMS, ROUNDS = 60, 25
SHORT, LONG = timedelta(days=1), timedelta(days=730)
NOTE = "each request renders anew; medians, in process, through the whole middleware"


@dataclass(frozen=True, slots=True)
class Desk:
    """A team, a browser of one of its people, and the pages to ask."""

    team: int
    client: Any
    pages: tuple[str, ...]

    def ask(self, path: str) -> float:
        """Return the milliseconds of a page that changed just before."""
        from oncall.services.pulse import touch_team  # noqa: PLC0415 -- needs settings

        touch_team(self.team)
        began = time.perf_counter()
        answer = self.client.get(path)
        took = time.perf_counter() - began
        assert answer.status_code == 200, path
        return took * 1000

    def count(self, path: str) -> int:
        """Return the number of queries of a page that changed just before."""
        from django.db import connection  # noqa: PLC0415 -- needs settings
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- needs settings

        with CaptureQueriesContext(connection) as queries:
            self.ask(path)
        return len(queries) - 1  # without the change itself


def make_desk(slug: str, since: datetime, now: datetime) -> Desk:
    """Make a team that has done its checklist since a moment."""
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench import desk  # noqa: PLC0415 -- needs settings
    from checklists.models import CheckFlip  # noqa: PLC0415 -- needs settings

    team, user = desk.make_team()
    checklist = desk.make_checklist(team, slug, ITEMS, since=since)
    desk.open_until(now)
    checks = checklist.service.checks.all()
    # Each check failed for an hour every tenth day.
    CheckFlip.objects.bulk_create(
        CheckFlip(check_ref=check, at=at, old_status=old, new_status=new)
        for check in checks
        for day in range(0, (now - since).days, 10)
        for at, old, new in (
            (since + timedelta(days=day), "pass", "fail"),
            (since + timedelta(days=day, hours=1), "fail", "pass"),
        )
    )
    desk.read_checks(now)
    client = Client(headers={"host": "localhost"})
    client.cookies.load(desk.sign_in(user))
    run = desk.todays_run(checklist)
    pages = ("/", f"/checklists/{slug}/", "/checklists/", f"/runs/{run.pk}/")
    return Desk(team.pk, client, pages)


def measure() -> list[Figure]:
    """Ask the same pages of a young portal and of an old one."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    young = make_desk("young", now - SHORT, now)
    old = make_desk("old", now - LONG, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    names = ["Today", "the page of a checklist", "the list of checklists", "a run"]
    figures = []
    for name, short, long in zip(names, young.pages, old.pages, strict=True):
        # In turns, so that what else the machine does falls on both.
        pairs = [(young.ask(short), old.ask(long)) for _ in range(ROUNDS)]
        limit, value = (median(column) for column in zip(*pairs, strict=True))
        figures.append(
            Figure(
                what=f"{name}, two years",
                value=value,
                unit="ms",
                limit=limit,
                limit_is="the same page with one day of history",
                goal="1.3 x",
                note=NOTE,
            )
        )
        figures.append(
            Figure(
                what=f"{name}: queries",
                value=old.count(long),
                unit="",
                limit=young.count(short),
                goal="1 x",
            )
        )
    return figures
