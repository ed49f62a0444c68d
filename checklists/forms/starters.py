"""The form that takes a ready-made checklist."""

from typing import Any

from django import forms

from checklists.domain.starters import STARTERS, Starter
from oncall.models import Service, Team

_BY_KEY = {starter.key: starter for starter in STARTERS}


class StarterForm(forms.Form):
    """Which one, for whom."""

    starter = forms.ChoiceField(choices=[(key, key) for key in _BY_KEY])
    team = forms.ModelChoiceField(queryset=Team.objects.none(), empty_label=None)
    service = forms.ModelChoiceField(
        queryset=Service.objects.none(), required=False, empty_label="no service"
    )

    def __init__(self, *args: Any, teams: set[int], **kwargs: Any) -> None:
        """Offer these teams and their services."""
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["team"]
        choices.queryset = Team.objects.filter(pk__in=teams).order_by("name")
        choices = self.fields["service"]
        choices.queryset = Service.objects.filter(team__in=teams).order_by("name")

    def chosen(self) -> Starter:
        """Return the one that was chosen; the form must be valid."""
        return _BY_KEY[self.cleaned_data["starter"]]
