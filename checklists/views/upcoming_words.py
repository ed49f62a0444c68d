"""A cadence that is being typed, in words: a sentence, and the next runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from checklists.domain.cadence import Slot
from checklists.domain.cadence_rule import CadenceKind, rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.cadence_words import describe
from checklists.forms.cadences import CadenceForm
from checklists.models import Cadence, Checklist
from checklists.services.cadences import CadencePlan, preview_cadence
from oncall.access import PortalRequest
from opsportal.kit.errors import PortalError
from opsportal.kit.moments import say_length, say_moment

_NONE = {
    CadenceKind.ON_DEMAND: "Nothing opens by itself: somebody starts each run.",
    CadenceKind.FLOATING: "A run is open: the next one is counted from its end.",
    CadenceKind.HANDOFF: "The rotation hands over to nobody else in the next year.",
}
# Holidays say nothing of these.
_FREE = {CadenceKind.ON_DEMAND, CadenceKind.HANDOFF}


@dataclass(frozen=True, slots=True)
class SlotWords:
    """One run to come, on the clock of the team."""

    due: str
    opens: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a cadence means, or what is not clear of it: (field, words)."""

    sentence: str = ""
    zone: str = ""
    rows: tuple[SlotWords, ...] = ()
    none: str = ""
    problems: tuple[tuple[str, str], ...] = ()


def look_ahead(
    request: PortalRequest,
    form: CadenceForm,
    checklist: Checklist,
    was: Cadence | None,
    reminders: list[dict[str, Any]],
) -> Upcoming:
    """Say what was typed in words; nothing is saved."""
    if not form.is_valid():
        problems = tuple(
            (str(form[name].label), str(error))
            for name, errors in form.errors.items()
            for error in errors
        )
        return Upcoming(problems=problems)
    plan = form.plan(reminders)
    try:
        found = preview_cadence(checklist, plan, was=was, now=request.now)
    except PortalError as refused:
        words = refused.message.removeprefix(f"{refused.field}: ")
        label = form[refused.field].label if refused.field in form.fields else ""
        return Upcoming(problems=((str(label), words),))
    return say_upcoming(plan, found, checklist.team.time_zone)


def say_upcoming(plan: CadencePlan, found: list[Slot], zone: str) -> Upcoming:
    """Return a plan and its next slots in words, on the clock of ``zone``."""
    clock = ZoneInfo(zone)
    kind = rule_from_json(plan.rule).kind
    return Upcoming(
        sentence=say_plan(plan),
        zone=zone,
        rows=tuple(
            SlotWords(_say(slot.due_at, clock), _say(slot.opens_at, clock))
            for slot in found
        ),
        none=_NONE.get(kind, "Holidays skip it for the next ten years."),
    )


def say_plan(plan: CadencePlan) -> str:
    """Return a plan as a sentence."""
    rule, timing = rule_from_json(plan.rule), timing_from_json(plan.timing)
    words = describe(rule, timing.due_time)
    opens = say_length(timing.opens_before)
    if rule.kind is CadenceKind.ON_DEMAND:
        window = f"due {opens} after its start"
    else:
        window = f"opens {opens} before"
    grace = f"{say_length(timing.grace)} of grace" if timing.grace else "no grace"
    closes = f"closes {say_length(timing.closes_after)} after it was due"
    sentence = f"{words[:1].upper()}{words[1:]} ({plan.time_zone}): {window}, {grace}"
    holidays = Cadence.Holidays(plan.holidays).label
    rest = "" if rule.kind in _FREE else f"; {holidays}"
    if rule.kind is CadenceKind.FLOATING:
        rest += "; only the next one is known"
    return f"{sentence}, {closes}{rest}."


def _say(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a} {say_moment(moment, zone, now=None)}"
