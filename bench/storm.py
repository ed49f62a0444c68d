"""A storm of alerts on the real clock: who is told, how soon, and what is lost."""

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, percentile

if TYPE_CHECKING:
    from bench.paging import Place, Stream

NEEDS_DATABASE = True
# Five thousand a minute and a few more, on services of one team.
A_SECOND, SERVICES = 84, 4
HEALTHY, MINUTES, FEW_MINUTES = 60, 10, 1
# New alerts of other teams, one a second, each with its own service and engineer.
OTHERS = 30
# Pages that wait for their time while the broker and the workers die.
WAITING, WAITING_A_SECOND, DELAY = 600, 15, timedelta(seconds=15)
STRIKE_AT = 20.0
# Whoever is not told after so many seconds never will be.
PATIENCE = 600
# Beat, worker and engine say nothing when they are ready.
SETTLE = 10
NOTE = (
    "from sending to the mail at the engineer's; web, worker, beat and engine are "
    "processes, the clock is real, the sender uses the same cores"
)
FAULT = (
    f"{WAITING} pages, {WAITING_A_SECOND} a second, each to be sent after "
    f"{DELAY.seconds} s; at {STRIKE_AT:.0f} s the broker, which keeps nothing, and all "
    "workers and engines are killed and started again. The naive design is a Celery "
    "task with an ETA, acknowledged late, at the same broker"
)


def measure() -> list[Figure]:
    """Page while all is well, in a storm, and while the broker dies."""
    from bench.paging import make_place  # noqa: PLC0415 -- needs settings

    place = make_place(os.environ["DATABASE_URL"])
    try:
        return _measure_at(place)
    finally:
        place.close()


def _measure_at(place: "Place") -> list[Figure]:
    from bench.paging import Stream, make_services  # noqa: PLC0415 -- needs settings

    _, others = make_services("other", OTHERS, 1, delay=timedelta())
    teams, keys = make_services("storm", 1, SERVICES, delay=timedelta())
    _, waiting = make_services("late", 5, 4, delay=DELAY)
    _make_channel(place, teams[0])
    # One after another: together they would take each other's time to start.
    broker = place.spawn_broker()
    place.spawn_web()
    machines = [broker, place.spawn("beat"), place.spawn("worker")]
    machines.append(place.spawn_engine())
    time.sleep(SETTLE)
    seconds = 60.0 * (FEW_MINUTES if os.environ.get("OPSPORTAL_SMALL") else MINUTES)
    calm, beside, storm = (
        Stream("calm", others),
        Stream("beside", others),
        Stream("storm", keys),
    )
    asyncio.run(calm.flow(place.port, rate=1, seconds=HEALTHY))
    asyncio.run(_blow(place, storm, beside, seconds))
    _wait_until_quiet(place)
    told = place.told_at()
    figures = _say_storm(place, storm, seconds, told, calm, beside)
    return [*figures, *_lose(place, Stream("late", waiting), machines), _check()]


def _make_channel(place: "Place", team: Any) -> None:
    from tests.factories.oncall import ChannelFactory  # noqa: PLC0415 -- needs settings

    ChannelFactory(
        team=team, kind="slack", address=place.slack.url, takes_alerts=True, name="#ops"
    )


