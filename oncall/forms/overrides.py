"""Overrides as they are typed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms

from oncall.forms.fields import DASH, MomentField, choose_person
from oncall.models import User
from oncall.services.overrides import OverrideForm as OverrideValues


class _OpenChoice(forms.ChoiceField):
    """A choice that some kinds of override need and others do not."""

    def validate(self, value: Any) -> None:
        """Let the form say what is missing."""
        if value:
            super().validate(value)


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
    role = _OpenChoice()
    add_user = _OpenChoice(label="Who comes in")
    remove_user = _OpenChoice(label="Who goes out")
    starts_at = MomentField(label="From", required=False, help_text="Empty means now.")
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
        for name in ("add_user", "remove_user"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the people whom the kind speaks of."""
        clean = super().clean() or {}
        kind = clean.get("kind", "")
        if kind != self.REMOVE and not clean.get("add_user"):
            self._miss("add_user", "Choose who comes in.")
        if kind in {self.REPLACE, self.REMOVE} and not clean.get("remove_user"):
            self._miss("remove_user", "Choose who goes out.")
        if kind in {self.TAKE, self.ADD} and not clean.get("role"):
            self._miss("role", "Choose the one role to come into.")
        return clean

    def _miss(self, field: str, words: str) -> None:
        self.add_error(field, forms.ValidationError(words, code="missing"))

    def fingerprint(self) -> str:
        """Return a mark of what was entered, to tell whether it was previewed."""
        # No preview shows the reason, which is what people write last.
        shown = sorted({*self.fields} - {"reason"})
        entered = repr([(name, self.data.get(name, "")) for name in shown])
        return hashlib.sha256(entered.encode()).hexdigest()

    def faults(self) -> list[str]:
        """Return what is wrong, without what is only not filled in yet."""
        return [
            " ".join(error.messages)
            for errors in self.errors.as_data().values()
            for error in errors
            if error.code not in {"required", "missing"}
        ]

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


def read_query(query: Mapping[str, str]) -> dict[str, Any]:
    """Return initial values from an address, as bars and drags give it.

    Keys ``from`` and ``to`` (RFC 3339), ``role``, ``kind``, ``add`` and ``remove``
    (user ids). What cannot be read is left out.
    """
    found: dict[str, Any] = {}
    for key, field in (("from", "starts_at"), ("to", "ends_at")):
        try:
            at = datetime.fromisoformat(query.get(key, ""))
        except ValueError:
            continue
        if at.tzinfo is not None:
            found[field] = at
    for key, field in (
        ("role", "role"),
        ("kind", "kind"),
        ("add", "add_user"),
        ("remove", "remove_user"),
    ):
        if query.get(key):
            found[field] = query[key]
    return found


class TakeForm(forms.Form):
    """Taking the pager: which role, for how long."""

    LENGTHS = (
        ("", "Until the shift ends"),
        ("1", "1 hour"),
        ("2", "2 hours"),
        ("4", "4 hours"),
        ("8", "8 hours"),
        ("12", "12 hours"),
        ("24", "24 hours"),
    )
    role = forms.ChoiceField(required=False)
    hours = forms.ChoiceField(label="How long", required=False, choices=LENGTHS)

    def __init__(self, data: Any = None, *, roles: Sequence[str]) -> None:
        super().__init__(data)
        self._first = next(iter(roles), "")
        self.fields["role"].choices = [(r, r.capitalize()) for r in roles]  # type: ignore[attr-defined]

    @property
    def role_chosen(self) -> str:
        """The role, the schedule's first when none is chosen."""
        return str(self.cleaned_data["role"]) or self._first

    @property
    def length(self) -> timedelta | None:
        """How long; None to the end of the shift."""
        hours = self.cleaned_data["hours"]
        return timedelta(hours=int(hours)) if hours else None
