"""Checklists in words: cadences, reminders, the calendar of a year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.urls import reverse

from checklists.domain.cadence_rule import CadenceKind, rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.cadence_words import describe
from checklists.domain.compliance import Compliance, Standing
from checklists.domain.reminder_ladder import ladder_from_json
from checklists.models import Cadence
from checklists.queries.checklists import PastRun
from opsportal.kit.charts import Day
from opsportal.kit.moments import say_length

_DASH = "\N{EN DASH}"
_AUDIENCES = {
    "assignee": "whom it is for",
    "on_call": "whoever is on call",
    "manager": "the managers",
}
Tone = Literal["ok", "warn", "crit", "acc", "part", "none", "hatch"]
# Worst first: a day of several runs shows the worst of them.
STANDINGS: tuple[tuple[Standing, Tone, str], ...] = (
    (Standing.MISSED, "crit", "missed"),
    (Standing.LATE, "warn", "late"),
    (Standing.SYSTEM_MISSED, "hatch", "missed: the portal was down"),
    (Standing.PENDING, "acc", "open"),
    (Standing.ON_TIME, "ok", "on time"),
    (Standing.SKIPPED, "part", "skipped"),
    (Standing.VOID, "none", "void"),
)
LEGEND: tuple[tuple[Tone, str], ...] = (
    ("ok", "on time"),
    ("warn", "late"),
    ("crit", "missed"),
    ("hatch", "the portal was down"),
    ("part", "skipped"),
    ("none", "nothing due"),
)


@dataclass(frozen=True, slots=True)
class CadenceWords:
    """A cadence as people read it."""

    pk: int
    rule: str
    zone: str
    window: str
    holidays: str
    carry_over: str
    assignee: str
    sign_off: str
    reminders: list[str]
    is_enabled: bool
    is_on_demand: bool
    next_open_at: datetime | None


def say_cadence(cadence: Cadence) -> str:
    """Return the rule alone: "every weekday at 10:00"."""
    timing = timing_from_json(cadence.timing)
    return describe(rule_from_json(cadence.rule), timing.due_time)


def _say_rule(cadence: Cadence) -> str:
    """Return the rule with the name of its rotation, when it has one."""
    if cadence.rotation is None:
        return say_cadence(cadence)
    return f"at each handoff of {cadence.rotation}"


def is_on_demand(cadence: Cadence) -> bool:
    """Say whether only people start its runs."""
    return bool(cadence.rule.get("kind") == CadenceKind.ON_DEMAND)


def cadence_words(cadence: Cadence) -> CadenceWords:
    """Return all of a cadence in words."""
    timing = timing_from_json(cadence.timing)
    on_demand = is_on_demand(cadence)
    opening = "due" if on_demand else "opens"
    before = "after its start" if on_demand else "before due"
    return CadenceWords(
        pk=cadence.pk,
        rule=_say_rule(cadence),
        zone=cadence.time_zone,
        window=(
            f"{opening} {say_length(timing.opens_before)} {before},"
            f" grace {say_length(timing.grace) if timing.grace else 'none'},"
            f" closes {say_length(timing.closes_after)} after due"
        ),
        holidays=cadence.get_holidays_display(),
        carry_over=cadence.get_carry_over_display(),
        assignee=say_for(cadence),
        sign_off=cadence.get_sign_off_display(),
        reminders=say_ladder(cadence.reminders),
        is_enabled=cadence.is_enabled,
        is_on_demand=on_demand,
        next_open_at=cadence.next_open_at,
    )


def say_for(cadence: Cadence) -> str:
    """Return for whom its runs are."""
    if cadence.assignee == Cadence.Assignee.USER and cadence.assignee_user:
        return cadence.assignee_user.display_name
    if cadence.assignee == Cadence.Assignee.ONCALL:
        schedule = cadence.assignee_schedule
        where = f" ({schedule.name})" if schedule else ""
        return f"{cadence.assignee_role or 'whoever is'} on call{where}"
    return "the whole team"


def say_ladder(raw: object) -> list[str]:
    """Return one line a reminder: "30m before due: whom it is for"."""
    lines = []
    for rung in ladder_from_json(raw):
        people = " and ".join(_AUDIENCES[each.value] for each in rung.audiences)
        if rung.offset:
            side = "before" if rung.offset < timedelta() else "after"
            when = f"{say_length(rung.offset)} {side} due"
        else:
            when = "at due"
        loud = ", even in quiet hours" if rung.ignores_quiet_hours else ""
        lines.append(f"{when}: {people}{loud}")
    return lines


def history_days(
    runs: Iterable[PastRun], *, zone: ZoneInfo, now: datetime, days: int
) -> list[Day]:
    """Return the calendar: each day as its worst run, the due day counts."""
    by_day: dict[date, list[PastRun]] = {}
    for run in runs:
        by_day.setdefault(run.due_at.astimezone(zone).date(), []).append(run)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    # Once: 365 calls of reverse() are a tenth of the page.
    address = reverse("run_detail", args=[0]).removesuffix("0/")
    every = (first + timedelta(days=number) for number in range(days))
    return [_history_day(on, by_day.get(on, []), address) for on in every]


def _history_day(on: date, runs: list[PastRun], address: str) -> Day:
    standings = [run.standing for run in runs]
    for standing, tone, words in STANDINGS:
        if standing in standings:
            worst = runs[standings.index(standing)]
            count = f" ({len(runs)} runs)" if len(runs) > 1 else ""
            url = f"{address}{worst.pk}/"
            return Day(on, tone, f"{words}{count}", url)  # type: ignore[arg-type]
    return Day(on, "none", "nothing due")


def say_standing(standing: Standing) -> tuple[str, str]:
    """Return the words and the tone of one run for a pill."""
    tone, words = {each: (tone, words) for each, tone, words in STANDINGS}[standing]
    return words, tone if tone in {"ok", "warn", "crit", "acc"} else ""


def say_figures(figures: Compliance) -> list[tuple[str, str]]:
    """Return the figures of a checklist as rows."""
    percent, auto = figures.percent, figures.auto_percent
    return [
        ("On time", _DASH if percent is None else f"{percent} %"),
        ("Streak", f"{figures.streak} in a row"),
        ("Late", str(figures.late)),
        ("Missed", str(figures.missed)),
        ("Portal down", str(figures.system_missed)),
        ("Skipped", str(figures.skipped + figures.void)),
        ("Ticked itself", _DASH if auto is None else f"{auto} %"),
    ]
