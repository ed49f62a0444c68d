"""Edits of rotations that the demo shows: one planned, one taken back."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from oncall.models import Rotation, User
from oncall.services.drafts import draft_of
from oncall.services.edits import EditRotation, UndoVersion
from oncall.services.schedules import make_edit
from opsportal.demo.seed_teams import Teams

_TUESDAY = 1
_PLANNED = timedelta(weeks=4)


def seed_roster_edits(rows: Teams, now: datetime) -> None:
    """Plan another handoff for next month, and undo an order that nobody liked."""
    rotation = Rotation.objects.select_related("schedule__team").get(
        schedule=rows.schedules["platform"]
    )
    lead = rows.people[rows.plans["platform"].lead]
    _try_another_order(rotation, lead, now - timedelta(days=9))
    draft = replace(
        draft_of(rotation, now),
        weekday=_TUESDAY,
        at=time(10),
        effective_from=now + _PLANNED,
    )
    moved = EditRotation(rotation, draft)
    make_edit(moved, by=lead, now=now - timedelta(days=2), tells=False)


def _try_another_order(rotation: Rotation, lead: User, at: datetime) -> None:
    draft = draft_of(rotation, at)
    first, *others = draft.people
    turned = replace(
        draft,
        people=(first, *reversed(others)),
        effective_from=at + timedelta(weeks=6),
    )
    edit = EditRotation(rotation, turned)
    version = make_edit(edit, by=lead, now=at, tells=False).version
    if version is not None:
        later = at + timedelta(hours=3)
        make_edit(UndoVersion(version), by=lead, now=later, tells=False)
