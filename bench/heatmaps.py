"""What a year of two hundred checklists costs the page that draws all of it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, median, percentile

NEEDS_DATABASE = True
CHECKLISTS, DAYS, ROUNDS = 200, 365, 60
NOTE = "each request renders anew, in process, through the whole middleware"


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
        (
            _make_run(version, today - timedelta(days=day), (7 * place + day) % 40)
            for place, version in enumerate(versions)
            for day in range(DAYS)
        ),
        batch_size=2_000,
    )


def _make_run(version: Any, due: datetime, fate: int) -> Any:
    from checklists.models import Run  # noqa: PLC0415 -- needs settings

    outcome = {1: "missed", 2: "missed", 3: "skipped"}.get(fate, "completed")
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
        outcome=outcome,
        cause="system" if fate == 2 else "",
        missed_at=due if fate in {0, 1, 2} else None,
        closed_at=due,
    )


def measure() -> list[Figure]:
    """Ask for the history of all; the limit is the same page with one day of each."""
    from django.db import connection  # noqa: PLC0415 -- needs settings
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench import desk  # noqa: PLC0415 -- needs settings
    from oncall.services.pulse import touch_team  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    team, user = desk.make_team()
    make_past(team, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.cookies.load(desk.sign_in(user))

    def ask(path: str) -> float:
        touch_team(team.pk)
        began = time.perf_counter()
        answer = client.get(path)
        took = time.perf_counter() - began
        assert answer.content.count(b'class="year"') == CHECKLISTS, path
        return took * 1000

    ask("/history/")
    pairs = [(ask("/history/?days=30"), ask("/history/")) for _ in range(ROUNDS)]
    month, year = zip(*pairs, strict=True)
    return [
        Figure(
            what=f"heatmap of {CHECKLISTS} checklists x {DAYS} days: p95",
            value=percentile(year, 95),
            unit="ms",
            limit=percentile(month, 95),
            limit_is="the same page of 30 days",
            goal="150 ms",
            note=NOTE,
        ),
        Figure(
            what="the same: median",
            value=median(year),
            unit="ms",
            limit=median(month),
            limit_is="the same page of 30 days",
            note=NOTE,
        ),
    ]
