"""Overrides as they are typed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from oncall.forms.fields import DASH, MomentField, choose_person
from oncall.models import User
from oncall.services.overrides import OverrideForm as OverrideValues


class OverrideForm(forms.Form):
    """An exception: who comes in, who goes out, from when to when."""

    TAKE, ADD, REPLACE, REMOVE = "take", "add", "replace", "remove"

    kind = forms.ChoiceField(
        label="What happens",
        choices=[
            (TAKE, "Somebody takes the role, whoever has it"),
            (REPLACE, "Somebody stands in for one person"),
            (ADD, "Somebody is on call as well"),
            (REMOVE, "One person is off"),
        ],
    )
    role = forms.ChoiceField()
    add_user = forms.ChoiceField(label="Who comes in", required=False)
    remove_user = forms.ChoiceField(label="Who goes out", required=False)
    starts_at = MomentField(
        label="From", required=False, help_text="On your clock. Empty means now."
    )
    ends_at = MomentField(label="Until")
    reason = forms.CharField(max_length=250, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        roles: Sequence[str],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        choices = choose_person(people, ("", DASH))
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            *((role, role.capitalize()) for role in roles),
            ("", "Every role that they have"),
        ]
        self.fields["role"].required = False
        for name in ("add_user", "remove_user"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the people whom the kind speaks of."""
        clean = super().clean() or {}
        kind = clean.get("kind", "")
        if kind != self.REMOVE and not clean.get("add_user"):
            self.add_error("add_user", "Choose who comes in.")
        if kind in {self.REPLACE, self.REMOVE} and not clean.get("remove_user"):
            self.add_error("remove_user", "Choose who goes out.")
        if kind in {self.TAKE, self.ADD} and not clean.get("role"):
            self.add_error("role", "Choose the one role to come into.")
        return clean

    def read(self, now: datetime) -> OverrideValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        kind = clean["kind"]
        comes = int(clean["add_user"] or 0) if kind != self.REMOVE else 0
        goes = int(clean["remove_user"] or 0) if kind in {"replace", "remove"} else 0
        return OverrideValues(
            starts_at=clean["starts_at"] or now,
            ends_at=clean["ends_at"],
            role=clean["role"],
            add_user_id=comes or None,
            remove_user_id=goes or None,
            takes_role=kind == self.TAKE,
            reason=clean["reason"],
        )
