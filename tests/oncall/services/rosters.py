"""What tests of edits share: a draft, and who is on call."""

from dataclasses import replace
from datetime import time, timedelta

from oncall.domain.rotation import timeline
from oncall.queries import load_schedule, users_on_call
from oncall.services.drafts import RotationDraft
from oncall.services.edits import EditRotation
from oncall.services.schedules import make_edit
from tests.conftest import NOW

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


def a_draft(people, **changes):
    """The weekly rotation of the factories, of these people (None: nobody)."""
    plain = RotationDraft(
        people=tuple(person and person.pk for person in people),
        roles=("primary", "secondary"),
        at=time(9),
    )
    return replace(plain, **changes)


def names(schedule, at=NOW):
    """Who is on call, as (role, user id)."""
    return [(row.role, row.user_id) for row in users_on_call(schedule.pk, at)]


def lived(schedule, start, end):
    """What the schedule says of a time, role by role, gaps included."""
    parts = timeline(load_schedule(schedule.pk), start, end)
    return sorted((part.role, part.start, part.end, part.user) for part in parts)


def edit(rotation, draft, by, *, now=NOW):
    """Save an edit of a rotation; return its version."""
    return make_edit(EditRotation(rotation, draft), by=by, now=now).version
