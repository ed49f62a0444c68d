"""A hundred people declare at once through the API, and a day goes on to 1,200."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure
from bench.load import Visitor, serving

NEEDS_DATABASE = True
AT_ONCE, A_DAY, CONNECTIONS = 100, 1_200, 20
NOTE = (
    "each by the API of the real server, with 2 workers; numbers are counted at the end"
)


@dataclass
class Declarer(Visitor):
    """One connection that declares one incident after another."""

    token: str = ""
    bodies: Iterator[bytes] = field(default_factory=lambda: iter(()))

    async def get(self) -> None:
        body = next(self.bodies)
        lines = (
            "POST /api/v1/incidents HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, _, rest = head.lower().partition(b"content-length: ")
        await self._reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
        self.statuses.append(int(head[9:12]))


def measure() -> list[Figure]:
    """Declare, and look for gaps, doubles and refusals."""
    token, slug = _make_declarer()
    with serving("opsportal.supervisor.roles", "web") as server:
        port = server.port
        at_once = asyncio.run(_declare(port, token, slug, AT_ONCE, AT_ONCE))
        first = _count_wrong(AT_ONCE)
        rest = asyncio.run(_declare(port, token, slug, A_DAY - AT_ONCE, CONNECTIONS))
    return [
        Figure(
            what=f"{AT_ONCE} declarations at one moment: all answered after",
            value=at_once,
            unit="s",
            note=NOTE,
        ),
        Figure(
            what=f"numbers 001 to {AT_ONCE} that are missing or double",
            value=first,
            unit="numbers",
            goal="0",
        ),
        Figure(
            what=f"the rest of {A_DAY} in a day, {CONNECTIONS} at a time",
            value=rest,
            unit="s",
        ),
        Figure(
            what=f"numbers 001 to {A_DAY} that are missing or double",
            value=_count_wrong(A_DAY),
            unit="numbers",
            goal="0",
        ),
    ]


async def _declare(port: int, token: str, slug: str, count: int, hands: int) -> float:
    said = {"title": "API down", "services": [slug], "severity": "P1"}
    bodies = iter([json.dumps(said).encode()] * count)
    visitors = [Declarer(port, token=token, bodies=bodies) for _ in range(hands)]
    for visitor in visitors:
        await visitor.open()
    began = time.perf_counter()

    async def ask(visitor: Declarer) -> None:
        for _ in range(count // hands):
            await visitor.get()

    await asyncio.gather(*(ask(each) for each in visitors))
    took = time.perf_counter() - began
    for visitor in visitors:
        visitor.close()
    refused = {status for each in visitors for status in each.statuses} - {201}
    assert not refused, f"answers {refused}"
    return took


def _make_declarer() -> tuple[str, str]:
    from oncall.services.tokens import create_token  # noqa: PLC0415 -- needs settings
    from tests.factories.incidents import SeverityLevelFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import UserFactory  # noqa: PLC0415 -- needs settings

    service: Any = SeverityLevelFactory(label="P1", level=1).service
    _, token = create_token(
        UserFactory(team=service.team),
        name="bench",
        scopes=["read", "respond"],
        team=None,
        lifetime=timedelta(days=1),
        now=datetime.now(UTC),
    )
    return token, service.slug


def _count_wrong(count: int) -> int:
    """Return how many of the numbers 1 to ``count`` are not there exactly once."""
    from incidents.domain.reference import parse_reference  # noqa: PLC0415 -- needs settings
    from incidents.models import Incident  # noqa: PLC0415 -- needs settings

    by_day: dict[Any, list[int]] = {}
    for ref in Incident.objects.values_list("ref", flat=True):
        on, number = parse_reference(ref)
        by_day.setdefault(on, []).append(number)
    # A run over midnight UTC begins anew: each day counts by itself.
    wrong = sum(
        len(set(range(1, len(found) + 1)) ^ set(found)) for found in by_day.values()
    )
    return wrong + abs(count - sum(map(len, by_day.values())))
