"""The filters of the delivery log."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oncall.forms.fields import choose_person
from oncall.models import Notification, TransportKind, User


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
    person = forms.TypedChoiceField(
        label="Who", coerce=int, empty_value=None, required=False
    )
    topic = forms.CharField(
        label="About",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "alert:12"}),
    )

    def __init__(self, data: Any, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.fields["person"].choices = choose_person(people, ("", "Anybody"))  # type: ignore[attr-defined]