async def _blow(
    place: "Place", storm: "Stream", beside: "Stream", seconds: float
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(storm.flow(place.port, rate=A_SECOND, seconds=seconds))
        group.create_task(beside.flow(place.port, rate=1, seconds=seconds))


def _wait_until_quiet(place: "Place") -> None:
    """Return when all that came in is applied, and all mails are sent."""
    from incidents.models import IngestEvent  # noqa: PLC0415 -- needs settings
    from oncall.models import Notification  # noqa: PLC0415 -- needs settings

    inbox = IngestEvent.objects.filter(status=IngestEvent.Status.WAITING)
    moving = Notification.objects.filter(
        state__in=(Notification.State.PENDING, Notification.State.LEASED), channel=None
    )
    place.wait_for(
        "quiet", lambda: not inbox.exists() and not moving.exists(), patience=PATIENCE
    )


def _say_storm(
    place: "Place",
    storm: "Stream",
    seconds: float,
    told: dict[str, list[float]],
    calm: "Stream",
    beside: "Stream",
) -> list[Figure]:
    streams = (storm, calm, beside)
    sent = sum(len(each.sent) for each in streams)
    accepted = sum(each.statuses[202] for each in streams)
    stored = sum(each.count_stored() for each in streams)
    unpaged = sum(len(each.sent) - len(each.waits(told)) for each in (calm, beside))
    in_storm = [*beside.waits(told), *storm.waits(told)]
    minutes = f"{seconds / 60:.0f} min"
    heard = (
        f"{minutes}: {len(storm.sent)} alerts on {SERVICES} services of one team; its "
        f"channel got {len(place.slack.times)} webhooks, its engineer "
        f"{len(storm.waits(told))} pages"
    )
    return [
        _seconds("time to page, healthy, p50", percentile(calm.waits(told), 50)),
        _seconds("time to page, healthy, p99", percentile(calm.waits(told), 99), "3 s"),
        _seconds("time to page in a storm, p50", percentile(in_storm, 50)),
        _seconds("time to page in a storm, p99", percentile(in_storm, 99), "15 s"),
        _seconds("a storm's 51st alert until it is one", _noticed(storm), "5 s"),
        Figure(
            what="webhooks in the fullest sliding minute",
            value=place.slack.fullest_minute(),
            unit="webhooks",
            goal="<= 12",
            note=heard,
        ),
        _count(f"answers that were not 202, of {sent}", sent - accepted),
        _count("alerts accepted and not stored", accepted - stored),
        _count("alerts of other teams that paged nobody", unpaged),
    ]


def _noticed(storm: "Stream") -> float:
    """Return the longest that a service's storm took to be noticed, in seconds."""
    from incidents.models import Storm  # noqa: PLC0415 -- needs settings

    began = list(Storm.objects.order_by("began_at").values_list("began_at", flat=True))
    assert len(began) == SERVICES, f"{len(began)} storms"
    # In turns: so many alerts were sent when the first service had its 51st.
    sent = sorted(storm.sent.values())
    # One begins at the moment of the sweep that read the 51st.
    return max(
        max(0.0, at.timestamp() - sent[50 * SERVICES + number])
        for number, at in enumerate(began)
    )


def _lose(place: "Place", late: "Stream", machines: list[Any]) -> list[Figure]:
    """Kill what can die while pages wait for their time; count who is never told."""
    from bench.paging import TimedHook, count_missing  # noqa: PLC0415 -- needs settings

    receiver = TimedHook()
    machines = [*machines, place.spawn_naive()]
    time.sleep(SETTLE)
    seconds = WAITING / WAITING_A_SECOND
    flow = late.flow(place.port, rate=WAITING_A_SECOND, seconds=seconds)
    with _beside(lambda: asyncio.run(flow)), _beside(_make_naive(place, receiver.url)):
        # Here: who is started by a thread dies with it.
        time.sleep(STRIKE_AT)
        for each in machines:
            each.kill9()
        for each in machines:
            each.start()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and len(late.waits(place.told_at())) < WAITING:
        time.sleep(1)
    # Whoever was to be told has been, or never will be.
    time.sleep(DELAY.seconds)
    told = {key: len(times) for key, times in place.told_at().items()}
    ours = count_missing(late.sent, Counter(told))
    naive = count_missing(
        range(WAITING), Counter(post["number"] for post in receiver.posts)
    )
    receiver.close()
    assert late.statuses[202] == WAITING, late.statuses
    return [
        _count(f"broker and workers die: pages lost, of {WAITING}", ours[0], FAULT),
        Figure(what="pages sent once more", value=ours[1], unit="pages"),
        Figure(what="naive Celery ETA: pages lost", value=naive[0], unit="pages"),
        Figure(what="naive Celery ETA: once more", value=naive[1], unit="pages"),
    ]


@contextmanager
def _beside(act: Callable[[], object]) -> Iterator[None]:
    """Do something meanwhile, and wait for its end."""
    thread = threading.Thread(target=act)
    thread.start()
    yield
    thread.join()


def _make_naive(place: "Place", url: str) -> Callable[[], None]:
    """Return what promises as many pages at the same pace in the naive design."""
    os.environ["REDIS_URL"] = place.environment["REDIS_URL"]
    from kombu.exceptions import OperationalError  # noqa: PLC0415 -- needs settings

    from bench.naive import page  # noqa: PLC0415 -- needs the broker

    def promise() -> None:
        began = time.monotonic()
        for number in range(WAITING):
            due = began + number / WAITING_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            is_taken = False
            while not is_taken:
                # What is not accepted is asked for again.
                with suppress(OperationalError, OSError):
                    eta = datetime.now(UTC) + DELAY
                    page.apply_async((number, url), eta=eta)
                    is_taken = True

    return promise


def _check() -> Figure:
    from opsportal.invariants import find_violations  # noqa: PLC0415 -- needs settings

    found = find_violations(now=datetime.now(UTC))
    return _count(
        "promises broken, as manage.py check_invariants counts them",
        sum(len(rows) for rows in found.values()),
    )


def _seconds(what: str, value: float, goal: str = "") -> Figure:
    return Figure(what=what, value=value, unit="s", goal=goal, note=NOTE)


def _count(what: str, value: int, note: str = "") -> Figure:
    return Figure(what=what, value=value, unit="", goal="0", note=note)
