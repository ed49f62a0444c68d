"""Calendars in and out, as they are typed."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oncall.models import Schedule


class AbsenceFeedForm(forms.Form):
    """A calendar of one's absences elsewhere."""

    name = forms.CharField(max_length=80, initial="My calendar")
    url = forms.CharField(
        label="iCal address",
        max_length=2000,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text="Every event in it that blocks your time counts as an absence. "
        "The address is kept encrypted and never shown again.",
    )


class CalendarFeedForm(forms.Form):
    """A calendar to subscribe to."""

    name = forms.CharField(max_length=80, help_text="Such as “Phone”.")
    schedule = forms.ChoiceField(label="What it holds", required=False)

    def __init__(
        self, data: Any = None, *, schedules: Sequence[Schedule], chosen: str = ""
    ) -> None:
        super().__init__(data, initial={"schedule": chosen})
        self.fields["schedule"].choices = [  # type: ignore[attr-defined]
            ("", "My shifts in all schedules"),
            *((str(each.pk), f"Everybody in {each.name}") for each in schedules),
        ]
