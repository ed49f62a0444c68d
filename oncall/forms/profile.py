"""What people type about themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from oncall.forms.fields import clock_field, kind_choices, zone_field
from oncall.models import NotificationRule, Scope, Team
from oncall.queries.people import MethodRow

ADDRESS_HELP = (
    "A mail address, a phone number with its country code, the URL of a webhook "
    "(Slack, Microsoft Teams, any), or PagerDuty's integration key."
)


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

    kind = forms.ChoiceField()
    address = forms.CharField(
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=ADDRESS_HELP,
    )
    label = forms.CharField(
        max_length=80, required=False, help_text="What you call it."
    )

    def __init__(self, data: Any = None, *, is_admin: bool) -> None:
        super().__init__(data)
        self.fields["kind"].choices = kind_choices(is_admin=is_admin)  # type: ignore[attr-defined]


class RuleForm(forms.Form):
    """One more notification rule."""

    urgency = forms.ChoiceField(
        label="For", choices=NotificationRule.Urgency.choices, initial="high"
    )
    method = forms.TypedChoiceField(label="By", coerce=int)
    minutes = forms.IntegerField(
        label="After minutes", min_value=0, max_value=24 * 60, initial=0
    )

    def __init__(self, data: Any = None, *, methods: Sequence[MethodRow]) -> None:
        super().__init__(data)
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            (each.pk, f"{each.name} · {each.shown}")
            for each in methods
            if each.verified_at
        ]


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
        # Another form of the page has a name too.
        super().__init__(data, auto_id="id_token_%s")
        self._teams = {str(team.pk): team for team in teams}
        self.fields["team"].choices = [  # type: ignore[attr-defined]
            ("", "all my teams"),
            *((pk, team.name) for pk, team in self._teams.items()),
        ]

    def read_team(self) -> Team | None:
        """Return the one team that the token is for."""
        return self._teams.get(self.cleaned_data["team"])
