"""Rotations as they are typed: the order of people, the handoff, and the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from django import forms

from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import Count, Unit
from oncall.domain.schedule import HolidayPolicy, Member
from oncall.forms.fields import (
    DASH,
    NOBODY,
    WEEKDAYS,
    MomentField,
    choose_person,
    clock_field,
    zone_field,
)
from oncall.forms.window_rows import WindowRows, show_windows
from oncall.models import HolidayCalendar, RotationVersion, Schedule, User
from oncall.queries.rosters import list_calendars
from oncall.services.drafts import RotationDraft, ScheduleSettings

MOST_PLACES, MOST_PARTNERS, MOST_WINDOWS = 50, 9, 14
_SPARE_PLACES, _LEAST_PLACES = 1, 3
_PLAIN = {
    "unit": "week",
    "every": "1",
    "priority": "0",
    "count": "calendar",
    "holiday_policy": "ignore",
    "absence_policy": "warn",
}
_NAMES = {
    Unit.HOUR: "Hourly",
    Unit.DAY: "Daily",
    Unit.WEEK: "Weekly",
    Unit.MONTH: "Monthly",
}
# Where the page shows what is wrong with something that has no field of its own.
_PLACE_OF = {"people": "place_0", "windows": "days_0"}


class RotationForm(WindowRows, forms.Form):
    """People in order, the handoff, the moment from which it holds, and more.

    The numbers of places, of partners at one place and of hours are hidden fields,
    so that buttons of the page can ask for more of them without JavaScript.
    """

    roles = forms.CharField(
        max_length=250,
        help_text="In order, with commas. The first person of a turn takes the first "
        "role, the next one the second. Nobody is paged as “shadow”.",
    )
    weekday = forms.TypedChoiceField(
        label="Handoff on",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
    )
    at = clock_field(label="Handoff at")
    effective_from = MomentField(
        label="Effective from",
        required=False,
        help_text="On your clock. Empty means now.",
    )
    keeps_current = forms.BooleanField(
        label="Whoever is on call stays until the next handoff",
        required=False,
        initial=True,
    )
    name = forms.CharField(label="Name of the rotation", max_length=120)
    priority = forms.IntegerField(
        required=False,
        help_text="Of the rotations that have somebody for a role, the highest wins.",
    )
    every = forms.IntegerField(label="A turn lasts", required=False)
    unit = forms.ChoiceField(choices=RotationVersion.Unit)
    month_day = forms.IntegerField(
        label="Day of the month",
        required=False,
        help_text="For turns of months. 31 is the last day of each.",
    )
    counted_from = forms.DateField(
        label="Counted from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The day of one of the handoffs, for turns of several units.",
    )
    count = forms.ChoiceField(
        label="Turns are counted in", choices=RotationVersion.Count
    )
    holiday_policy = forms.ChoiceField(
        label="Holidays", choices=RotationVersion.HolidayPolicy
    )
    absence_policy = forms.ChoiceField(
        label="Whoever is away", choices=RotationVersion.AbsencePolicy
    )
    places = forms.IntegerField(widget=forms.HiddenInput, required=False)
    partners = forms.IntegerField(widget=forms.HiddenInput, required=False)
    windows = forms.IntegerField(widget=forms.HiddenInput, required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # Those that a plain weekly rotation leaves alone.
    MORE: tuple[str, ...] = (
        "name",
        "priority",
        "every",
        "unit",
        "month_day",
        "counted_from",
        "count",
        "holiday_policy",
        "absence_policy",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        source = data if data is not None else self.initial
        self.place_count = _bounded(source.get("places"), _LEAST_PLACES, MOST_PLACES)
        self.partner_count = _bounded(source.get("partners"), 0, MOST_PARTNERS)
        self.window_count = _bounded(source.get("windows"), 0, MOST_WINDOWS)
        nobody = (NOBODY, "Nobody (an empty slot)")
        choices = choose_person(people, ("", DASH), nobody)
        partners = choose_person(people, ("", DASH))
        for place in range(self.place_count):
            label = f"Place {place + 1}"
            self._add_person(f"place_{place}", choices, label)
            for other in range(self.partner_count):
                self._add_person(f"with_{place}_{other}", partners, f"{label}, with")
        self.add_window_fields()

    def _add_person(
        self, name: str, choices: list[tuple[str, str]], label: str
    ) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, required=False
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The places of the order: the person, and those who serve with them."""
        return [
            {
                "number": place + 1,
                "index": place,
                "person": self[f"place_{place}"],
                "partners": [
                    self[f"with_{place}_{other}"] for other in range(self.partner_count)
                ],
            }
            for place in range(self.place_count)
        ]

    @property
    def is_more_open(self) -> bool:
        """Whether something beyond the plain weekly rotation is filled in, or wrong."""
        wrong = self.errors if self.is_bound else {}
        is_filled = any(
            str(self[name].value() or usual) != usual for name, usual in _PLAIN.items()
        )
        return (
            is_filled
            or self.window_count > 0
            or any(name in wrong for name in self.MORE)
        )

    def read(self) -> RotationDraft:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        return RotationDraft(
            people=tuple(self._read_members()),
            roles=read_roles(clean["roles"]),
            at=clean["at"],
            weekday=clean["weekday"],
            month_day=_or(clean["month_day"], 1),
            counted_from=clean["counted_from"],
            name=clean["name"],
            priority=_or(clean["priority"], 0),
            unit=Unit(clean["unit"]),
            every=_or(clean["every"], 1),
            count=Count(clean["count"]),
            windows=self.read_windows(),
            holiday_policy=HolidayPolicy(clean["holiday_policy"]),
            absence_policy=AbsencePolicy(clean["absence_policy"]),
            effective_from=clean["effective_from"],
            keeps_current=clean["keeps_current"],
            based_on=clean["based_on"],
        )

    def clean(self) -> dict[str, Any]:
        """Check the hours, row by row."""
        clean = super().clean() or {}
        self.check_windows()
        return clean

    def add_error(self, field: str | None, error: Any) -> None:
        """Put what is wrong with the people at the first place."""
        super().add_error(_PLACE_OF.get(field, field) if field else None, error)

    def has_place_for(self, field: str) -> bool:
        """Say whether an error at that field has a place on the page."""
        return _PLACE_OF.get(field, field) in self.fields

    def _read_members(self) -> Iterator[Member]:
        clean = self.cleaned_data
        for place in range(self.place_count):
            first = clean[f"place_{place}"]
            if not first:
                continue
            others = [clean[f"with_{place}_{n}"] for n in range(self.partner_count)]
            people = dict.fromkeys(int(one) for one in others if one)
            if first == NOBODY:
                yield None
            elif people:
                yield tuple(dict.fromkeys((int(first), *people)))
            else:
                yield int(first)


