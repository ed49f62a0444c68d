"""Rotations as they are typed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from oncall.forms.fields import (
    DASH,
    MOST_PLACES,
    NOBODY,
    WEEKDAYS,
    MomentField,
    choose_person,
    clock_field,
    zone_field,
)
from oncall.models import User
from oncall.services.weekly import WeeklyForm as WeeklyValues


class WeeklyForm(forms.Form):
    """People in order, the handoff, and the moment from which it holds."""

    roles = forms.CharField(
        max_length=120,
        help_text="In order, with commas. The first person of the week takes the "
        "first role, the next one the second.",
    )
    weekday = forms.TypedChoiceField(
        label="Handoff on", choices=list(enumerate(WEEKDAYS)), coerce=int
    )
    at = clock_field(label="Handoff at")
    time_zone = zone_field(label="Time zone")
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
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        places: int = 4,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        count = min(max(places + 2, 4), MOST_PLACES)
        choices = choose_person(people, ("", DASH), (NOBODY, "Nobody (an empty week)"))
        self._place_names = [f"place_{number}" for number in range(count)]
        for number, name in enumerate(self._place_names, start=1):
            self.fields[name] = forms.ChoiceField(
                label=f"{number}.", choices=choices, required=False
            )

    @property
    def places(self) -> list[forms.BoundField]:
        """The fields of the order."""
        return [self[name] for name in self._place_names]

    def read(self, now: datetime) -> WeeklyValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        chosen = [clean[name] for name in self._place_names if clean[name]]
        roles = [role.strip().lower() for role in clean["roles"].split(",")]
        return WeeklyValues(
            people=tuple(None if each == NOBODY else int(each) for each in chosen),
            roles=tuple(role for role in roles if role),
            weekday=clean["weekday"],
            at=clean["at"],
            time_zone=clean["time_zone"].strip(),
            effective_from=clean["effective_from"] or now,
            keeps_current=clean["keeps_current"],
            based_on=clean["based_on"],
        )

    def fingerprint(self) -> str:
        """Return a mark of what was entered, to tell whether it was previewed."""
        entered = repr(sorted((name, self.data.get(name, "")) for name in self.fields))
        return hashlib.sha256(entered.encode()).hexdigest()


class ScheduleForm(WeeklyForm):
    """A new schedule with its first rotation."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        label="Short name", help_text="For the address: letters, digits, hyphens."
    )
    field_order = ["name", "slug"]
