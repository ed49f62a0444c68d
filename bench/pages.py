"""What pages cost on the real server, beside a bare Django view on the same one."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.figures import Figure, percentile
from bench.load import Server, Visitor, at_rate, one_by_one, serving

NEEDS_DATABASE = True
COUNT = 50
RATE, SECONDS, CONNECTIONS = 1000, 4.0, 32
LIMIT = (
    "a Django view that says ok, with the default middleware, on granian with 2 workers"
)
NOTE = (
    "server CPU is that of the web workers, without the database; what changed did so "
    "for everybody before each request: the items and readings, or people, alerts and "
    "services as well"
)


def _spend(
    server: Server, visitor: Visitor, before: Callable[[], object] = lambda: None
) -> tuple[float, float]:
    """Return the milliseconds of CPU and of waiting for one request."""
    # Each worker has its own caches to fill and code to load.
    asyncio.run(one_by_one(visitor, 20, before=before))
    cpu, began = server.cpu(), time.perf_counter()
    took: list[float] = []
    # The system counts CPU in hundredths of a second: quick pages need many.
    while time.perf_counter() - began < SECONDS:
        took += asyncio.run(one_by_one(visitor, COUNT, before=before))
    spent = (server.cpu() - cpu) / len(took) * 1000
    return spent, sum(took) / len(took) * 1000


def _race(visitors: list[Visitor]) -> float:
    asyncio.run(at_rate(visitors, rate=100, seconds=1))
    took = asyncio.run(at_rate(visitors, rate=RATE, seconds=SECONDS))
    return percentile(took, 95) * 1000


def _make_desks() -> tuple[int, dict[str, str], str, dict[str, str]]:
    """Return the team and cookies for Today, the path and cookies for a run."""
    from bench import desk  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    team, user = desk.make_team()
    desk.make_checklist(team, "sixty", 60, since=now - desk.DAY)
    other, reader = desk.make_team()
    hundred = desk.make_checklist(other, "hundred", 100, since=now - desk.DAY)
    desk.open_until(now)
    desk.read_checks(now)
    path = f"/runs/{desk.todays_run(hundred).pk}/"
    return team.pk, desk.sign_in(user), path, desk.sign_in(reader)


def measure() -> list[Figure]:
    """Ask the bare view and then the pages, with one connection and with many."""
    # What is done between requests may wait for the database: nothing else runs then.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with serving("bench.bare") as server:
        bare = _spend(server, Visitor(server.port))
        bare_p95 = _race([Visitor(server.port) for _ in range(CONNECTIONS)])
    team, mine, path, others = _make_desks()
    from oncall.services.pulse import (  # noqa: PLC0415 -- needs settings
        touch_runs,
        touch_team,
    )

    with serving("opsportal.supervisor.roles", "web") as server:
        changed = Visitor(server.port, cookies=dict(mine))
        same = Visitor(server.port, cookies=dict(mine), asks_for_news=True)
        run = Visitor(server.port, path, others)
        spent = (
            ("Today, all 60 items changed", changed, lambda: touch_runs(team), "20 x"),
            ("Today, everything changed", changed, lambda: touch_team(team), ""),
            ("Today, unchanged (304)", same, lambda: None, "4 x"),
            ("a run of 100 items", run, lambda: None, ""),
        )
        figures = [
            figure
            for what, visitor, before, goal in spent
            for figure in _compare(what, _spend(server, visitor, before), bare, goal)
        ]
        assert {*changed.statuses, *run.statuses} == {200}
        assert same.statuses.count(304) > len(same.statuses) * 0.9
        many = [
            Visitor(server.port, cookies=dict(mine), asks_for_news=True)
            for _ in range(CONNECTIONS)
        ]
        p95 = _race(many)
        assert {status for each in many for status in each.statuses} <= {200, 304}
    race = Figure(
        what=f"Today, unchanged, {RATE} a second, open loop: p95",
        value=p95,
        unit="ms",
        limit=bare_p95,
        limit_is=LIMIT,
        goal="20 ms",
        note="the load generator runs on the same cores",
    )
    return [*figures, race]


def _compare(
    what: str, ours: tuple[float, float], bare: tuple[float, float], goal: str
) -> list[Figure]:
    kinds = ("server CPU", "answer")
    return [
        Figure(
            what=f"{what}: {kind}",
            value=value,
            unit="ms",
            limit=limit,
            limit_is=LIMIT,
            goal=goal if kind == "server CPU" else "",
            note=NOTE,
        )
        for kind, value, limit in zip(kinds, ours, bare, strict=True)
    ]
