"""What people type about themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from oncall.forms.fields import clock_field, zone_field
from oncall.models import Scope, Team, TransportKind


class ProfileForm(forms.Form):
    """Name and zone."""

    name = forms.CharField(label="Full name", max_length=120, required=False)
    time_zone = zone_field(label="Time zone")


class QuietForm(forms.Form):
    """When no reminder should come."""

    starts = clock_field(label="From", required=False)
    ends = clock_field(label="Until", required=False)


class MethodForm(forms.Form):
    """A new way to reach the person."""

    kind = forms.ChoiceField(choices=TransportKind.choices)
    address = forms.CharField(
        max_length=2000, help_text="A mail address, or the URL of a webhook."
    )
    label = forms.CharField(max_length=80, required=False)


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=80, help_text="What will use it.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
    )
    team = forms.ChoiceField(label="In", required=False)
    lifetime = forms.TypedChoiceField(
        label="For",
        coerce=lambda days: timedelta(days=int(days)),
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
    )

    def __init__(self, data: Any = None, *, teams: Sequence[Team]) -> None:
        super().__init__(data)
        self._teams = {str(team.pk): team for team in teams}
        self.fields["team"].choices = [  # type: ignore[attr-defined]
            ("", "all my teams"),
            *((pk, team.name) for pk, team in self._teams.items()),
        ]

    def read_team(self) -> Team | None:
        """Return the one team that the token is for."""
        return self._teams.get(self.cleaned_data["team"])
