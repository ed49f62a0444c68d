"""Absences as they are typed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from oncall.domain.absence_times import read_span
from oncall.domain.swap import Leg
from oncall.forms.fields import choose_person, clock_field
from oncall.models import Absence, User
from oncall.services.absences import AbsenceForm as AbsenceValues


def _day_field(**options: Any) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


class AbsenceForm(forms.Form):
    """From which day to which, perhaps with times."""

    starts_on = _day_field(label="First day")
    ends_on = _day_field(label="Last day")
    starts_time = clock_field(label="From", required=False, help_text="Empty: all day.")
    ends_time = clock_field(label="Until", required=False)
    kind = forms.ChoiceField(choices=Absence.Kind.choices)
    note = forms.CharField(max_length=250, required=False)

    def read(self, zone: ZoneInfo) -> AbsenceValues:
        """Return what was entered, on the clock of the person who is away."""
        clean = self.cleaned_data
        starts_at, ends_at = read_span(
            clean["starts_on"],
            clean["ends_on"],
            zone,
            starts=clean["starts_time"],
            ends=clean["ends_time"],
        )
        return AbsenceValues(starts_at, ends_at, clean["kind"], clean["note"])

    def clean(self) -> dict[str, Any]:
        """Keep days within what every clock can show."""
        clean = super().clean() or {}
        for name in ("starts_on", "ends_on"):
            day = clean.get(name)
            if day and not date(2000, 1, 1) <= day < date(2200, 1, 1):
                self.add_error(name, "Choose a day of this century.")
        return clean


class CoverForm(forms.Form):
    """Who stands in for a part of a shift."""

    schedule = forms.SlugField()
    role = forms.CharField(max_length=32)
    starts_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S%z"])
    ends_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S%z"])
    cover = forms.ChoiceField()

    def __init__(self, data: Any = None, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.fields["cover"].choices = choose_person(people)  # type: ignore[attr-defined]

    def read(self) -> Leg:
        """Return the part of the shift."""
        clean = self.cleaned_data
        return Leg(clean["role"], clean["starts_at"], clean["ends_at"])
