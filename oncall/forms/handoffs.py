"""Handoffs as they are searched and written."""

from collections.abc import Sequence
from typing import Any

from django import forms


class HandoffFilterForm(forms.Form):
    """What a reader of past handoffs looks for."""

    q = forms.CharField(label="Search", required=False, max_length=200)
    schedule = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, schedules: Sequence[tuple[str, str]]) -> None:
        """Offer these schedules, as slug and name."""
        super().__init__(data)
        choices = [("", "Any"), *schedules]
        self.fields["schedule"].choices = choices  # type: ignore[attr-defined]


class NotesForm(forms.Form):
    """The notes, with the revision that was being edited."""

    revision = forms.IntegerField(
        min_value=0,
        max_value=2_000_000_000,
        widget=forms.HiddenInput(attrs={"id": "notes-revision"}),
    )
    notes = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Markdown. What is typed is saved as it happens.",
    )

    def clean_notes(self) -> str:
        """Lines end as everywhere; browsers send them with a carriage return."""
        return str(self.cleaned_data["notes"]).replace("\r\n", "\n").rstrip()
