"""The form that says when a weekly review is sent, and to whom."""

from calendar import day_name
from typing import Any

from django import forms

from checklists.services.weekly_reviews import ReviewPlan
from oncall.models import Channel, Team


class ReviewForm(forms.Form):
    """What ``plan_review`` takes; only channels of the team can be chosen."""

    is_on = forms.BooleanField(label="Send it every week", required=False)
    weekday = forms.TypedChoiceField(
        label="On", coerce=int, choices=list(enumerate(day_name))
    )
    send_time = forms.TimeField(label="At", widget=forms.TimeInput({"type": "time"}))
    to_managers = forms.BooleanField(label="To the managers", required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), required=False, empty_label="No channel"
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        """Offer the channels of the team."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["channel"]
        field.queryset = Channel.objects.filter(team=team, is_enabled=True)

    def plan(self) -> ReviewPlan:
        """Return what was chosen; call it when the form is valid."""
        return ReviewPlan(**self.cleaned_data)
