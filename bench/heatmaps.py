"""What a year of two hundred checklists costs the page that draws all of it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, percentile

NEEDS_DATABASE = True
CHECKLISTS, DAYS, ROUNDS = 200, 365, 40
_KEYS = ("checklist", "version")
NOTE = "whole pages through the whole middleware, in process, rendered anew"
FIRST = "each checklist drawn anew, as when a process is asked for the first time"


def make_past(team: Any, now: datetime) -> None:
    """Write a daily run of each checklist, some late, missed or skipped."""
    from checklists.models import Checklist, ChecklistVersion, Run  # noqa: PLC0415 -- needs settings

    lists = Checklist.objects.bulk_create(
        Checklist(team=team, slug=f"list-{number}", name=f"List {number}")
        for number in range(CHECKLISTS)
    )
    versions = ChecklistVersion.objects.bulk_create(
        ChecklistVersion(checklist=each, number=1, status="published", published_at=now)
        for each in lists
    )
    today = now.replace(hour=9, minute=0, second=0, microsecond=0)
    Run.objects.bulk_create(
        _make_run(versions[0], today - timedelta(days=day)) for day in range(DAYS)
    )
    _copy_runs(versions[0], versions[-1])


def _make_run(version: Any, due: datetime) -> Any:
    from checklists.models import Run  # noqa: PLC0415 -- needs settings

    return Run(
        team_id=version.checklist.team_id,
        checklist_id=version.checklist_id,
        version=version,
        period_key=due.date().isoformat(),
        period_start_on=due.date(),
        period_end_on=due.date(),
        opens_at=due - timedelta(hours=4),
        due_at=due,
        grace_until=due,
        closes_at=due,
        state="closed",
        outcome="completed",
        closed_at=due,
    )


def _copy_runs(first: Any, last: Any) -> None:
    """Give the other checklists the runs of the first, each with fates of its own."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    from checklists.models import Run  # noqa: PLC0415 -- needs settings

    told = {
        "checklist_id": "checklist_id",
        "version_id": "version_id",
        "outcome": "CASE WHEN fate IN (1, 2) THEN 'missed'"
        " WHEN fate = 3 THEN 'skipped' ELSE outcome END",
        "cause": "CASE WHEN fate = 2 THEN 'system' ELSE cause END",
        "missed_at": "CASE WHEN fate < 3 THEN due_at END",
    }
    columns = [each.column for each in Run._meta.concrete_fields[1:]]
    kept = ", ".join(f"run.{name}" for name in columns if name[:-3] not in _KEYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO checklists_run ({', '.join(columns)})"  # noqa: S608 -- names of ours
            f" SELECT {', '.join(told.get(name, name) for name in columns)} FROM ("
            f" SELECT {kept}, version.id AS version_id, version.checklist_id,"
            " MOD(run.id * (MOD(version.id, 37) + 1) + 7 * version.id, 40) AS fate"
            " FROM checklists_run AS run, checklists_checklistversion AS version"
            " WHERE version.id > %s AND version.id <= %s) AS runs",
            [first.pk, last.pk],
        )


def measure() -> list[Figure]:
    """Ask for the history of all; the limit is the same page of a month."""
    from django.db import connection  # noqa: PLC0415 -- needs settings
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench import desk  # noqa: PLC0415 -- needs settings
    from checklists.views.history import draw_past  # noqa: PLC0415 -- needs settings
    from oncall.services.pulse import touch_team  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    team, user = desk.make_team()
    make_past(team, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.cookies.load(desk.sign_in(user))

    def ask(path: str, *, is_first: bool = False) -> tuple[float, float]:
        touch_team(team.pk)
        if is_first:
            draw_past.cache_clear()
        began, spent = time.perf_counter(), time.process_time()
        answer = client.get(path)
        spent, took = time.process_time() - spent, time.perf_counter() - began
        assert answer.content.count(b'class="year"') == CHECKLISTS, path
        return took * 1000, spent * 1000

    rounds = [
        (
            ask("/history/?days=30", is_first=True),
            ask("/history/", is_first=True),
            ask("/history/"),
        )
        for _ in range(ROUNDS)
    ]
    month, first, again = (
        list(zip(*each, strict=True)) for each in zip(*rounds, strict=True)
    )
    whole = f"heatmap of {CHECKLISTS} checklists x {DAYS} days"
    return [
        _compare(f"{whole}: p95", again[0], month[0], goal="150 ms", note=NOTE),
        _compare("the same in CPU of the process: p95", again[1], month[1]),
        _compare("the first time: p95", first[0], month[0], note=FIRST),
        _compare("the first time in CPU: p95", first[1], month[1]),
    ]


def _compare(
    what: str, year: Any, month: Any, *, goal: str = "", note: str = ""
) -> Figure:
    return Figure(
        what=what,
        value=percentile(year, 95),
        unit="ms",
        limit=percentile(month, 95),
        limit_is="the same page of 30 days, the first time",
        goal=goal,
        note=note,
    )
