"""The form of a cadence: its rule, its window, whom it concerns."""

import calendar
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms

from checklists.domain.cadence_rule import (
    DAY_WORDS,
    HOURS,
    MONTHS_IN,
    CadenceKind,
    DayPick,
    used_fields,
)
from checklists.models import Cadence
from checklists.services.cadences import CadencePlan
from oncall.models import Rotation, Schedule, Team, User
from opsportal.kit.zones import zone_names

_DAYS = list(zip(DAY_WORDS, calendar.day_name, strict=True))
_NTH = [
    *((number, f"number {number}") for number in range(1, 16)),
    (-1, "the last one"),
    *((-number, f"number {number} from the end") for number in range(2, 16)),
]
_KINDS = [
    (CadenceKind.DAILY, "every day"),
    (CadenceKind.WEEKDAYS, "every weekday"),
    (CadenceKind.WEEKLY, "weekly"),
    (CadenceKind.MONTHLY, "monthly"),
    (CadenceKind.QUARTERLY, "quarterly"),
    (CadenceKind.YEARLY, "yearly"),
    (CadenceKind.HOURLY, "every few hours"),
    (CadenceKind.HANDOFF, "at each handoff of a rotation"),
    (CadenceKind.FLOATING, "so many days after the last completion"),
    (CadenceKind.ON_DEMAND, "on demand"),
]
_PICKS = [
    (DayPick.DAY, "a day of the month"),
    (DayPick.LAST_DAY, "the last day"),
    (DayPick.WEEKDAY, "a weekday, such as the first Monday"),
    (DayPick.BUSINESS_DAY, "a business day, such as the third"),
]
_LENGTH = "Such as 30m, 4h or 1d 2h."
# What the form and a cadence call the same, beside its rule and its timing.
COLUMNS = (
    "time_zone",
    "holidays",
    "catch_up",
    "carry_over",
    "assignee",
    "assignee_user",
    "assignee_schedule",
    "assignee_role",
    "sign_off",
    "rotation",
)


