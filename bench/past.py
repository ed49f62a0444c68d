"""What a month of checks takes: room in the database, and time for its chart.

Measured on rows of the real tables, then multiplied: 1,000 checks a minute leave
2.88 million single results in 48 hours and 30,000 packed days in a month.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, percentile

NEEDS_DATABASE = True
CHECKS, DAYS, SEED = 10, 30, 6
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STEP = timedelta(hours=4)
RESULTS = 1000 * 48 * 60
ROUNDS = 60
ROOM = (
    f"extrapolated from {CHECKS} checks over {DAYS} days whose value and latency never "
    "repeat; with all indexes; compressed as stored"
)


def measure() -> list[Figure]:
    """Fill the tables, weigh them, and draw."""
    now = datetime.now(UTC)
    checks = _make_checks()
    _write_results(checks, now)
    _write_days(checks, now)
    from django.db import connection  # noqa: PLC0415 -- needs settings

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    a_result = _weigh("checklists_checkresult") / (CHECKS * 48 * 60)
    a_day = _weigh("checklists_checkday") / (CHECKS * (DAYS + 1))
    results, days = a_result * RESULTS / 1e9, a_day * 1000 * DAYS / 1e9
    return [
        Figure(what="one single result", value=a_result, unit="bytes", note=ROOM),
        Figure(what="one packed day of a check", value=a_day, unit="bytes"),
        Figure(what="single results of 48 h", value=results, unit="GB"),
        Figure(what="packed days of 30 d", value=days, unit="GB"),
        Figure(
            what="1,000 checks a minute for 30 d",
            value=results + days,
            unit="GB",
            goal="1 GB",
        ),
        *_measure_charts(checks[0], now),
    ]


def _make_checks() -> list[Any]:
    from tests.factories.checklists import CheckFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import ServiceFactory  # noqa: PLC0415 -- needs settings

    service = ServiceFactory()
    checks: list[Any] = CheckFactory.create_batch(
        CHECKS, service=service, unit="ms", condition="value < 100ms"
    )
    return checks


def _write_results(checks: list[Any], now: datetime) -> None:
    from checklists.models import CheckResult  # noqa: PLC0415 -- needs settings
    from checklists.services.recording import spec_hash  # noqa: PLC0415 -- needs settings

    chance = random.Random(SEED)  # noqa: S311 -- no secret
    for check in checks:
        CheckResult.objects.bulk_create(
            CheckResult(
                check_ref=check,
                scheduled_for=now - step * MINUTE,
                observed_at=now - step * MINUTE,
                outcome="pass",
                value=chance.gauss(40, 10),
                threshold="100.0",
                latency_ms=chance.gauss(20, 4),
                summary=f"{chance.gauss(40, 10):.4g} ms < 100 ms",
                detail="HTTP 200, 512 bytes",
                spec_hash=spec_hash(check),
            )
            for step in range(48 * 60)
        )


def _write_days(checks: list[Any], now: datetime) -> None:
    """Pack days as the sweep does, through the same functions."""
    from checklists.domain.observation import Outcome  # noqa: PLC0415 -- needs settings
    from checklists.domain.packing import pack_day  # noqa: PLC0415 -- needs settings
    from checklists.domain.rollup import (  # noqa: PLC0415 -- needs settings
        FIVE_MINUTES,
        HOUR,
        Look,
        roll_up,
        start_of_step,
    )
    from checklists.models import Check, CheckDay  # noqa: PLC0415 -- needs settings

    chance = random.Random(SEED)  # noqa: S311 -- no secret
    today = start_of_step(now, DAY)
    for check in checks:
        for age in range(DAYS + 1):
            day = today - age * DAY
            looks = [
                Look(
                    day + n * MINUTE,
                    Outcome.PASS,
                    chance.gauss(40, 10),
                    chance.gauss(20, 4),
                )
                for n in range(24 * 60)
            ]
            CheckDay.objects.create(
                check_ref=check,
                on=day.date(),
                hours=pack_day(roll_up(looks, HOUR), day, HOUR),
                fives=pack_day(
                    roll_up(looks, FIVE_MINUTES), day, FIVE_MINUTES, width=4
                ),
            )
    Check.objects.update(rolled_until=start_of_step(now, HOUR))


def _weigh(table: str) -> int:
    from django.db import connection  # noqa: PLC0415 -- needs settings

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return int(cursor.fetchone()[0])


def _measure_charts(check: Any, now: datetime) -> list[Figure]:
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench import desk  # noqa: PLC0415 -- needs settings
    from checklists.domain.rollup import start_of_step  # noqa: PLC0415 -- needs settings
    from checklists.models import Check  # noqa: PLC0415 -- needs settings
    from checklists.queries.check_past import read_buckets  # noqa: PLC0415 -- needs settings
    from checklists.views.check_past import past_of  # noqa: PLC0415 -- needs settings
    from oncall.models import Role  # noqa: PLC0415 -- needs settings
    from opsportal.kit.past_chart import Frame, Step, draw_past_chart  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import UserFactory  # noqa: PLC0415 -- needs settings

    user = UserFactory(team=check.service.team, team__role=Role.MANAGER)
    client = Client(headers={"host": "localhost"})
    client.cookies.load(desk.sign_in(user))
    read = Check.objects.prefetch_related("service__severities").get(pk=check.pk)

    def ask(span: str) -> None:
        answer = client.get(f"/checks/{check.pk}/?span={span}")
        assert answer.status_code == 200

    draw_note = "both charts of the page, value and latency, read and drawn, in process"
    page_note = "the whole page, through the whole middleware, in process"
    start = start_of_step(now - DAYS * DAY, STEP)

    def draw_one() -> None:
        buckets = read_buckets(read.pk, start, now, STEP)
        steps = [
            Step(each.starts_at, each.value.least, each.value.mean, each.value.greatest)
            for each in buckets
            if each.value
        ]
        assert "<svg" in draw_past_chart(steps, frame)

    frame = Frame(
        start=start,
        end=now,
        step=STEP,
        gap=1.5 * STEP,
        zone=UTC,
        words="Value",
        unit="ms",
        limits=(100.0,),
    )
    figures = [
        Figure(
            what="one chart of 30 days, p95",
            value=_p95(draw_one),
            unit="ms",
            goal="50 ms",
            note="the values of a check, read and drawn, in process",
        ),
        Figure(
            what="the same in CPU of the process",
            value=_p95(draw_one, clock=time.process_time),
            unit="ms",
        ),
        Figure(
            what="both charts of the page, p95",
            value=_p95(lambda: past_of(read, "month", now)),
            unit="ms",
            note=draw_note,
        ),
        Figure(
            what="both in CPU of the process",
            value=_p95(lambda: past_of(read, "month", now), clock=time.process_time),
            unit="ms",
        ),
    ]
    for span, words in (
        ("day", "24 hours"),
        ("month", "30 days"),
        ("years", "2 years"),
    ):
        figures.append(
            Figure(
                what=f"the page of a check, {words}, p95",
                value=_p95(lambda span=span: ask(span)),  # type: ignore[misc]
                unit="ms",
                note=page_note,
            )
        )
    return figures


def _p95(
    act: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    act()
    took = []
    for _ in range(ROUNDS):
        began = clock()
        act()
        took.append((clock() - began) * 1000)
    return percentile(took, 95)
