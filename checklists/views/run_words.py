"""A run in words: pills, times and its story."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from checklists.models import Run
from checklists.queries.run_story import EventRow
from opsportal.kit.moments import say_distance, say_moment

_VERBS = {
    "opened": ("", "Opened"),
    "ticked": ("ok", "Ticked"),
    "unticked": ("", "Opened again"),
    "shown": ("", "Asked for"),
    "hidden": ("", "Not asked for any more"),
    "released": ("", "Given back to its check"),
    "marked_na": ("", "Left out"),
    "accepted": ("warn", "Kept although its check fails"),
    "answered": ("ok", "Answered"),
    "noted": ("", "Note"),
    "handed_in": ("acc", "Handed in"),
    "signed_off": ("ok", "Signed off"),
    "rejected": ("warn", "Given back"),
    "skipped": ("warn", "Skipped"),
    "voided": ("warn", "Voided"),
    "assigned": ("acc", "Given to somebody"),
    "commented": ("", "Comment"),
    "carried": ("warn", "Carried over"),
    "synced": ("acc", "Brought to a newer version"),
    "missed": ("crit", "Grace passed"),
    "closed": ("crit", "Closed by time"),
    "run_open": ("warn", "Open again"),
    "run_awaiting_signoff": ("acc", "Waits for sign-off"),
    "run_closed": ("ok", "Closed"),
}
_CHECKED = {
    ("done", "none"): ("ok", "Ticked itself"),
    ("open", "failing"): ("crit", "Its check fails"),
    ("open", "stale"): ("warn", "Its check says nothing fresh"),
    ("done", "contradicted"): ("warn", "Its check fails after the tick"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story, as parts/timeline.html shows it."""

    tone: str
    title: str
    body: str
    code: str
    at: datetime
    by: str


def story_of(events: Iterable[EventRow]) -> list[Entry]:
    """Return the events in words, in their order."""
    return [_entry(event) for event in events]


def _entry(event: EventRow) -> Entry:
    tone, words = _VERBS.get(
        event.verb, ("", event.verb.replace("_", " ").capitalize())
    )
    if event.verb == "checked":
        state = (event.after.get("state", ""), event.after.get("attention", ""))
        tone, words = _CHECKED.get(state, ("", "Looked at again"))
    title = f"{words}: {event.item}" if event.item else words
    said = event.after.get("value") or event.after.get("text") or ""
    parts = [str(said), event.reason]
    note = event.after.get("note") or ""
    if note != (event.before.get("note") or ""):
        parts.append(f"“{note}”" if note else "note removed")
    if event.verb == "assigned":
        parts.append(event.after["assignee"] or "whom its cadence says")
    parts += _say_sync(event) + _say_carried(event)
    body = " · ".join(filter(None, parts))
    return Entry(tone, title, body, "", event.at, event.by or "the portal")


def _say_sync(event: EventRow) -> list[str]:
    """Name what a newer version brought and took."""
    names = ("added", "reopened", "removed")
    said = {name: event.after.get(name) for name in names}
    return [f"{name}: {', '.join(texts)}" for name, texts in said.items() if texts]


def _say_carried(event: EventRow) -> list[str]:
    """Name the run before, and what of it came along."""
    if "from" not in event.after:
        return []
    texts = event.after.get("items") or []
    return [f"from {event.after['from']}", *filter(None, [", ".join(texts)])]


def pill_of(run: Run, now: datetime) -> tuple[str, str, str]:
    """Return the words, tone and icon that say where a run stands."""
    if run.state == Run.State.CLOSED:
        return _closed_pill(run)
    if run.state == Run.State.AWAITING:
        return "awaiting sign-off", "acc", "signature"
    if run.due_at < now:
        late = say_distance(run.due_at, now).removesuffix(" ago")
        return f"overdue {late}", "crit", "clock-alert"
    words = say_distance(run.due_at, now)
    is_soon = (run.due_at - now).total_seconds() <= 3600
    return f"due {words}", "warn" if is_soon else "", "clock"


def _closed_pill(run: Run) -> tuple[str, str, str]:
    if run.outcome == Run.Outcome.COMPLETED:
        return (
            ("completed late", "warn", "check")
            if run.missed_at
            else (
                "completed",
                "ok",
                "check",
            )
        )
    if run.outcome == Run.Outcome.MISSED:
        return "missed", "crit", "circle-x"
    return run.get_outcome_display().lower(), "", "minus"


def times_of(run: Run, now: datetime | None) -> list[tuple[str, str]]:
    """Return the moments of a run on the clock of its cadence, with its name.

    Without ``now`` each of them names its year.
    """
    name = run.cadence.time_zone if run.cadence else run.team.time_zone
    zone = ZoneInfo(name)
    rows = [
        ("Opened", run.opens_at),
        ("Due", run.due_at),
        ("Grace until", run.grace_until),
        ("Closes", run.closes_at),
    ]
    said = [(label, say_moment(at, zone, now=now)) for label, at in rows]
    return [*said, ("Clock", name)]