class RuleForm(forms.Form):
    """How often: the fields of a rule, whatever its kind."""

    kind = forms.ChoiceField(label="How often", choices=_KINDS)
    days = forms.MultipleChoiceField(
        label="On", choices=_DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    every = forms.IntegerField(label="Every so many weeks", required=False, min_value=1)
    starts_on = forms.DateField(
        label="Counting from the week of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    hours = forms.TypedChoiceField(
        label="Hours between",
        choices=[(n, str(n)) for n in HOURS],
        coerce=int,
        required=False,
    )
    days_after = forms.IntegerField(
        label="Days after the last completion",
        required=False,
        min_value=1,
        help_text="Counted from the end of the last run, done or not.",
    )
    starts_from = forms.TimeField(
        label="Started from",
        required=False,
        help_text="Of the clock below. Empty: at any hour.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    starts_until = forms.TimeField(
        label="until",
        required=False,
        help_text="What is started is due by then.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    month = forms.IntegerField(
        label="Month",
        required=False,
        help_text="1 to 12 of the year, or 1 to 3 of the quarter.",
    )
    on = forms.ChoiceField(label="On", choices=_PICKS, required=False)
    day = forms.IntegerField(
        label="Day of the month", required=False, help_text="31 is the last day."
    )
    nth = forms.TypedChoiceField(
        label="Which one", choices=_NTH, coerce=int, required=False
    )
    weekday = forms.ChoiceField(label="Weekday", choices=_DAYS, required=False)


class CadenceForm(RuleForm):
    """How often, when on the clock, and for whom."""

    rotation = forms.ModelChoiceField(
        label="Rotation",
        queryset=Rotation.objects.none(),
        required=False,
        help_text="It is due at the very moment at which the rotation hands over.",
    )

    due_time = forms.CharField(
        label="Due at", widget=forms.TextInput(attrs={"type": "time"})
    )
    time_zone = forms.ChoiceField(label="On the clock of", choices=[])
    opens_before = forms.CharField(label="Opens before due", help_text=_LENGTH)
    grace = forms.CharField(label="Grace after due", help_text="Then it is missed.")
    closes_after = forms.CharField(label="Closes after due", help_text=_LENGTH)
    holidays = forms.ChoiceField(label="On holidays", choices=Cadence.Holidays.choices)
    catch_up = forms.ChoiceField(
        label="After a stop of the portal, open", choices=Cadence.CatchUp.choices
    )
    carry_over = forms.ChoiceField(
        label="When the one before is not finished",
        choices=Cadence.CarryOver.choices,
        required=False,
    )

    assignee = forms.ChoiceField(label="For", choices=Cadence.Assignee.choices)
    assignee_user = forms.ModelChoiceField(
        label="Person", queryset=User.objects.none(), required=False
    )
    assignee_schedule = forms.ModelChoiceField(
        label="Schedule", queryset=Schedule.objects.none(), required=False
    )
    assignee_role = forms.CharField(label="Role", required=False, max_length=32)
    sign_off = forms.ChoiceField(label="Sign-off", choices=Cadence.SignOff.choices)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        """Offer the people and schedules of ``team``."""
        super().__init__(*args, **kwargs)
        zones = sorted(zone_names())
        self._offer("time_zone", choices=[(name, name) for name in zones])
        self._offer(
            "assignee_user",
            queryset=User.objects.filter(
                memberships__team=team, is_active=True
            ).distinct(),
        )
        self._offer("assignee_schedule", queryset=Schedule.objects.filter(team=team))
        rotations = Rotation.objects.filter(schedule__team=team)
        self._offer("rotation", queryset=rotations.select_related("schedule"))

    def _offer(self, name: str, **options: Any) -> None:
        for option, value in options.items():
            setattr(self.fields[name], option, value)

    def clean(self) -> dict[str, Any]:
        """Ask for whom a choice of "For" needs."""
        cleaned = super().clean() or {}
        needed = {
            Cadence.Assignee.USER: ("assignee_user", "Choose the person."),
            Cadence.Assignee.ONCALL: ("assignee_schedule", "Choose the schedule."),
        }
        name, words = needed.get(cleaned.get("assignee", ""), ("", ""))
        if name and not cleaned.get(name):
            self.add_error(name, words)
        return cleaned

    def plan(self, reminders: list[dict[str, Any]]) -> CadencePlan:
        """Return what was typed, for the services; the form must be valid."""
        data = self.cleaned_data
        assignee = data["assignee"]
        is_user = assignee == Cadence.Assignee.USER
        is_oncall = assignee == Cadence.Assignee.ONCALL
        is_handoff = data["kind"] == CadenceKind.HANDOFF
        return CadencePlan(
            rule=_rule_of(data),
            timing={
                "due_time": data["due_time"],
                "opens_before": data["opens_before"],
                "grace": data["grace"],
                "closes_after": data["closes_after"],
            },
            time_zone=data["time_zone"],
            holidays=data["holidays"],
            catch_up=data["catch_up"],
            carry_over=data["carry_over"] or Cadence.CarryOver.NONE,
            assignee=assignee,
            assignee_user=data["assignee_user"] if is_user else None,
            assignee_schedule=data["assignee_schedule"] if is_oncall else None,
            assignee_role=data["assignee_role"],
            sign_off=data["sign_off"],
            rotation=data["rotation"] if is_handoff else None,
            reminders=reminders,
        )


def initial_of(cadence: Cadence) -> dict[str, Any]:
    """Return what the form of an existing cadence starts with."""
    typed = {name: getattr(cadence, name) for name in COLUMNS}
    return {"every": 1, **cadence.rule, **cadence.timing, **typed}


def initial_for(team: Team) -> dict[str, Any]:
    """Return what the form of a new cadence starts with."""
    return {
        "kind": CadenceKind.WEEKDAYS,
        "every": 1,
        "due_time": "10:00",
        "opens_before": "4h",
        "grace": "30m",
        "closes_after": "14h",
        "time_zone": team.time_zone,
        "assignee_role": "primary",
    }


def _rule_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule with only what its kind uses: the rest was not shown."""
    kind = CadenceKind(data["kind"])
    pick = DayPick(data["on"]) if kind in MONTHS_IN and data["on"] else None
    rule: dict[str, Any] = {"kind": kind.value}
    for name in used_fields(kind, pick):
        value = data.get(name)
        if value in (None, "", []):
            continue
        if isinstance(value, time):
            value = value.isoformat("minutes")
        rule[name] = value.isoformat() if isinstance(value, date) else value
    if rule.get("every") == 1:
        rule.pop("starts_on", None)
    return rule
