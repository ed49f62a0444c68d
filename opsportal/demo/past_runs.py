"""Ninety days of runs, each with its items and its chained events."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from checklists.domain import event_chain
from checklists.domain.cadence import Slot, slots
from checklists.models import Cadence, ChecklistItem, Run, RunEvent, RunItem
from checklists.services.events import chained_fields, opening_event
from checklists.services.generation import make_run
from checklists.services.timetables import timetable_of
from opsportal.demo.past_people import Roster
from opsportal.demo.shapes import DAY, MINUTE
from opsportal.demo.witness import Witnesses

LENGTH = 90 * DAY
# The portal itself was away for a day: nobody's fault.
AWAY_DAYS_AGO = 37
_EMPTY = {
    "state": "open",
    "source": "",
    "attention": "none",
    "held": False,
    "value": "",
    "note": "",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """How a run went; ``done`` is the share of its items that were answered."""

    outcome: str
    is_late: bool = False
    done: float = 1.0
    cause: str = ""
    reason: str = ""


ON_TIME = Fate("completed")
LATE = Fate("completed", is_late=True)
MISSED = Fate("missed", done=0.6, cause="people")
AWAY = Fate("missed", done=0.0, cause="system")
HOLIDAY = Fate("skipped", done=0.0, reason="Public holiday, agreed with the team")
STILL_OPEN = Fate("", is_late=True, done=0.35)
# Nobody got to what asks for a person; the next run takes it over.
LEFT = Fate("missed", cause="people")
LEFT_BY = "Qenergyz daily tasks"


@dataclass(slots=True)
class Story:
    """One past run while it is made."""

    run: Run
    fate: Fate
    items: list[RunItem] = field(default_factory=list)
    events: list[RunEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Past:
    """What every run of one cadence needs."""

    cadence: Cadence
    items: list[ChecklistItem]
    roster: Roster
    witnesses: Witnesses
    chance: random.Random
    now: datetime
    # The period that was left undone, "" for none.
    left: str = ""

    @property
    def ticks_itself(self) -> bool:
        """Whether nothing of it asks a person."""
        return all(item.mode == ChecklistItem.Mode.AUTO for item in self.items)


def seed_past_runs(
    cadences: Iterable[Cadence],
    rosters: Mapping[int, Roster],
    witnesses: Witnesses,
    now: datetime,
) -> int:
    """Write the runs of the last ninety days that are not there; returns how many."""
    stories: list[Story] = []
    for cadence in cadences:
        version = cadence.checklist.versions.get(status="published")
        found = slots(timetable_of(cadence), now - LENGTH, now)
        past = Past(
            cadence,
            list(version.items.prefetch_related("checks").order_by("position")),
            rosters[cadence.checklist.team_id],
            witnesses,
            random.Random(cadence.checklist.slug),  # noqa: S311 -- the same story every time
            now,
            _find_left(cadence, found, now),
        )
        known = set(cadence.runs.values_list("period_key", flat=True))
        stories.extend(
            _make_run(past, slot, fate)
            for slot in found
            if slot.period_key not in known
            and (
                fate := LEFT if slot.period_key == past.left else _find_fate(past, slot)
            )
        )
    Run.objects.bulk_create(story.run for story in stories)
    _write_items(stories)
    return len(stories)


def _find_left(cadence: Cadence, found: Sequence[Slot], now: datetime) -> str:
    if cadence.checklist.name != LEFT_BY:
        return ""
    over = [slot.period_key for slot in found if slot.closes_at <= now]
    return over[-1] if over else ""


def _write_items(stories: list[Story]) -> None:
    for story in stories:
        for item in story.items:
            item.run = story.run
    RunItem.objects.bulk_create(
        (item for story in stories for item in story.items), batch_size=500
    )
    RunEvent.objects.bulk_create(
        (event for story in stories for event in _seal(story)), batch_size=500
    )


def _seal(story: Story) -> Iterator[RunEvent]:
    """Chain the events in their order, which needs the rows' keys."""
    first = opening_event(story.run, now=story.run.opens_at)
    yield first
    prev_hash = first.hash
    in_order = sorted(story.events, key=lambda event: event.at)
    for number, event in enumerate(in_order, start=2):
        event.run = story.run
        # Assigned anew: the row has got its key only now.
        event.run_item = event.run_item
        event.number, event.prev_hash = number, prev_hash
        event.hash = prev_hash = event_chain.link(prev_hash, chained_fields(event))
        yield event


def _find_fate(past: Past, slot: Slot) -> Fate | None:
    """Choose how the run of a slot went; None while it can be on time still."""
    zone = ZoneInfo(past.cadence.time_zone)
    away = past.now.astimezone(zone).date() - timedelta(days=AWAY_DAYS_AGO)
    luck = past.chance.random()
    if slot.grace_until >= past.now:
        return None
    if slot.closes_at > past.now:
        return ON_TIME if past.ticks_itself else STILL_OPEN
    if slot.opens_at.astimezone(zone).date() == away:
        return AWAY
    if past.roster.is_holiday(slot.period_start_on) and not past.ticks_itself:
        return HOLIDAY
    if luck > 0.97 and not past.ticks_itself:
        return MISSED
    return LATE if luck > (0.985 if past.ticks_itself else 0.91) else ON_TIME


