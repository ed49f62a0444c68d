"""The first draft of a postmortem: what is known of the incident, put in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from incidents.domain.postmortem_formats import BLANK, Format, Section
from incidents.domain.postmortem_markdown import tidy


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the timeline: when (aware UTC), and in words."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action item; ``owner`` is a name or empty."""

    title: str
    owner: str
    due_on: date | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an incident. Texts hold one point a line; None: nobody knows."""

    ref: str
    title: str
    severity: str
    services: tuple[str, ...]
    started_at: datetime
    detected_at: datetime
    resolved_at: datetime | None
    summary: str = ""
    symptoms: str = ""
    root_cause: str = ""
    resolution: str = ""
    prevention: str = ""
    impact: str = ""
    impact_users: int | None = None
    impact_requests: int | None = None
    alert_count: int = 0
    timeline: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()


def draft_section(part: Section, facts: Facts) -> str:
    """Return what the facts say under this heading; empty where they say nothing."""
    source = _SOURCES.get(part.source)
    return tidy(source(facts), part.shape) if source else ""


def draft_kept(form: Format, facts: Facts) -> dict[str, str]:
    """Return the first text of each section that people edit."""
    return {part.key: draft_section(part, facts) for part in form.kept_sections()}


def fill_in(form: Format, texts: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the text of every section: what people wrote, and the facts of now."""
    return {
        part.key: draft_section(part, facts)
        if part.is_fact
        else texts.get(part.key, "")
        for part in form.sections
    }


def count_minutes(start: datetime, end: datetime | None) -> int | None:
    """Return the whole minutes between two moments, None without an end."""
    return None if end is None else int((end - start).total_seconds() // 60)


def _second(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "not yet"


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else BLANK


def _minutes(start: datetime, end: datetime | None, *, unit: str) -> str:
    count = count_minutes(start, end)
    if count is None:
        return f"{BLANK} {unit}"
    return f"{count} {unit[:-1] if unit.endswith('s') and count == 1 else unit}"


def _from_to(facts: Facts) -> str:
    length = _minutes(facts.started_at, facts.resolved_at, unit="min")
    return (
        f"From {_minute(facts.started_at)} to {_minute(facts.resolved_at)} ({length})"
    )


def _count(count: int | None, what: str) -> str:
    return f"{BLANK if count is None else count} {what}"


def _impact_counts(facts: Facts) -> str:
    users = _count(facts.impact_users, "users")
    requests = _count(facts.impact_requests, "requests")
    return f"{users}, {requests}"


def _impact(facts: Facts) -> str:
    counted = [
        _count(count, what)
        for count, what in (
            (facts.impact_users, "users"),
            (facts.impact_requests, "requests"),
        )
        if count is not None
    ]
    return "\n\n".join(filter(None, (facts.impact, ", ".join(counted))))


def _symptoms(facts: Facts) -> str:
    fired = {0: "", 1: "1 alert fired"}.get(
        facts.alert_count, f"{facts.alert_count} alerts fired"
    )
    return "\n".join(filter(None, (facts.symptoms or facts.summary, fired)))


def _prevention(facts: Facts) -> str:
    return facts.prevention or "\n".join(action.title for action in facts.actions)


def _timeline(facts: Facts) -> str:
    return "\n".join(
        f"{_second(event.at)}: {' '.join(event.words.split())}"
        for event in facts.timeline
    )


def _actions(facts: Facts) -> str:
    return "\n".join(
        f"{action.title} ({action.owner or 'no owner'}, "
        f"{f'due {action.due_on}' if action.due_on else 'no date'}, {action.state})"
        for action in facts.actions
    )


def _headline(facts: Facts) -> str:
    length = _minutes(facts.started_at, facts.resolved_at, unit="minutes")
    return (
        f"{facts.ref}: {facts.title}\n\n"
        f"{', '.join(facts.services)} · {facts.severity} · "
        f"{_second(facts.started_at)} to {_second(facts.resolved_at)} · {length}"
    )


_SOURCES: Final[Mapping[str, Callable[[Facts], str]]] = {
    "ref": lambda facts: facts.ref,
    "severity": lambda facts: facts.severity,
    "started": lambda facts: _second(facts.started_at),
    "resolved": lambda facts: _second(facts.resolved_at),
    "minutes": lambda facts: _minutes(
        facts.started_at, facts.resolved_at, unit="minutes"
    ),
    "from_to": _from_to,
    "detection": lambda facts: _minutes(
        facts.started_at, facts.detected_at, unit="min"
    ),
    "resolution_time": lambda facts: _minutes(
        facts.started_at, facts.resolved_at, unit="min"
    ),
    "headline": _headline,
    "summary": lambda facts: facts.summary,
    "impact": _impact,
    "impact_counts": _impact_counts,
    "symptoms": _symptoms,
    "root_cause": lambda facts: facts.root_cause,
    "resolution": lambda facts: facts.resolution,
    "prevention": _prevention,
    "timeline": _timeline,
    "actions": _actions,
}
