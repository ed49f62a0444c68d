"""The form of planned work that comes back."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms

from incidents.domain.recurrence import ORDINALS, WEEKDAYS, Recurrence
from incidents.queries import ServiceRow
from opsportal.kit.zones import zone_names


class RecurringForm(forms.Form):
    """Which days, from when to when, on whose clock, and why."""

    service = forms.TypedChoiceField(coerce=int)
    reason = forms.CharField(
        label="What is done", max_length=250, help_text="Such as: load test."
    )
    frequency = forms.ChoiceField(
        label="It comes back",
        choices=[
            ("weekly", "by the week, on the days below"),
            ("monthly", "by the month, on a date or a day of the week"),
        ],
    )
    every = forms.IntegerField(
        label="Every",
        min_value=1,
        max_value=12,
        initial=1,
        help_text="Weeks or months.",
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Days of the week",
        coerce=int,
        required=False,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
    )
    on = forms.ChoiceField(
        label="Of a month",
        required=False,
        choices=[
            ("", "the date below"),
            *((str(nth), f"the {word} such day") for nth, word in ORDINALS.items()),
        ],
        help_text="For what comes back by the month.",
    )
    month_day = forms.IntegerField(
        label="Date of the month",
        min_value=1,
        max_value=31,
        required=False,
        help_text="A shorter month has its last day.",
    )
    starts = forms.TimeField(
        label="From",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    hours = forms.FloatField(
        label="For so many hours",
        min_value=0,
        max_value=168,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )
    zone = forms.ChoiceField(label="On the clock of")
    first_on = forms.DateField(
        label="First day", widget=forms.DateInput(attrs={"type": "date"})
    )
    last_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: until somebody stops it.",
    )

    def __init__(
        self, *args: Any, services: Iterable[ServiceRow], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone_names())
        self._offer("service", [(row.pk, row.name) for row in services])
        self._offer("zone", [(name, name) for name in zones])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def read(self) -> Recurrence:
        """Return the rule that was asked for."""
        said = self.cleaned_data
        is_weekly = said["frequency"] == "weekly"
        nth = int(said["on"]) if said["on"] and not is_weekly else None
        is_dated = not is_weekly and nth is None
        return Recurrence(
            frequency="weekly" if is_weekly else "monthly",
            every=said["every"],
            weekdays=() if is_dated else tuple(sorted(said["weekdays"])),
            month_day=said["month_day"] if is_dated else None,
            nth=nth,
            starts=said["starts"],
            length=timedelta(hours=said["hours"]),
            zone=said["zone"],
            first_on=said["first_on"],
            last_on=said["last_on"],
        )
