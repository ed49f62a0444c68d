"""The filters of the delivery log."""

from django import forms

from oncall.models import Notification, TransportKind


class LogForm(forms.Form):
    """What a reader of the delivery log wants to see."""

    q = forms.CharField(label="Search", required=False)
    state = forms.ChoiceField(
        choices=[("", "Any"), *Notification.State.choices], required=False
    )
    urgency = forms.ChoiceField(
        choices=[("", "Any"), *Notification.Urgency.choices], required=False
    )
    kind = forms.ChoiceField(
        label="How", choices=[("", "Any"), *TransportKind.choices], required=False
    )
