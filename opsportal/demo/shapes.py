"""The shapes of the demo's tables, and short ways to write their rows.

Texts in angle brackets stand for where the target listens: ``<target>`` is its URL,
``<tls>`` and ``<tls-soon>`` are addresses with a certificate, ``<host>``, ``<redis>``
and ``<database>`` its address and ports, ``<backups>`` a folder.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Trouble(StrEnum):
    """When the target plays the bad value of a number."""

    NEVER = "never"
    # Twelve minutes of every forty, beginning when the demo was loaded.
    COMES_AND_GOES = "comes and goes"
    # For the first two hours, like the incident that is open then.
    AT_FIRST = "at first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """How a number moves: between ``low`` and ``high``, or ``bad`` in trouble."""

    low: float
    high: float
    bad: float | None = None
    trouble: Trouble = Trouble.NEVER
    # Without it a number is what it is at one moment.
    decimals: int = 3

    def at(self, moment: datetime, *, since: datetime, seed: str) -> float:
        """Return the number at a moment; ``since`` is when the demo was loaded."""
        if self.bad is not None and is_troubled(self.trouble, moment, since):
            return self.bad
        phase = zlib.crc32(seed.encode()) % 1000 / 1000
        minutes = moment.timestamp() / 60
        day = math.sin(2 * math.pi * (minutes / 1440 + phase))
        quick = math.sin(2 * math.pi * (minutes / 23 + phase * 7))
        share = 0.5 + 0.32 * day + 0.18 * quick
        return round(self.low + (self.high - self.low) * share, self.decimals)


# How long it had been bad when the demo was loaded.
BAD_SINCE = {
    Trouble.NEVER: 0 * MINUTE,
    Trouble.COMES_AND_GOES: 4 * MINUTE,
    Trouble.AT_FIRST: 41 * MINUTE,
}


def is_troubled(trouble: Trouble, moment: datetime, since: datetime) -> bool:
    """Say whether it is bad at a moment, ``since`` the demo was loaded."""
    passed = (moment - since + BAD_SINCE[trouble]) / MINUTE
    if trouble is Trouble.NEVER or passed < 0:
        return False
    return passed < 160 if trouble is Trouble.AT_FIRST else passed % 40 < 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """One automated check; ``refs`` are the requirements that it answers.

    ``ladder`` holds (severity, condition, for how long), gravest first. ``source``
    names a data source. ``seen`` is what it said last, where no play tells; with
    ``is_failing`` that is a failure.
    """

    refs: tuple[str, ...]
    slug: str
    name: str
    kind: str
    spec: Mapping[str, Any]
    condition: str = ""
    unit: str = ""
    ladder: tuple[tuple[str, ...], ...] = ()
    every: timedelta = MINUTE
    freshness: timedelta | None = None
    timeout: timedelta = timedelta(seconds=5)
    source: str = ""
    description: str = ""
    alerts: bool = False
    measures_uptime: bool = False
    plays: Play | None = None
    seen: str = "as expected"
    # What it said before the trouble of today.
    was: str = ""
    is_failing: bool = False
    value: float | None = None
    report: Mapping[str, Any] | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """What people set on an item; ``checks`` are slugs of the service's checks.

    In a list of the runbook ``text`` is the runbook's, which knows the item by it.
    """

    ref: str
    text: str
    mode: str = "manual"
    checks: tuple[str, ...] = ()
    instructions: str = ""
    section: str = ""
    kind: str = "check"
    needs_note: bool = False
    is_critical: bool = False
    bounds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistRow:
    """What people set on a checklist with its only cadence.

    ``title`` is how the runbook calls it, from which its cadence and its items come.
    A ``rule`` and a ``timing`` are what people chose instead: the rotation whose
    handoff is meant, the hours in which a list may be started.
    """

    name: str
    title: str
    items: tuple[ItemRow, ...]
    rule: Mapping[str, Any] = field(default_factory=dict)
    timing: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    assignee: str = "oncall"
    role: str = "primary"
    sign_off: str = "none"
    holidays: str = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """What people set on a severity that the runbook names."""

    label: str
    description: str = ""
    pages: bool = False
    postmortem_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Whom people chose for a rung of the runbook's ladder, and when it is climbed.

    ``who`` is how the runbook calls it, ``name`` what people call it instead, and
    ``delay`` theirs where the runbook names none; a rung without ``who`` they added.
    ``targets`` are ``on-call``, ``secondary``, ``all on call``, ``channel``, ``mail``,
    a user name with what they are called ("team.lead: Platform lead"), or the title of
    somebody without an account.
    """

    targets: tuple[str, ...]
    who: str = ""
    name: str = ""
    delay: timedelta | None = None
    condition: str = "unacknowledged"
    min_level: int = 5
    max_level: int = 1
    requires: str = ""
    instructions: str = ""


class Outage(NamedTuple):
    """A time in which the service did not answer; days and minutes back from now."""

    days_ago: int
    minutes: float
    severity: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """What the runbook of a service cannot say, besides its name and its team."""

    slug: str
    name: str
    team: str
    description: str
    severities: tuple[Severity, ...]
    steps: tuple[Step, ...]
    checks: tuple[CheckPlan, ...]
    checklists: tuple[ChecklistRow, ...]
    # Contacts that are whoever is on call, as the runbook calls them.
    asks_schedule: tuple[str, ...] = ()
    chat_channel: str = ""
    war_room_url: str = ""
    status_page_url: str = ""
    outages: tuple[Outage, ...] = ()


def prom(
    ref: str,
    slug: str,
    name: str,
    query: str,
    condition: str,
    plays: Play,
    **more: Any,
) -> CheckPlan:
    """Write a check of one Prometheus query; ``ref`` may name several."""
    return CheckPlan(
        refs=tuple(ref.split()),
        slug=slug,
        name=name,
        kind="prometheus",
        spec={"url": "<target>/prometheus", "query": query, **more.pop("spec", {})},
        condition=condition,
        plays=plays,
        **more,
    )


def look(
    ref: str,
    slug: str,
    name: str,
    kind: str,
    spec: Mapping[str, Any],
    condition: str = "",
    **more: Any,
) -> CheckPlan:
    """Write a check of any other kind."""
    return CheckPlan(
        refs=tuple(ref.split()),
        slug=slug,
        name=name,
        kind=kind,
        spec=spec,
        condition=condition,
        **more,
    )


def item(
    ref: str, text: str, mode: str = "M", checks: str = "", **more: Any
) -> ItemRow:
    """Write an item; ``mode`` is A, S or M, ``checks`` are slugs with spaces."""
    modes = {"A": "auto", "S": "assisted", "M": "manual"}
    return ItemRow(
        ref=ref, text=text, mode=modes[mode], checks=tuple(checks.split()), **more
    )


def timing(due: str, opens: str, grace: str, closes: str) -> dict[str, str]:
    """Write a timing: due time, opens before, grace, closes after."""
    return {
        "due_time": due,
        "opens_before": opens,
        "grace": grace,
        "closes_after": closes,
    }


WHEN_ASKED = timing("17:00", "1h", "1h", "1d")
