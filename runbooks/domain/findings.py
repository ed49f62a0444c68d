"""What readers find: plain values, each with its lines, its rule and how sure it is.

``line`` and ``last`` are 1-based and inclusive. ``confidence`` is 0 to 1: 1 for
what stands there word for word, less for what was concluded. ``rule`` names the
rule that found it. ``key`` is stable: it follows from what the finding says and
where it belongs, never from its line; it is empty until the plan is assembled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

# The cadence of lists that people start.
ON_DEMAND: Final = "on-demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What all findings carry."""

    line: int
    last: int = 0
    confidence: float = 1.0
    rule: str = ""
    key: str = ""

    def keyed(self, key: str) -> Self:
        """Give a finding that was just made its key.

        In place, because nobody else has it yet, and there are thousands.
        """
        object.__setattr__(self, "key", key)
        return self


@dataclass(frozen=True, slots=True)
class SideCheck:
    """One more check that an item asks for beside the first."""

    kind: str
    condition: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProposal:
    """A check that could tick an item; the confidence is never 1.

    Without a ``condition`` there is nothing to compare with yet, and ``note``
    says what a person should choose. ``spec`` is what the check asks, where nothing
    is left to say; one that ``is_assisted`` shows what it saw, and a person confirms.
    """

    kind: str
    condition: str
    unit: str = ""
    confidence: float
    note: str = ""
    hint: str = ""
    spec: Mapping[str, object] = field(default_factory=dict)
    is_assisted: bool = False
    beside: tuple[SideCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Finding):
    """One thing to do. ``depth`` counts the items around it."""

    text: str
    depth: int = 0
    check: CheckProposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist(Finding):
    """Recurring items that are due together; empty texts where nothing is said."""

    title: str
    cadence: str
    weekday: str = ""
    ordinal: str = ""
    time_of_day: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Finding):
    """A bound of a metric: ``op`` is one of < <= > >= == between, or None.

    Without ``op`` it is an event that alerts by happening. ``relative`` says what
    the value is relative to, if anything: "vs baseline". ``is_fault`` tells that an
    item names what is wrong ("anything above 750 ms") and not what is right.
    """

    metric: str
    op: str | None
    value: float | tuple[float, float] | None
    unit: str | None
    severity: str | None = None
    window: str = ""
    where: str = ""
    relative: str = ""
    action: str = ""
    is_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity(Finding):
    """A severity of the service's own; ``level`` is 1 (critical) to 5 (info)."""

    name: str
    level: int
    response_minutes: float | None = None
    response_text: str = ""
    aliases: tuple[str, ...] = ()
    action: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep(Finding):
    """One step of an escalation ladder; no delay where none is stated.

    ``hands_on_minutes`` is how long this level has before the next one is told,
    where the text says it at this level.
    """

    level: int
    who: str
    after_minutes: float | None = None
    hands_on_minutes: float | None = None
    condition: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Finding):
    """Somebody or something to reach; a placeholder must never become live."""

    role: str
    kind: str
    value: str
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a procedure: words, or a command with its language."""

    text: str
    line: int
    command: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Finding):
    """What to do when something is wrong."""

    title: str
    symptoms: tuple[Step, ...] = ()
    diagnosis: tuple[Step, ...] = ()
    resolution: tuple[Step, ...] = ()
    triggers: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule(Finding):
    """A rule of an alerting system; lengths are minutes."""

    name: str
    metric: str
    op: str
    value: float
    unit: str = ""
    severity: str = ""
    severity_raw: str = ""
    duration_minutes: float | None = None
    cooldown_minutes: float | None = None
    period_seconds: float | None = None
    evaluation_periods: float | None = None
    statistic: str = ""
    expression: str = ""
    message: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo(Finding):
    """A service level objective as a row says it."""

    service: str
    sli: str
    target: str
    window: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Finding):
    """How long something is kept."""

    what: str
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Finding):
    """A form to fill in."""

    name: str
    kind: str
    fields: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn(Finding):
    """Something that a person should look at before anything is applied."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside(Finding):
    """Something kept apart: understood, but not proposed to become live."""

    category: str
    text: str
    why: str
