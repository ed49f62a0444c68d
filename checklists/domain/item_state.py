"""The machine of one run item: what people may do to it, and what it becomes.

What checks do to it is in ``reconcile``. Every act gives a new state or raises
Refused; none of them reads a clock or a database.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from checklists.domain.condition.units import format_number
from checklists.domain.refusal import Refused
from checklists.domain.show_if import Condition

MIN_REASON = 10
MAX_TEXT = 10_000


class ItemMark(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DONE = "done"
    NA = "na"


class Source(StrEnum):
    """Who marked it."""

    AUTO = "auto"
    HUMAN = "human"


class Attention(StrEnum):
    """What its check says that a person should look at."""

    NONE = "none"
    FAILING = "failing"
    STALE = "stale"
    CONTRADICTED = "contradicted"


class Mode(StrEnum):
    """AUTO ticks itself; ASSISTED brings evidence for a person; MANUAL has none."""

    AUTO = "A"
    ASSISTED = "S"
    MANUAL = "M"


class Kind(StrEnum):
    """How an item is answered."""

    CHECK = "check"
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FILE = "file"
    PHOTO = "photo"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a number, each may be missing; outside ``warn`` needs a note."""

    hard_min: float | None = None
    hard_max: float | None = None
    warn_min: float | None = None
    warn_max: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """What the checklist says about an item; it never changes within a run.

    ``freshness`` is how old a passing result may be when it ticks, ``lookback``
    how long before the run opened it may have been seen.
    """

    kind: Kind = Kind.CHECK
    required: bool = True
    critical: bool = False
    na_allowed: bool = False
    mode: Mode = Mode.MANUAL
    freshness: timedelta = timedelta(minutes=15)
    lookback: timedelta = timedelta(0)
    min_consecutive: int = 1
    bounds: Bounds = field(default_factory=Bounds)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemState:
    """What has become of an item.

    ``evidence_at`` is when the result that ticked it was observed; ``episode``
    the failure that is spoken for by ``reason`` (an override or an
    acknowledgement); ``overridden_by`` who ticked it over a failing check.
    """

    mark: ItemMark = ItemMark.OPEN
    source: Source | None = None
    attention: Attention = Attention.NONE
    hold: bool = False
    marked_by: str | None = None
    marked_at: datetime | None = None
    evidence_at: datetime | None = None
    value: float | str | None = None
    note: str = ""
    reason: str = ""
    failing_episode: int | None = None
    episode: int | None = None
    overridden_by: str | None = None

    @property
    def is_answered(self) -> bool:
        """True when nothing is left to do."""
        return self.mark is not ItemMark.OPEN

    @property
    def is_auto(self) -> bool:
        """True when a check ticked it."""
        return self.mark is ItemMark.DONE and self.source is Source.AUTO


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a run with its key, which is stable across versions.

    ``condition`` says when it is asked for, None is always; ``is_hidden`` that it
    is not asked for now.
    """

    key: str
    spec: ItemSpec
    state: ItemState = ItemState()
    condition: Condition | None = None
    is_hidden: bool = False

    @property
    def is_gap(self) -> bool:
        """True when the run cannot be complete without it, and it is open."""
        is_wanted = self.spec.required and not self.is_hidden
        return is_wanted and not self.state.is_answered

    def put(self, state: ItemState) -> Item:
        """The item in another state."""
        return self if state == self.state else replace(self, state=state)


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and what they say about it."""

    by: str
    at: datetime
    reason: str = ""
    note: str = ""


def tick(item: Item, act: Act) -> ItemState:
    """Mark an open item of kind check done; over a failing check only with a reason."""
    if item.spec.kind is not Kind.CHECK:
        raise Refused("value_needed", f"This item needs a {item.spec.kind}: enter it.")
    return _finish(item, act, None)


def override(item: Item, act: Act) -> ItemState:
    """Mark an open item done although its check fails; the reason is kept."""
    if item.state.attention is not Attention.FAILING:
        raise Refused(
            "not_failing", "The check does not fail: tick the item without a reason."
        )
    return tick(item, act)


def enter_number(item: Item, number: float, act: Act) -> ItemState:
    """Answer a number item; hard bounds reject, soft bounds ask for a note."""
    if item.spec.kind is not Kind.NUMBER:
        raise Refused("not_a_number", "This item does not take a number.")
    if isinstance(number, bool) or not math.isfinite(number):
        raise Refused("not_finite", "Enter a number such as 12.5.")
    bounds = item.spec.bounds
    if _is_outside(number, bounds.hard_min, bounds.hard_max):
        raise Refused(
            "out_of_bounds",
            f"Enter a number {_say_range(bounds.hard_min, bounds.hard_max, bounds)}.",
        )
    is_odd = _is_outside(number, bounds.warn_min, bounds.warn_max)
    if is_odd and not act.note.strip():
        wanted = _say_range(bounds.warn_min, bounds.warn_max, bounds)
        raise Refused(
            "note_required", f"Expected is a number {wanted}: add a note to keep it."
        )
    return _finish(item, act, float(number))


