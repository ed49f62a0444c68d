"""What two years of history cost a page that shows today."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, median

NEEDS_DATABASE = True
ITEMS, ROUNDS = 60, 25
SHORT, LONG = timedelta(days=1), timedelta(days=730)
NOTE = "each request renders anew; medians, in process, through the whole middleware"


@contextmanager
def _counting() -> Iterator[Any]:
    from django.db import connection  # noqa: PLC0415 -- needs settings
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- needs settings

    with CaptureQueriesContext(connection) as queries:
        yield queries


def _make(slug: str, since: datetime, now: datetime) -> tuple[int, Any, list[str]]:
    """Make a desk with a past; returns its team, a signed-in client and its pages."""
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
    pages = ["/", f"/checklists/{slug}/", "/checklists/", f"/runs/{run.pk}/"]
    return team.pk, client, pages


def _ask(client: Any, path: str, team: int) -> tuple[float, int]:
    """Return the median milliseconds of a page and its number of queries."""
    from oncall.services.pulse import touch_team  # noqa: PLC0415 -- needs settings

    took = []
    for _ in range(ROUNDS):
        touch_team(team)
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, path
    touch_team(team)
    with _counting() as queries:
        client.get(path)
    return median(took) * 1000, len(queries)


def measure() -> list[Figure]:
    """Ask the same pages of a young portal and of an old one."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    young = _make("young", now - SHORT, now)
    old = _make("old", now - LONG, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    names = ["Today", "the page of a checklist", "the list of checklists", "a run"]
    figures = []
    for name, short, long in zip(names, young[2], old[2], strict=True):
        limit, few = _ask(young[1], short, young[0])
        value, many = _ask(old[1], long, old[0])
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
                value=many,
                unit="",
                limit=few,
                goal="1 x",
            )
        )
    return figures
