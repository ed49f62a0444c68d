"""Swaps as they are typed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from oncall.domain.swap import Leg
from oncall.forms.fields import MomentField, choose_person
from oncall.models import User
from oncall.queries.swaps import ShiftRow
from oncall.services.swap_checks import SwapForm as SwapValues

# The rest of a shift in progress is given away from here on at the earliest.
NOTICE = timedelta(minutes=15)


class SwapForm(forms.Form):
    """Which of one's shifts to give away, to whom, and for what."""

    shifts = forms.MultipleChoiceField(
        label="Shifts to give away",
        widget=forms.CheckboxSelectMultiple,
        help_text="On your clock.",
    )
    starts_at = MomentField(
        label="Only from",
        required=False,
        help_text="On your clock. Empty gives away whole shifts.",
    )
    ends_at = MomentField(label="Only until", required=False)
    asked = forms.ChoiceField(label="Whom to ask", required=False)
    returns = forms.MultipleChoiceField(
        label="Shifts in return",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Of the one person whom you ask.",
    )
    reason = forms.CharField(max_length=250, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        shifts: Sequence[ShiftRow],
        requester: User,
        people: Sequence[User],
        zone: ZoneInfo,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._shifts = {shift.key: shift for shift in shifts}
        names = {person.pk: person.display_name for person in people}
        mine = [s for s in shifts if s.user_id == requester.pk]
        theirs = [s for s in shifts if s.user_id != requester.pk]
        self.fields["shifts"].choices = [  # type: ignore[attr-defined]
            (each.key, _say(each, zone)) for each in mine
        ]
        self.fields["returns"].choices = [  # type: ignore[attr-defined]
            (each.key, f"{names[each.user_id]}: {_say(each, zone)}")
            for each in theirs
            if each.user_id in names
        ]
        self.fields["asked"].choices = choose_person(  # type: ignore[attr-defined]
            [person for person in people if person != requester],
            ("", "Everybody in the team"),
        )
        self.fields["shifts"].error_messages["invalid_choice"] = _CHANGED
        self.fields["returns"].error_messages["invalid_choice"] = _CHANGED

    def clean(self) -> dict[str, Any]:
        """Ask that what comes in return belongs to the person asked."""
        clean = super().clean() or {}
        asked = clean.get("asked", "")
        for key in clean.get("returns", []):
            if str(self._shifts[key].user_id) != asked:
                self.add_error(
                    "returns", "Choose only shifts of the person whom you ask."
                )
                break
        return clean

    def read(self, now: datetime) -> SwapValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        low = max(clean["starts_at"] or now, _next_quarter(now + NOTICE))
        high = clean["ends_at"] or datetime.max.replace(tzinfo=UTC)
        given = (self._shifts[key] for key in clean["shifts"])
        back = (self._shifts[key] for key in clean["returns"])
        return SwapValues(
            legs=(
                *(
                    Leg(s.role, max(s.starts_at, low), min(s.ends_at, high))
                    for s in given
                ),
                *(Leg(s.role, s.starts_at, s.ends_at, is_return=True) for s in back),
            ),
            asked_id=int(clean["asked"]) if clean["asked"] else None,
            reason=clean["reason"],
        )


_CHANGED = "The roster changed meanwhile. Choose among the shifts as they are now."


class AnswerForm(forms.Form):
    """A word along with a no."""

    answer = forms.CharField(max_length=250, required=False)


def _say(shift: ShiftRow, zone: ZoneInfo) -> str:
    begin, end = (
        f"{at:%a} {at.day} {at:%b %Y %H:%M}"
        for at in (shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone))
    )
    return f"{shift.role.capitalize()}, {begin} to {end}"


def _next_quarter(at: datetime) -> datetime:
    step = timedelta(minutes=15)
    return at + (-(at - at.replace(minute=0, second=0, microsecond=0))) % step