def _make_run(past: Past, slot: Slot, fate: Fate) -> Story:
    run = make_run(past.cadence, past.items[0].version, slot)
    run.next_event_at = None
    story = Story(run, fate)
    window = _window(slot, fate)
    for item in past.items:
        is_done = past.chance.random() < fate.done
        if fate is LEFT:
            is_done = item.mode == ChecklistItem.Mode.AUTO
        row = RunItem(run=run, item=item)
        story.items.append(row)
        if is_done:
            _answer(past, story, row, window)
    _end(past, story)
    return story


def _window(slot: Slot, fate: Fate) -> tuple[datetime, datetime]:
    """Return when people worked on it: before it was due, or after its grace."""
    if fate.is_late and fate.outcome:
        return slot.grace_until + 4 * MINUTE, min(
            slot.grace_until + timedelta(hours=5), slot.closes_at - 5 * MINUTE
        )
    length = slot.due_at - slot.opens_at
    busy = timedelta(hours=2) if length < DAY else length * 0.9
    return max(slot.opens_at, slot.due_at - busy), slot.due_at - 6 * MINUTE


def _answer(
    past: Past, story: Story, row: RunItem, window: tuple[datetime, datetime]
) -> None:
    item = row.item
    checks = list(item.checks.all())
    is_auto = item.mode == ChecklistItem.Mode.AUTO
    start, end = window
    if is_auto and not (story.fate.is_late and past.ticks_itself):
        at = story.run.opens_at + past.chance.uniform(0.5, 3) * MINUTE
    else:
        at = start + (end - start) * past.chance.random()
    person = None if is_auto else past.roster.person_at(at, past.cadence, past.chance)
    row.state = RunItem.State.DONE
    row.source = RunItem.Source.AUTO if is_auto else RunItem.Source.HUMAN
    row.done_at, row.done_by = at, person
    row.version = 1
    row.value = _value(item, story.run, past.chance)
    row.note = "Looked at, nothing to do." if item.needs_note else ""
    if checks:
        row.evidence = past.witnesses.say(checks, at)
        row.evidence_at = at - timedelta(seconds=20) if is_auto else None
    after = {
        **_EMPTY,
        "state": "done",
        "source": str(row.source),
        "value": row.value,
        "note": row.note,
    }
    verb = "checked" if is_auto else "answered" if row.value else "ticked"
    story.events.append(
        RunEvent(
            run_item=row, at=at, actor=person, verb=verb, before=_EMPTY, after=after
        )
    )


def _value(item: ChecklistItem, run: Run, chance: random.Random) -> str:
    if item.kind == ChecklistItem.Kind.NUMBER:
        most = item.bounds.get("warn_max")
        low = item.bounds.get("warn_min") or 0
        return str(chance.randint(int(low), int(most or low + 60)))
    if item.kind == ChecklistItem.Kind.LINK:
        return f"https://wiki.example.com/notes/{run.period_key}"
    return "Done as planned." if item.kind == ChecklistItem.Kind.TEXT else ""


def _end(past: Past, story: Story) -> None:
    """Hand in, sign, stamp or leave open, and tell it in events."""
    run, fate = story.run, story.fate
    run.cause, run.reason = fate.cause, fate.reason
    done = [item.done_at for item in story.items if item.done_at is not None]
    if fate.is_late or fate.outcome == "missed":
        # Created afterwards when the portal was away, so stamped at once.
        run.missed_at = run.grace_until + timedelta(microseconds=1)
        run.cause = run.cause or Run.Cause.PEOPLE
        _tell(story, "missed", run.missed_at, after={"state": "open", "outcome": ""})
    if not fate.outcome:
        run.next_event_at = run.closes_at
        return
    run.state, run.outcome = Run.State.CLOSED, fate.outcome
    if fate.outcome == "completed":
        _hand_in(past, story, max(done))
    elif fate.outcome == "skipped":
        lead = past.roster.lead
        run.closed_at = run.opens_at + timedelta(hours=8)
        _tell(story, "skipped", run.closed_at, by=lead, reason=fate.reason)
    else:
        run.closed_at = run.closes_at
        _tell(story, "closed", run.closes_at)


def _hand_in(past: Past, story: Story, last: datetime) -> None:
    run = story.run
    at = last + timedelta(seconds=40)
    people = [item for item in story.items if item.done_by is not None]
    newest = max(people, key=lambda item: str(item.done_at), default=None)
    run.first_completed_at = at
    run.completed_by = newest.done_by if newest is not None else None
    run.closed_at = at
    sign_off = past.cadence.sign_off
    if sign_off == Cadence.SignOff.NONE:
        _tell(story, "handed_in", at, by=run.completed_by)
        return
    waiting = {"state": "awaiting_signoff", "outcome": ""}
    _tell(story, "handed_in", at, by=run.completed_by, after=waiting)
    run.closed_at = at + past.chance.uniform(2, 18) * MINUTE
    run.signed_by = past.roster.lead
    before = {"state": "awaiting_signoff"}
    _tell(story, "signed_off", run.closed_at, by=run.signed_by, before=before)


def _tell(
    story: Story,
    verb: str,
    at: datetime,
    *,
    by: Any = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    ended = {"state": story.run.state, "outcome": story.run.outcome}
    story.events.append(
        RunEvent(
            at=at,
            actor=by,
            verb=verb,
            before=dict(before or {"state": "open"}),
            after=dict(after or ended),
            reason=reason,
        )
    )
