"""Seconds in which eight sweeps at once open 6,000 runs of 60,000 items."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.figures import Figure

NEEDS_DATABASE = True
SWEEPS, CHECKLISTS, PERIODS, ITEMS = 8, 200, 30, 10
NOW = datetime(2026, 1, 14, 5, 0, tzinfo=UTC)
LIMIT = "the same rows by one bulk_create a table, in one process"


def run_together(count: int, act: Callable[[], object]) -> float:
    """Return the seconds in which ``count`` threads have all done ``act``."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    start = threading.Barrier(count + 1)
    errors: list[Exception] = []

    def work() -> None:
        try:
            start.wait()
            act()
        except Exception as error:  # noqa: BLE001 -- raised below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if errors:
        raise errors[0]
    return took


def measure() -> list[Figure]:
    """Open them all, count them, and write the same rows again plainly."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    from checklists.models import Run, RunEvent, RunItem  # noqa: PLC0415 -- needs settings
    from checklists.services.checklists import ItemPlan  # noqa: PLC0415 -- needs settings
    from checklists.services.generation import open_due_runs  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import TeamFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.runs import make_checklist  # noqa: PLC0415 -- needs settings

    team = TeamFactory()
    items = [ItemPlan(text=f"Item {number}") for number in range(ITEMS)]
    for _ in range(CHECKLISTS):
        make_checklist(items, team=team, now=NOW)
    end = NOW + timedelta(days=PERIODS - 1)
    took = run_together(SWEEPS, lambda: open_due_runs(now=end))
    runs, rows = Run.objects.count(), RunItem.objects.count()
    assert (runs, rows) == (CHECKLISTS * PERIODS, CHECKLISTS * PERIODS * ITEMS)

    tables = [list(model.objects.all()) for model in (Run, RunItem, RunEvent)]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE checklists_run CASCADE")
    began = time.perf_counter()
    for table in tables:
        type(table[0]).objects.bulk_create(table, batch_size=1000)
    limit = time.perf_counter() - began
    return [
        Figure(
            what=f"{runs} runs of {rows} items by {SWEEPS} sweeps",
            value=took,
            unit="s",
            limit=limit,
            limit_is=LIMIT,
            goal="10 s",
        )
    ]
