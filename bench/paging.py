"""A portal of real processes that pages people by mail, with a clock at both ends."""

import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from bench.ingest import Sender
from bench.load import at_rate
from incidents.models import Alert, Integration
from oncall.models import Role
from oncall.services.policies import assign_services, create_policy
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from opsportal.kit.tokens import hash_token
from tests.factories.incidents import IntegrationFactory
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory
from tests.faults.harness import Proc, World
from tests.oncall.sinks import HttpSink, MailSink
from tests.servers import run_folder

_SEVERITIES = ("critical", "error", "warning", "info")


class TimedMail(MailSink):
    """A mail server that knows when each message arrived."""

    def __init__(self) -> None:
        self.arrived: list[tuple[float, bytes]] = []
        super().__init__()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 -- aiosmtpd calls it so
        self.arrived.append((time.time(), envelope.content))
        return "250 OK"


class TimedHook(HttpSink):
    """A receiver of webhooks that knows when each arrived."""

    def __init__(self) -> None:
        self.times: list[float] = []
        super().__init__()

    def _take(self, body: Any) -> tuple[int, dict[str, str]]:
        self.times.append(time.time())
        answer: tuple[int, dict[str, str]] = super()._take(body)
        return answer

    def fullest_minute(self) -> int:
        """Return how many arrived in the fullest sliding 60 s."""
        times = sorted(self.times)
        return max(
            (sum(at <= each < at + 60 for each in times) for at in times), default=0
        )


class Place(World):
    """A portal as it ships: web, worker, beat and engine, with limits for webhooks."""

    mail: TimedMail
    slack: TimedHook

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mail.close()
        self.slack.close()
        self.mail, self.slack = TimedMail(), TimedHook()
        self.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{self.mail.port}"
        del self.environment["OPSPORTAL_WEBHOOKS_A_MINUTE"]

    def spawn_engine(self) -> Proc:
        return self._start("engine", [sys.executable, "manage.py", "engine"])

    def spawn_naive(self) -> Proc:
        """Start a worker of the naive design at the same broker."""
        command = ["-m", "celery", "-A", "bench.naive", "worker", "-c", "2"]
        quiet = ["-l", "ERROR", "--without-mingle", "--without-gossip"]
        return self._start("naive", [sys.executable, *command, *quiet])

    def told_at(self) -> dict[str, list[float]]:
        """Return when mails about each alert arrived, by its dedup key."""
        found: dict[int, list[float]] = {}
        for at, content in self.mail.arrived:
            for pk in set(re.findall(r"/alerts/(\d+)/", _read(content))):
                found.setdefault(int(pk), []).append(at)
        rows = Alert.objects.filter(pk__in=found)
        names = dict(rows.values_list("pk", "series__dedup_key"))
        return {names[pk]: times for pk, times in found.items()}


def make_place(database: str) -> Place:
    """Return a portal of which nothing runs yet."""
    folder = Path(tempfile.mkdtemp(dir=run_folder()))
    return Place(folder=folder, database=database)


def make_services(
    name: str, teams: int, services: int, *, delay: timedelta
) -> tuple[list[Any], list[str]]:
    """Make teams of one engineer, who is paged by mail after ``delay``.

    Returns the teams, and the keys of their services' senders.
    """
    made, keys = [], []
    now = datetime.now(UTC)
    for number in range(teams):
        team: Any = TeamFactory()
        engineer: Any = UserFactory(team=team, team__role=Role.MANAGER)
        target = TargetForm(kind="user", pk=engineer.pk)
        step = StepForm(name="Page", delay=delay, targets=(target,))
        slug = f"{name}-{number}"
        form = PolicyForm(steps=(step,))
        policy = create_policy(team, name=slug, slug=slug, form=form, by=None, now=now)
        rows: list[Any] = ServiceFactory.create_batch(services, team=team)
        assign_services(policy, [row.pk for row in rows], by=None, now=now)
        for row in rows:
            keys.append(f"{name}{len(keys):0{32 - len(name)}}")
            IntegrationFactory(
                service=row,
                kind=Integration.Kind.PAGERDUTY,
                name="PD",
                key_hash=hash_token(keys[-1]),
            )
        made.append(team)
    return made, keys


class Stream:
    """New alerts, one after another, for several senders in turns.

    ``sent`` says when each left, by its dedup key.
    """

    def __init__(self, name: str, keys: list[str]) -> None:
        self.sent: dict[str, float] = {}
        self.statuses: Counter[int] = Counter()
        self._name, self._keys = name, keys
        self._bodies = self._make_bodies()

    async def flow(self, port: int, *, rate: int, seconds: float) -> None:
        """Send so many a second, on time, whether or not others were answered."""
        senders = [Sender(port, "/v2/enqueue", bodies=self._bodies) for _ in range(4)]
        await at_rate(senders, rate=rate, seconds=seconds)
        self.statuses.update(each for row in senders for each in row.statuses)

    def count_stored(self) -> int:
        return Alert.objects.filter(
            series__integration__key_hash__in=[hash_token(key) for key in self._keys],
            series__dedup_key__startswith=f"{self._name}-",
        ).count()

    def waits(self, told: dict[str, list[float]]) -> list[float]:
        """Return the seconds from sending to the first page, of those that paged."""
        return [min(told[key]) - sent for key, sent in self.sent.items() if key in told]

    def _make_bodies(self) -> Iterator[bytes]:
        while True:
            number = len(self.sent)
            key = f"{self._name}-{number}"
            payload = {
                "summary": f"Queue {number} of the storm grows",
                "source": f"host-{number % 40}",
                "severity": _SEVERITIES[number // len(self._keys) % 4],
                "custom_details": {"zone": "a", "queue": number},
            }
            event = {
                "routing_key": self._keys[number % len(self._keys)],
                "event_action": "trigger",
                "dedup_key": key,
                "payload": payload,
            }
            self.sent[key] = time.time()
            yield json.dumps(event).encode()


def count_missing(wanted: Iterable[Any], told: Counter[Any]) -> tuple[int, int]:
    """Return how many were never told, and how often others were told once more."""
    names = set(wanted)
    again = sum(count - 1 for name, count in told.items() if name in names)
    return len(names - set(told)), again


def _read(content: bytes) -> str:
    message = message_from_bytes(content)
    parts = [part for part in message.walk() if not part.is_multipart()]
    bodies = [part.get_payload(decode=True) for part in parts]
    return b"\n".join(body for body in bodies if isinstance(body, bytes)).decode(
        errors="replace"
    )
