"""What somebody else made of a cadence that one is changing."""

from datetime import time, timedelta
from typing import cast

from django.forms import Form

from checklists.domain.cadence_timing import timing_from_json
from checklists.forms.cadences import COLUMNS
from checklists.models import Cadence
from checklists.services.cadences import CadencePlan
from checklists.views.checklist_words import say_cadence
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.moments import say_length

_LENGTHS = ("due_time", "opens_before", "grace", "closes_after")


def say_theirs(conflict: Conflict, mine: CadencePlan, form: Form) -> PortalError:
    """Return the refusal with every setting that is saved now and is not ``mine``."""
    theirs = cast("Cadence", conflict.current)
    told = [f"{label} {words}" for label, words in _differences(theirs, mine, form)]
    now = (
        f"Now saved: {'; '.join(told)}." if told else "Now saved is the same as yours."
    )
    return Conflict(
        f"{conflict.message} {now} Save again to write yours over it.", current=theirs
    )


def _differences(
    theirs: Cadence, mine: CadencePlan, form: Form
) -> list[tuple[str, str]]:
    now, typed = timing_from_json(theirs.timing), timing_from_json(mine.timing)
    rules = [("runs", say_cadence(theirs))] if dict(mine.rule) != theirs.rule else []
    lengths = [
        (_label(form, name), _say_length(getattr(now, name)))
        for name in _LENGTHS
        if getattr(now, name) != getattr(typed, name)
    ]
    columns = [
        (_label(form, name), _say_column(theirs, name))
        for name in COLUMNS
        if getattr(theirs, name) != getattr(mine, name)
    ]
    return [*rules, *lengths, *columns]


def _label(form: Form, name: str) -> str:
    return f"“{form[name].label}”"


def _say_length(value: time | timedelta) -> str:
    return say_length(value) if isinstance(value, timedelta) else f"{value:%H:%M}"


def _say_column(theirs: Cadence, name: str) -> str:
    say = getattr(theirs, f"get_{name}_display", None)
    return str(say() if say else getattr(theirs, name) or "nobody")
