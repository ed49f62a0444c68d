"""The append-only story of a run, chained so that an edit shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from checklists.domain import event_chain
from checklists.models import Run, RunEvent, RunItem
from oncall.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One thing that happened in a run; ``by`` is None when the portal did it."""

    verb: str
    item: RunItem | None = None
    by: User | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a run's chain.

    ``first_broken`` is the number of the first event that does not fit; None when all
    of them do.
    """

    count: int
    head: str
    first_broken: int | None


def check_seal(run_pk: int) -> Seal:
    """Read the chain of a run from its beginning."""
    rows = list(RunEvent.objects.filter(run_id=run_pk).order_by("number"))
    broken = event_chain.verify(
        event_chain.Link(chained_fields(row), row.prev_hash, row.hash) for row in rows
    )
    head = rows[-1].hash if rows else event_chain.GENESIS
    return Seal(len(rows), head, None if broken is None else rows[broken].number)


def append_events(run: Run, new: Sequence[NewEvent], *, now: datetime) -> None:
    """Append to the run's chain; the caller's transaction holds the run's lock."""
    last = run.events.order_by("-number").values_list("number", "hash").first()
    number, prev_hash = last or (0, event_chain.GENESIS)
    rows = []
    for event in new:
        number += 1
        row = _make_row(run, event, number=number, prev_hash=prev_hash, now=now)
        prev_hash = row.hash
        rows.append(row)
    RunEvent.objects.bulk_create(rows)


def opening_event(run: Run, *, now: datetime) -> RunEvent:
    """Return the unsaved first event of a run that was just created."""
    after = {"state": run.state, "due_at": run.due_at.astimezone(UTC).isoformat()}
    event = NewEvent(verb="opened", after=after)
    return _make_row(run, event, number=1, prev_hash=event_chain.GENESIS, now=now)


def chained_fields(row: RunEvent) -> dict[str, Any]:
    """Return what the chain seals of a stored event."""
    return {
        "run": row.run_id,
        "item": row.run_item_id,
        "number": row.number,
        "at": row.at.astimezone(UTC).isoformat(),
        "actor": row.actor_id,
        "verb": row.verb,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
    }


def _make_row(
    run: Run, event: NewEvent, *, number: int, prev_hash: str, now: datetime
) -> RunEvent:
    row = RunEvent(
        run=run,
        run_item=event.item,
        number=number,
        at=now,
        actor=event.by,
        verb=event.verb,
        before=dict(event.before),
        after=dict(event.after),
        reason=event.reason,
        prev_hash=prev_hash,
    )
    row.hash = event_chain.link(prev_hash, chained_fields(row))
    return row