def enter_value(item: Item, value: str, act: Act) -> ItemState:
    """Answer a text, choice, link, file or photo item.

    A file or photo is given as the name of its stored content.
    """
    if item.spec.kind in {Kind.CHECK, Kind.NUMBER}:
        raise Refused("not_a_text", f"This item takes a {item.spec.kind}, not a text.")
    value = value.strip()
    if not value or len(value) > MAX_TEXT:
        raise Refused("empty", f"Enter 1 to {MAX_TEXT} characters.")
    if item.spec.kind is Kind.CHOICE and value not in item.spec.choices:
        raise Refused("not_a_choice", f"Choose one of {', '.join(item.spec.choices)}.")
    if item.spec.kind is Kind.LINK and not value.startswith(("https://", "http://")):
        raise Refused("not_a_link", "Enter a link that starts with https://.")
    return _finish(item, act, value)


def untick(item: Item, act: Act) -> ItemState:
    """Open an answered item again and hold it, or its check would tick it at once."""
    if not item.state.is_answered:
        raise Refused("not_answered", "The item is open already.")
    is_failing = item.state.attention is Attention.CONTRADICTED
    return ItemState(
        attention=Attention.FAILING if is_failing else Attention.NONE,
        hold=True,
        note=act.note or item.state.note,
        reason=act.reason.strip(),
        failing_episode=item.state.failing_episode if is_failing else None,
    )


def release(item: Item, _act: Act) -> ItemState:
    """Let the check tick a held item again."""
    if not item.state.hold:
        raise Refused("not_held", "The item is not held: its check may tick it.")
    return replace(item.state, hold=False)


def mark_not_applicable(item: Item, act: Act) -> ItemState:
    """Leave an item out of this run, with a reason, where the checklist allows it."""
    if not item.spec.na_allowed:
        raise Refused("na_not_allowed", "This item cannot be left out: answer it.")
    _require_open(item)
    is_failing = item.state.attention is Attention.FAILING
    _require_reason(act, MIN_REASON if is_failing else 1)
    return replace(
        item.state,
        mark=ItemMark.NA,
        source=Source.HUMAN,
        attention=Attention.NONE,
        hold=False,
        marked_by=act.by,
        marked_at=act.at,
        reason=act.reason.strip(),
        note=act.note or item.state.note,
    )


def acknowledge_contradiction(item: Item, act: Act) -> ItemState:
    """Keep an item done although its check failed after it, with a reason."""
    if item.state.attention is not Attention.CONTRADICTED:
        raise Refused("not_contradicted", "No check contradicts this item.")
    _require_reason(act, MIN_REASON)
    return replace(
        item.state,
        attention=Attention.NONE,
        episode=item.state.failing_episode,
        reason=act.reason.strip(),
        overridden_by=act.by,
    )


def _finish(item: Item, act: Act, value: float | str | None) -> ItemState:
    _require_open(item)
    is_failing = item.state.attention is Attention.FAILING
    if is_failing:
        _require_reason(act, MIN_REASON)
    return replace(
        item.state,
        mark=ItemMark.DONE,
        source=Source.HUMAN,
        attention=Attention.NONE,
        hold=False,
        marked_by=act.by,
        marked_at=act.at,
        evidence_at=None,
        value=value,
        note=act.note or item.state.note,
        reason=act.reason.strip(),
        episode=item.state.failing_episode if is_failing else None,
        overridden_by=act.by if is_failing else None,
    )


def _require_open(item: Item) -> None:
    if item.state.is_answered:
        raise Refused("already_answered", "The item is answered: untick it first.")


def _require_reason(act: Act, length: int) -> None:
    if len(act.reason.strip()) < length:
        raise Refused(
            "reason_required",
            f"The check fails: give a reason of at least {length} characters."
            if length > 1
            else "Give a reason.",
        )


def _is_outside(number: float, low: float | None, high: float | None) -> bool:
    return (low is not None and number < low) or (high is not None and number > high)


def _say_range(low: float | None, high: float | None, bounds: Bounds) -> str:
    unit = f" {bounds.unit}" if bounds.unit else ""
    if low is not None and high is not None:
        return f"between {format_number(low)} and {format_number(high)}{unit}"
    if low is not None:
        return f"of at least {format_number(low)}{unit}"
    return f"of at most {format_number(high or 0.0)}{unit}"