class ScheduleForm(RotationForm):
    """A new schedule with its first rotation."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        label="Short name", help_text="For the address: letters, digits, hyphens."
    )
    time_zone = zone_field(label="Time zone")
    field_order = ["name", "slug"]
    MORE = tuple(name for name in RotationForm.MORE if name != "name")

    def read(self) -> RotationDraft:
        """Return what was entered, for the services."""
        draft = super().read()
        return replace(draft, name=_NAMES[draft.unit])


class SettingsForm(forms.Form):
    """What a schedule is besides its rotations."""

    name = forms.CharField(max_length=120)
    time_zone = zone_field(label="Time zone")
    calendar = forms.ModelChoiceField(
        label="Holidays",
        queryset=HolidayCalendar.objects.none(),
        required=False,
        empty_label="As the team",
    )
    required_roles = forms.CharField(
        label="Required roles",
        max_length=250,
        required=False,
        help_text="With commas; nobody in one of them is a gap. Empty means every "
        "role that a rotation fills.",
    )

    def __init__(self, data: Any = None, *, schedule: Schedule) -> None:
        super().__init__(
            data,
            initial={
                "name": schedule.name,
                "time_zone": schedule.time_zone,
                "calendar": schedule.calendar_id,
                "required_roles": ", ".join(schedule.required_roles),
            },
        )
        field = cast("forms.ModelChoiceField[Any]", self.fields["calendar"])
        field.queryset = list_calendars()

    def read(self) -> ScheduleSettings:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        calendar = clean["calendar"]
        return ScheduleSettings(
            name=clean["name"],
            time_zone=clean["time_zone"].strip(),
            calendar_id=calendar.pk if calendar else None,
            required_roles=read_roles(clean["required_roles"]),
        )


class MomentForm(forms.Form):
    """From when something holds."""

    effective_from = MomentField(
        label="Effective from",
        required=False,
        help_text="On your clock. Empty means now.",
    )


def show_draft(draft: RotationDraft) -> dict[str, Any]:
    """Return the initial values of a form that says the same as the draft."""
    values: dict[str, Any] = {
        "roles": ", ".join(draft.roles),
        "weekday": draft.weekday,
        "at": draft.at,
        "keeps_current": draft.keeps_current,
        "name": draft.name,
        "priority": draft.priority,
        "every": draft.every,
        "unit": draft.unit.value,
        "month_day": draft.month_day,
        "counted_from": draft.counted_from,
        "count": draft.count.value,
        "holiday_policy": draft.holiday_policy.value,
        "absence_policy": draft.absence_policy.value,
        "places": len(draft.people) + _SPARE_PLACES,
        "partners": 0,
        "based_on": draft.based_on,
    }
    for place, member in enumerate(draft.people):
        first, *others = member if isinstance(member, tuple) else (member,)
        values[f"place_{place}"] = NOBODY if first is None else str(first)
        values |= {f"with_{place}_{n}": str(each) for n, each in enumerate(others)}
        values["partners"] = max(values["partners"], len(others))
    return values | show_windows(draft.windows)


def read_roles(text: str) -> tuple[str, ...]:
    """Return the roles in a text with commas, in small letters."""
    roles = (role.strip().lower() for role in text.split(","))
    return tuple(role for role in roles if role)


def _bounded(value: Any, least: int, most: int) -> int:
    try:
        return min(max(int(value), least), most)
    except (TypeError, ValueError):
        return least


def _or(value: int | None, usual: int) -> int:
    return usual if value is None else value
